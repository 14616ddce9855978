"""The extension plpgsql_check, where the server has it: it knows the types of records too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.lint._functions import Function
from harness.lint._plpgsql_tokens import tokens
from harness.lint._resolving import UNRESOLVED, Objection, Resolver
from harness.lint.base import Connection

_QUERY = """
    SELECT lineno, sqlstate, message
    FROM plpgsql_check_function_tb(
        %s::oid::regprocedure, %s::regclass,
        other_warnings := false, extra_warnings := false, performance_warnings := false
    )
    WHERE level = 'error'
"""


def installed(connection: Connection) -> bool:
    """Whether the server could load it."""
    query = "SELECT FROM pg_available_extensions WHERE name = 'plpgsql_check'"
    return connection.execute(query).fetchone() is not None


def objections(
    resolver: Resolver, function: Function, found: Sequence[Objection]
) -> Iterator[Objection]:
    """What it finds beyond what was found, at the first character of the line it names.

    Raises psycopg.Error where it cannot judge the function, as one with polymorphic arguments.
    """
    words = {token.text for token in tokens(function.body)}
    if words & resolver.made or (function.is_trigger and not function.tables):
        return
    lines = {function.body.count("\n", 0, one.offset) + 1 for one in found}
    tables = function.tables if function.is_trigger else ("0",)
    said = [_said(resolver.connection, function, table) for table in tables]
    for one in said[0]:
        line, sqlstate, message = one
        if all(one in others for others in said) and sqlstate in UNRESOLVED and line not in lines:
            yield Objection(_start(function.body, line), sqlstate, message)


def _said(connection: Connection, function: Function, table: str) -> list[tuple[int, str, str]]:
    """Line, SQLSTATE and message of each error; raises psycopg.Error."""
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE EXTENSION IF NOT EXISTS plpgsql_check")
        rows = connection.execute(_QUERY, [function.oid, table]).fetchall()
    return [(line or 1, sqlstate, message) for line, sqlstate, message in rows]


def _start(body: str, line: int) -> int:
    lines = body.split("\n")
    indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    return sum(len(text) + 1 for text in lines[: line - 1]) + indent
