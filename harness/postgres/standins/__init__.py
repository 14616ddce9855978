"""Stand-ins in SQL for extensions that a PostgreSQL may lack: pgcrypto, uuid-ossp, Supabase's.

The files say of each function whether it is exact, keeps its contract (a round trip, the form of a
result, its errors), or refuses. What the stand-in did not make, such as a hash of the real
``crypt()``, is refused with 0A000 and never answered wrongly.

PostgreSQL 18 finds them by ``extension_control_path``, after its own, so that a real one wins.
Before 18, ``CREATE EXTENSION`` is replaced by a block that asks for the real one first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from harness.postgres.psql import Statement
from harness.postgres.psql.lexer import bare

if TYPE_CHECKING:
    import psycopg

REFUSES = "the stand-in for "
"""What each message begins with of what a stand-in cannot do; a notice says it, too."""
INEXACT = "only the form is that of the real one: "
"""What a notice begins with where a value is made that the real extension makes another way."""
VERSIONS = {
    "pgcrypto": "1.4",
    "uuid-ossp": "1.1",
    "pg_cron": "1.6",
    "pg_net": "0.14.0",
    "http": "1.6",
    "pg_tle": "1.4.0",
    "supabase-dbdev": "0.0.5",
    "basejump-supabase_test_helpers": "0.0.6",
    "pgsodium": "3.1.8",
    "supabase_vault": "0.3.1",
    "pg_graphql": "1.5.9",
    "pgjwt": "0.2.0",
}
"""Extension -> version of the interface."""
_PROBES = {
    "pgcrypto": "gen_salt(text)",
    "uuid-ossp": "uuid_nil()",
    "http": "urlencode(character varying)",
    "pgjwt": "url_encode(bytea)",
}
"""A function in the schema that is named; of the others it is a schema of their own."""
HOMES = {
    "pg_cron": "cron",
    "pg_net": "net",
    "pg_tle": "pgtle",
    "supabase-dbdev": "dbdev",
    "basejump-supabase_test_helpers": "tests",
    "pgsodium": "pgsodium",
    "supabase_vault": "vault",
    "pg_graphql": "graphql",
}
_OF_SUPABASE = frozenset({"http", "pg_cron", "pg_net"})
"""What sends or runs something: elsewhere than at Supabase a schema may rely on its result."""
_SERVED_AS_IT_IS = """
    SELECT to_regnamespace('supabase_functions') IS NOT NULL OR EXISTS (
        SELECT FROM pg_available_extensions
        WHERE name = %s AND comment NOT LIKE '%%(a stand-in, by pgtap-harness)'
    )
"""
_ALIKE = {"basejump-supabase_test_helpers": ("0.0.1", "0.0.2", "0.0.3", "0.0.4", "0.0.5")}
"""Versions that suites ask for and that are served alike."""
_ASKED = re.compile(
    r'(?P<verb>CREATE|DROP|ALTER|COMMENT ON) EXTENSION (?:IF (?:NOT )?EXISTS )?"?(?P<name>'
    + "|".join(re.escape(name.upper()) for name in VERSIONS)
    + r')"?(?![\w"-])'
)
_NAME = r'"(?:[^"]|"")+"|[\w$]+'
_SCHEMA = re.compile(rf"\bSCHEMA\s+({_NAME})", re.IGNORECASE)
_USED = """
    SELECT DISTINCT substring(prosrc FROM '-- stand-in of pgtap-harness: ([a-z_-]+)')
    FROM pg_catalog.pg_proc
    WHERE proname IN (
        'gen_salt', 'uuid_generate_v1mc', 'schedule', 'http_get', 'http', 'install_extension',
        'install', 'create_supabase_user', 'create_key', 'create_secret', 'resolve', 'url_encode'
    ) AND prosrc LIKE '%-- stand-in of pgtap-harness: %'
    ORDER BY 1
