"""What a server refuses since it is not the server that a schema was written for, and the remedy.

Told by SQLSTATE and by where in the server it is raised; the text only gives the name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from harness.postgres.session import Failure
from harness.sources import _other_databases as other_databases

ADD = "harness postgres add"
"""The command that fetches a PostgreSQL with ICU, libxml and all of contrib."""
WITH_CONTRIB = frozenset(
    {"adminpack", "amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube"}
    | {"dblink", "dict_int", "dict_xsyn", "earthdistance", "file_fdw", "fuzzystrmatch", "hstore"}
    | {"insert_username", "intagg", "intarray", "isn", "lo", "ltree", "moddatetime", "pageinspect"}
    | {"pg_buffercache", "pg_freespacemap", "pg_prewarm", "pg_stat_statements", "pg_surgery"}
    | {"pg_trgm", "pg_visibility", "pg_walinspect", "pgcrypto", "pgrowlocks", "pgstattuple"}
    | {"pltcl", "pltclu", "postgres_fdw", "refint", "seg", "sslinfo", "tablefunc", "tcn"}
    | {"tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp", "xml2"}
)
"""Extensions of the builds that the command fetches."""
DEBIAN = {
    "postgis": "postgresql-{0}-postgis-3",
    "postgis_raster": "postgresql-{0}-postgis-3",
    "postgis_topology": "postgresql-{0}-postgis-3",
    "pgrouting": "postgresql-{0}-pgrouting",
    "vector": "postgresql-{0}-pgvector",
    "pg_cron": "postgresql-{0}-cron",
    "pg_partman": "postgresql-{0}-partman",
    "hypopg": "postgresql-{0}-hypopg",
    "rum": "postgresql-{0}-rum",
    "semver": "postgresql-{0}-semver",
    "pgaudit": "postgresql-{0}-pgaudit",
    "pg_repack": "postgresql-{0}-repack",
    "hll": "postgresql-{0}-hll",
    "ip4r": "postgresql-{0}-ip4r",
    "plpython3u": "postgresql-plpython3-{0}",
    "plperl": "postgresql-plperl-{0}",
    "plperlu": "postgresql-plperl-{0}",
    "plpgsql_check": "postgresql-{0}-plpgsql-check",
    "pg_similarity": "postgresql-{0}-similarity",
    "pgrowlocks": "postgresql-{0}",
    "h3": "postgresql-{0}-h3",
    "age": "postgresql-{0}-age",
}
"""Extension -> Debian's package of it, for a major version."""
_RELEASES = {"bookworm": 15, "trixie": 17, "jammy": 14, "noble": 16}
_EXTENSION = re.compile(r'extension "(?P<name>[^"]+)"|extension/(?P<file>[^"/]+)\.control"')
_LIBRARY = re.compile(r'"(?:[^"]*/)?(?P<name>[^"/]+?)(?:\.so|\.dylib)?"')
_ROLE = re.compile(r'role "(?P<name>[^"]+)" does not exist')
_SUPABASE = re.compile(
    r'schema "(?:auth|storage|extensions)" does not exist|(?:auth|storage)\.\w+.* does not exist'
)
_LANGUAGE = re.compile(r'language "(?P<name>[^"]+)" does not exist')
_MAKES_LANGUAGE = re.compile(r"\s*CREATE\s+(?:TRUSTED\s+|PROCEDURAL\s+)*LANGUAGE\b", re.IGNORECASE)
_IS_THERE = (
    "every database has plpgsql since PostgreSQL 9.0: take this statement out, or write CREATE OR"
    " REPLACE LANGUAGE"
)
_COLLATION = re.compile(r'collation "(?P<name>[^"]+)" for encoding')


@dataclass(frozen=True, slots=True)
class Need:
    """What a server lacks."""

    kind: str
    """``extension``, ``ICU``, ``libxml``, ``collation``, ``role``, ``Supabase``."""
    name: str = ""


def need_of(failure: Failure) -> Need | None:
    """What a failure says that the server lacks; None for any other failure."""
    state, message = failure.sqlstate, failure.message
    absent = failure.function == "parse_extension_control_file" or "is not available" in message
    if state in ("0A000", "58P01") and absent:
        found = _EXTENSION.search(message)
        return Need("extension", (found["name"] or found["file"]) if found else "")
    if state == "58P01" and (found := _LIBRARY.search(message)):
        return Need("extension", found["name"])
    if state == "0A000" and "ICU is not supported" in message:
        return Need("ICU")
    if state == "0A000" and "unsupported XML feature" in message:
        return Need("libxml")
    if state in ("3F000", "42883", "42P01") and _SUPABASE.search(message):
        return Need("Supabase")
    if state == "42704":
        return _undefined(message)
    return None


def _undefined(message: str) -> Need | None:
    if found := _ROLE.search(message):
        return Need("role", found["name"])
    if found := _LANGUAGE.search(message):
        return Need("extension", found["name"])
    if found := _COLLATION.search(message):
        return Need("ICU" if found["name"].endswith("-x-icu") else "collation", found["name"])
    return None


def _packaged() -> int:
    """The major version of PostgreSQL that this machine's distribution packages."""
    try:
        text = Path("/etc/os-release").read_text("utf-8")
    except OSError:
        return 17
    return next((major for name, major in _RELEASES.items() if f"={name}" in text), 17)


def with_remedy(failure: Failure) -> Failure:
    """The failure; with the ways to have what the server lacks, or whose SQL it is."""
    need = need_of(failure)
    if need is not None:
        return replace(failure, hint=remedy(need))
    if failure.sqlstate == "42710" and _MAKES_LANGUAGE.match(failure.statement):
        return replace(failure, hint=_IS_THERE)
    other = other_databases.of_failure(failure)
    return failure if other is None else replace(failure, hint=str(other))


def remedy(need: Need) -> str:
    """What to do about it, in one sentence."""
    if need.kind == "Supabase":
        return (
            'Supabase has it: --source supabase, or source = "supabase" in [tool.harness], applies'
            " the schema to what its platform has"
        )
    if need.kind == "role":
        return (
            "a role that nobody makes: in pyproject.toml, [tool.harness] create_roles = true makes"
            ' it for the run, and before = ["roles.sql"] names SQL that runs before the first'
            " migration"
        )
    if need.kind in ("ICU", "libxml") or need.name in WITH_CONTRIB:
        what = need.name or need.kind
        return f"the PostgreSQL from pip lacks {what}; '{ADD} 18' fetches one that has it"
    if need.kind == "collation":
        return (
            "a locale of the machine that wrote the schema; --bindir names a PostgreSQL of a"
            " machine that has it, --server one that runs"
        )
    start = f"no PostgreSQL from pip or npm has {need.name}; "
    server = "--server the URL of one that runs, such as a container of your platform's image"
    package = DEBIAN.get(need.name)
    if package is None:
        return f"{start}--bindir names the programs of one that has it, {server}"
    major = _packaged()
    installed = f"apt-get install {package.format(major)}"
    folder = f"/usr/lib/postgresql/{major}/bin"
    return f"{start}after '{installed}' --bindir {folder} does, or name with {server}"
