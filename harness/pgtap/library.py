"""The assertion library as SQL: every family file, rendered for one schema.

The files of ``sql/`` are installed in the order of their names. They write the
library's schema as ``tap``; another schema is put in its place here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from importlib.resources import files

from harness.core.config import Config
from harness.postgres.server.datadir import Preload
from harness.postgres.standins import COMMENT

VERSION = "1.3.5"
"""The version of pgTAP whose interface the library has."""

CONTROL = f"""\
comment = 'pgTAP''s interface, by pgtap-harness'
default_version = '{VERSION}'
relocatable = false
superuser = false
trusted = true
"""

_STATEMENTS = re.compile(r"\n(?=CREATE |COMMENT ON |-- )")
_TAP = re.compile(r"\btap\.(?=[a-z_])")
_PRIVATE = re.compile(r"\btap\._(?=[a-z])(?!time_trial_type)")
"""What the files write as ``tap._name``; _time_trial_type is pgTAP's."""

PRIVATE = "__harness_"
"""What the names of private functions begin with in the database: no suite has such names."""


@cache
def families() -> dict[str, str]:
    """File name -> text of every family file, in installation order."""
    folder = files("harness.pgtap") / "sql"
    found = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir()}
    return {name: found[name] for name in sorted(found) if name.endswith(".sql")}


@cache
def objects_sql(schema: str = "tap") -> str:
    """All functions and views of the library, for a schema given as it stands in SQL."""
    text = _PRIVATE.sub(f"tap.{PRIVATE}", "\n".join(_statements()))
    return _TAP.sub(lambda _: f"{schema}.", text) + "\n"


def in_schema(text: str, schema: str) -> str:
    """SQL that writes the library's schema as ``tap``, for the schema of that name."""
    name = schema if schema == "tap" else _quoted(schema)
    return _TAP.sub(lambda _: f"{name}.", text)


def statements_of(name: str) -> Iterator[str]:
    """The statements that create an assertion, its overloads and what implements it."""
    of_it = re.compile(rf"(?:CREATE|COMMENT ON) FUNCTION tap\._?{re.escape(name)}\(")
    found = (s for text in _statements() for s in _STATEMENTS.split(text) if of_it.match(s))
    return (_PRIVATE.sub(f"tap.{PRIVATE}", statement) for statement in found)


def _statements() -> Iterator[str]:
    """Definitions as one statement each, plain SQL as it stands between them."""
    from harness.pgtap import overloads  # late: the cache has the result, mostly
    from harness.pgtap.render import render

    for text in families().values():
        for part in overloads.parse(text):
            yield from [part] if isinstance(part, str) else render(part)


def extension_sql() -> str:
    """The same as the script of an extension, whose schema the server puts in."""
    clear = (files("harness.pgtap") / "clear_extension.sql").read_text("utf-8")
    return clear + objects_sql("@extschema@")


def control_files() -> Mapping[str, str]:
    """The files of an extension ``pgtap`` that is our library, by name."""
    return {"pgtap.control": CONTROL, f"pgtap--{VERSION}.sql": extension_sql()}


def fingerprint(schema: str) -> str:
    """A text that differs whenever the SQL of the library does: rendering it takes longer."""
    package = files("harness.pgtap")
    parts = [*package.iterdir(), *(package / "sql").iterdir()]
    digest = hashlib.sha256(schema.encode())
    for name, content in sorted((p.name, p.read_bytes()) for p in parts if p.is_file()):
        digest.update(b"%s\0%d\0%s" % (name.encode(), len(content), content))
    return digest.hexdigest()


def install_sql(schema: str = "tap") -> str:
    """Everything that installs the library into a schema of its own, in one message.

    It needs CREATE on the database and nothing else; every role may then use the schema.
    """
    name = schema if schema == "tap" else _quoted(schema)
    return (
        # Bodies name functions of later files, and checking them would cost more than all else.
        "SET check_function_bodies = off;\n"
        f"CREATE SCHEMA IF NOT EXISTS {name};\nGRANT USAGE ON SCHEMA {name} TO PUBLIC;\n"
        f"COMMENT ON SCHEMA {name} IS '{COMMENT}';\n"
        f"{objects_sql(name)}"
        "RESET check_function_bodies;\n"
    )


def _quoted(schema: str) -> str:
    from psycopg import sql  # late: it is slow to load, and the server is to start before

    return sql.Identifier(schema).as_string()


def preload(config: Config) -> Preload:
    """What the server of a run has: the library, unless the real extension is to be used."""
    if config.pgtap == "extension":
        return Preload()
    schema = config.pgtap_schema
    return Preload(fingerprint(schema), partial(install_sql, schema), control_files)
