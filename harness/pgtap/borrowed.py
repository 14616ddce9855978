"""Private functions of pgTAP that a suite calls, served to who calls them and has none.

``_get('curr_test')``, ``_set('failed', 0)``, ``_temptable('TABLE x', 'y')`` are no part of pgTAP's
interface, and suites use them all the same. They are created in the database of a file whose text
calls them, unless the file, its setup or the schema under test has a function of that name.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

_DEFINITION = re.compile(r"^--# (?P<name>\w+)\n(?P<sql>.*?)(?=^--# |\Z)", re.MULTILINE | re.DOTALL)
_MADE = re.compile(
    rb'\bFUNCTION\s+(?:[\w$]+\s*\.\s*|"[^"]+"\s*\.\s*)?"?(_[a-z_]+)"?\s*\(', re.IGNORECASE
)
_THERE = """
    SELECT proname FROM pg_catalog.pg_proc
    WHERE proname = ANY (%s) AND pronamespace <> 'pg_catalog'::regnamespace
"""


@cache
def _definitions() -> dict[str, str]:
    text = (files("harness.pgtap") / "private_names.sql").read_text("utf-8")
    return {match["name"]: match["sql"] for match in _DEFINITION.finditer(text)}


_CALLED = re.compile(rb"(?<![\w$.])(_(?:get|set|temptable|table_privs|get_schema_owner))\s*\(")


def names(content: bytes) -> tuple[str, ...]:
    """Which of these functions a script calls and does not make."""
    called = {match[1].decode() for match in _CALLED.finditer(content)}
    if not called:
        return ()
    made = {match[1].lower().decode() for match in _MADE.finditer(content)}
    return tuple(sorted(called - made))


def lend(connection: psycopg.Connection[Any], borrowed: tuple[str, ...], schema: str) -> None:
    """Create those functions that the database has not, in the schema of the library."""
    from harness.pgtap.library import in_schema

    there = {name for (name,) in connection.execute(_THERE, [list(borrowed)])}
    for name in borrowed:
        if name not in there:
            connection.execute(in_schema(_definitions()[name], schema).encode())
    # Whatever the default privileges are that the schema under test has altered.
    grant = "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {} TO PUBLIC"
    connection.execute(sql.SQL(grant).format(sql.Identifier(schema)))
