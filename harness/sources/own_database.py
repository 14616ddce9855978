r"""The database of the run, where a schema calls it by the name that it has elsewhere.

``ALTER DATABASE shop SET ...`` and ``GRANT ... ON DATABASE shop`` are about the database that the
schema is applied to, which is called differently here. A psql script may make it first
(``CREATE DATABASE shop``) and go there (``\c shop``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from harness.core.errors import ScriptError
from harness.postgres.psql import Script, Statement
from harness.postgres.psql.lexer import bare

MAINTENANCE = frozenset({"postgres", "template0", "template1"})
"""Databases that every server has; who alters one of them means the one with the schema."""
_ABOUT = re.compile(r"(?P<verb>CREATE|DROP|ALTER|COMMENT ON|(?:GRANT|REVOKE) .*? ON) DATABASE ")
_NAMED = re.compile(
    r'\bDATABASE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?P<name>"(?:[^"]|"")+"|[\w$]+)', re.IGNORECASE
)
_CONNECTS = re.compile(rb"^\s*\\c(?:onnect)?\s+\S", re.MULTILINE)


def connected(files: Iterable[Path]) -> frozenset[str]:
    r"""The database that psql scripts go to by ``\c``, as a set of one name or none.

    Raises ScriptError where they go to several: a run has one database.
    """
    return _connected(tuple((path, path.stat().st_mtime_ns) for path in dict.fromkeys(files)))


@lru_cache(maxsize=8)
def _connected(files: tuple[tuple[Path, int], ...]) -> frozenset[str]:
    found: set[str] = set()
    for path, _ in files:
        if not _CONNECTS.search(path.read_bytes()):
            continue
        for item in Script.open(path, connects=True).connections():
            if item.database and item.database not in MAINTENANCE:
                found.add(item.database)
            if len(found) > 1:
                names = " and ".join(sorted(found))
                message = f"\\c to several databases is not supported: {names}"
                raise ScriptError(item.path, item.line, message)
    return frozenset(found)


def meant(
    connection: psycopg.Connection[Any], own: Collection[str], statement: Statement
) -> Statement | None:
    """The statement about the run's database; None where it makes or drops it under a name.

    ``own`` are names that it has. A database that the server has beside it is left to its name.
    """
    if "DATABASE" not in statement.sql.upper():
        return statement
    about, found = _ABOUT.match(bare(statement.sql)), _NAMED.search(statement.sql)
    if about is None or found is None:
        return statement
    text = found["name"]
    name = text[1:-1].replace('""', '"') if text.startswith('"') else text.lower()
    if about["verb"] in ("CREATE", "DROP"):
        return None if name in own else statement
    if not (name in own or name in MAINTENANCE or not _exists(connection, name)):
        return statement
    current = sql.Identifier(connection.info.dbname).as_string(connection)
    start, end = found.span("name")
    changed = statement.sql[:start] + current + statement.sql[end:]
    return statement._replace(sql=changed)


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = %s)"
    return connection.execute(query, [name], prepare=False).fetchone() == (True,)
