"""Tap: the assertions of the library, called from Python."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from harness.core.results import Location
from harness.pgtap.tap import TapReader

_OF_ANY_TYPE = (psycopg.errors.IndeterminateDatatype, psycopg.errors.DatatypeMismatch)
"""What the server says where 'a' could be of any type, as it does to quoted constants in SQL."""


class Tap:
    """Every assertion as a method: ``tap.has_table("tasks")``.

    Arguments are what the SQL function takes. A name that Python keeps for itself has an
    underscore behind it: ``tap.is_(1, 1)``. An assertion that fails raises AssertionError
    with its description and its diagnostics.
    """

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self._connection, self._schema = connection, schema
        connection.execute(self._call("no_plan", []))

    def __getattr__(self, name: str) -> Callable[..., None]:
        """The assertion of a name."""
        if name.startswith("_"):
            raise AttributeError(name)

        def assertion(*arguments: Any) -> None:
            __tracebackhide__ = True
            _judge("\n".join(self._lines(name.rstrip("_"), arguments)))

        return assertion

    def _lines(self, name: str, arguments: tuple[Any, ...]) -> list[str]:
        marks = [sql.SQL("%s") for _ in arguments]
        try:
            rows = self._rows(self._call(name, marks), arguments)
        except _OF_ANY_TYPE:
            marks = [sql.SQL("%s::text" if isinstance(a, str) else "%s") for a in arguments]
            rows = self._rows(self._call(name, marks), arguments)
        return [str(value) for row in rows for value in row if value is not None]

    def _rows(self, query: sql.Composed, arguments: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Run a query; in a transaction of the test's, an error does not end that."""
        idle = self._connection.info.transaction_status is TransactionStatus.IDLE
        with nullcontext() if idle else self._connection.transaction():
            return self._connection.execute(query, arguments).fetchall()

    def _call(self, name: str, marks: list[sql.SQL]) -> sql.Composed:
        function = sql.Identifier(self._schema, name)
        return sql.SQL("SELECT * FROM {}({})").format(function, sql.SQL(", ").join(marks))


def _judge(text: str) -> None:
    """Raise what TAP says of a failure."""
    __tracebackhide__ = True
    reader = TapReader()
    reader.feed(_renumbered(text), Location(Path(), 1))
    failed = [result for result in (*reader.results, *reader.problems) if not result.outcome.ok]
    if failed:
        raise AssertionError("\n".join(f"{r.title}\n{r.message}" for r in failed))
    if not reader.results:
        raise AssertionError(f"no result: {text or 'the function gave nothing'}")


def _renumbered(text: str) -> str:
    """Without the numbers: several assertions of one test each give one of their own."""
    lines = (line.split(" ", 2) for line in text.splitlines())
    return "\n".join(_unnumbered(words) for words in lines)


def _unnumbered(words: list[str]) -> str:
    if words[0] == "ok" and len(words) > 1 and words[1].isdigit():
        return " ".join([words[0], *words[2:]])
    if words[:2] == ["not", "ok"] and len(words) > 2:
        number, _, rest = words[2].partition(" ")
        return f"not ok {rest if number.isdigit() else words[2]}"
    return " ".join(words)
