"""The schema of the assertion library, where a script wants one of that name for itself.

It is made before any script runs, so ``CREATE SCHEMA tap`` would say that it exists, and
``CREATE EXTENSION pgtap SCHEMA tap``, the usual way to keep pgTAP out of ``public``, that its
functions do.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from harness.postgres.psql import Statement
from harness.postgres.psql.lexer import bare

if TYPE_CHECKING:
    import psycopg

COMMENT = "The interface of pgTAP, by pgtap-harness"
"""The comment on the schema that was made for the library: 26_cluster.sql looks for it."""

_NAME = r'"(?:[^"]|"")+"|[\w$]+'
_NEW_SCHEMA = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*CREATE\s+SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?P<name>(?!AUTHORIZATION\b)(?:{_NAME}))"
    rf"(?:\s+AUTHORIZATION\s+(?P<owner>{_NAME}))?\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
_EXTENSION = re.compile(r'CREATE EXTENSION (?:IF NOT EXISTS )?"?PGTAP"?(?![\w"])')
_IN_SCHEMA = re.compile(rf"\bSCHEMA\s+({_NAME})", re.IGNORECASE)


def created_schema(statement: Statement) -> str | None:
    """The name of the schema that a statement creates empty, as it stands in SQL."""
    match = _NEW_SCHEMA.fullmatch(statement.sql) if "schema" in statement.sql.lower() else None
    return match["name"] if match else None


def giving_up(statement: Statement) -> Statement:
    """The CREATE SCHEMA of a name that the library's schema may have: it becomes the script's."""
    match = _NEW_SCHEMA.fullmatch(statement.sql)
    if match is None:
        return statement
    folder = files("harness.postgres.standins")
    text = (folder / "create_schema.template").read_text("utf-8")
    values = {
        "name": match["name"],
        "comment": COMMENT,
        "statement": statement.sql.rstrip().rstrip(";"),
        "owner": match["owner"] or "",
    }
    for key, value in values.items():
        text = text.replace(f"/* {key} */ ''", _literal(value))
    return statement._replace(sql=text, breaks=())


def in_place(connection: psycopg.Connection[Any], statement: Statement) -> Statement | None:
    """What a migration sends instead of a statement where the library is in the way.

    None for a CREATE EXTENSION pgtap where the library is already; PostgreSQL 18 makes an
    extension of it.
    """
    if made := created_schema(statement):
        return giving_up(statement) if _holds(connection, made) else statement
    if "xtension" not in statement.sql.lower() or not _EXTENSION.match(bare(statement.sql)):
        return statement
    schema = _IN_SCHEMA.search(statement.sql)
    if schema and connection.info.server_version < 180000 and _holds(connection, schema[1]):
        return None
    return statement


def _holds(connection: psycopg.Connection[Any], schema: str) -> bool:
    """Whether a schema, named as in SQL, has the library."""
    query = "SELECT pg_catalog.to_regprocedure(%s || '.__harness_is_ours(oid)') IS NOT NULL"
    return connection.execute(query, [schema]).fetchone() == (True,)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