"""


@cache
def control_files() -> Mapping[str, str]:
    """The files of the extensions, by name."""
    folder = files("harness.postgres.standins")
    names = (entry.name for entry in folder.iterdir())
    wanted = sorted(name for name in names if name.endswith((".sql", ".control")))
    found = {name: (folder / name).read_text("utf-8") for name in wanted}
    for name, versions in _ALIKE.items():
        text = found[f"{name}--{VERSIONS[name]}.sql"]
        found |= {f"{name}--{version}.sql": text for version in versions}
    return found


def fingerprint() -> str:
    """A text that differs whenever a file does."""
    return hashlib.sha256(repr(control_files()).encode()).hexdigest()


def asked(statement: Statement) -> tuple[str, str] | None:
    """What a statement does with which of the extensions; None for any other statement."""
    if statement.sql[:6].upper() == "SELECT" or "xtension" not in statement.sql.lower():
        return None
    found = _ASKED.match(bare(statement.sql))
    return (found["verb"], found["name"].lower()) if found else None


def withheld(connection: psycopg.Connection[Any], statement: Statement) -> str:
    """The extension that a CREATE EXTENSION names and that has a stand-in for Supabase alone.

    Empty for any other, for a Supabase project, and where the server has the real one.
    """
    found = asked(statement)
    if found is None or found[0] != "CREATE" or found[1] not in _OF_SUPABASE:
        return ""
    row = connection.execute(_SERVED_AS_IT_IS, [found[1]], prepare=False).fetchone()
    return "" if row == (True,) else found[1]


def loads(connection: psycopg.Connection[Any], statement: Statement) -> bool:
    """Whether the real extension that a CREATE EXTENSION names could be loaded, if it is there.

    False where its files are there and the library wants what the machine or the server's
    settings have not, and for a pg_cron that works in another database of the server alone.
    """
    import psycopg

    found = asked(statement)
    if found is None or found[0] != "CREATE":
        return True
    library = _literal(f"$libdir/{found[1]}")
    try:
        with connection.transaction():
            connection.execute(f"LOAD {library}".encode(), prepare=False)
    except psycopg.Error as error:
        # Where there is no file the message has the name as it was asked for, else its path.
        return "$libdir" in (error.diag.message_primary or "")
    if found[1] == "pg_cron":
        query = "SELECT current_setting('cron.database_name', true)"
        return connection.execute(query, prepare=False).fetchone() == (connection.info.dbname,)
    return True


def in_place(statement: Statement, real: bool = True) -> Statement | None:
    """Put the functions where CREATE EXTENSION asks for them, unless the real one is there.

    Without ``real`` even then. DROP EXTENSION drops them; what else is done to it does nothing.
    """
    found = asked(statement)
    if found is None:
        return statement
    verb, name = found
    if verb == "DROP":
        return _dropping(statement, name)
    schema = _SCHEMA.search(statement.sql) if verb == "CREATE" else None
    target = "NULL"
    if schema:
        text = schema[1]
        named = text[1:-1].replace('""', '"') if text.startswith('"') else text.lower()
        target = _literal(named)
    library = _library(name) if verb == "CREATE" else ""
    if library and "\nschema = " in control_files()[f"{name}.control"]:
        library = f"CREATE SCHEMA {HOMES[name]};\n{library}"  # which the server would make
    template = (files("harness.postgres.standins") / "create_extension.template").read_text("utf-8")
    made = (
        template.replace("/* name */", _literal(name))
        .replace("/* real */", "true" if real else "false")
        .replace("/* schema */", target)
        .replace("/* probe */", _literal(_PROBES.get(name, "")))
        .replace("/* home */", _literal(HOMES.get(name, "")))
        .replace("/* statement */", statement.sql.strip().rstrip(";"))
        .replace("/* library */", library)
    )
    return statement._replace(sql=made, breaks=())


def _dropping(statement: Statement, name: str) -> Statement:
    cascade = re.search(r"\bCASCADE\b", bare(statement.sql)) is not None
    values = {
        "name": _literal(name),
        "home": _literal(HOMES.get(name, "")),
        "behaviour": _literal(" CASCADE" if cascade else ""),
        "statement": statement.sql.strip().rstrip(";"),
        "library": _library(name),
    }
    text = (files("harness.postgres.standins") / "drop_extension.template").read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f"/* {key} */", value)
    return statement._replace(sql=text, breaks=())


def _library(name: str) -> str:
    """What CREATE EXTENSION runs, without what only psql reads."""
    return re.sub(r"(?m)^\\echo.*$", "", control_files()[f"{name}--{VERSIONS[name]}.sql"])


def used(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    """Which of them a database has."""
    return tuple(name for (name,) in connection.execute(_USED))


def remark(names: tuple[str, ...]) -> str:
    """What is said once of a run that used them."""
    several = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    are = "are stand-ins" if len(names) > 1 else "is a stand-in"
    start = f"{several} {are} in SQL, since this PostgreSQL has no real one"
    fetched = "; 'harness postgres add 18' fetches one that has"
    return start + (fetched if {"pgcrypto", "uuid-ossp"} & {*names} else "")


# --- the assertion library, which stands in for pgTAP ------------------------------------------
# It is there before any script runs, so ``CREATE SCHEMA tap`` would say that it exists, and
# ``CREATE EXTENSION pgtap SCHEMA tap``, the usual way to keep pgTAP out of ``public``, that its
# functions do.

COMMENT = "The interface of pgTAP, by pgtap-harness"
"""The comment on the schema that was made for the library: 26_cluster.sql looks for it."""

_NEW_SCHEMA = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*CREATE\s+SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?P<name>(?!AUTHORIZATION\b)(?:{_NAME}))"
    rf"(?:\s+AUTHORIZATION\s+(?P<owner>{_NAME}))?\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
_PGTAP = re.compile(r'CREATE EXTENSION (?:IF NOT EXISTS )?"?PGTAP"?(?![\w"])')


def created_schema(statement: Statement) -> str | None:
    """The name of the schema that a statement creates empty, as it stands in SQL."""
    match = _NEW_SCHEMA.fullmatch(statement.sql) if "schema" in statement.sql.lower() else None
    return match["name"] if match else None


def giving_up(statement: Statement) -> Statement:
    """The CREATE SCHEMA of a name that the library's schema may have: it becomes the script's."""
    match = _NEW_SCHEMA.fullmatch(statement.sql)
    if match is None:
        return statement
    text = (files("harness.postgres.standins") / "create_schema.template").read_text("utf-8")
    values = {
        "name": match["name"],
        "comment": COMMENT,
        "statement": statement.sql.rstrip().rstrip(";"),
        "owner": match["owner"] or "",
    }
    for key, value in values.items():
        text = text.replace(f"/* {key} */ ''", _literal(value))
    return statement._replace(sql=text, breaks=())


def around_library(connection: psycopg.Connection[Any], statement: Statement) -> Statement | None:
    """What a migration sends instead of a statement where the library is in the way.

    None for a CREATE EXTENSION pgtap where the library is already; PostgreSQL 18 makes an
    extension of it.
    """
    if made := created_schema(statement):
        return giving_up(statement) if _holds(connection, made) else statement
    if "xtension" not in statement.sql.lower() or not _PGTAP.match(bare(statement.sql)):
        return statement
    schema = _SCHEMA.search(statement.sql)
    if schema and connection.info.server_version < 180000 and _holds(connection, schema[1]):
        return None
    return statement


def _holds(connection: psycopg.Connection[Any], schema: str) -> bool:
    """Whether a schema, named as in SQL, has the library."""
    query = "SELECT pg_catalog.to_regprocedure(%s || '.__harness_is_ours(oid)') IS NOT NULL"
    return connection.execute(query, [schema]).fetchone() == (True,)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
