"""States: which values a column has in the rows that somebody reaches: drafts, a time to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from psycopg import sql

from harness.access.catalog import Column
from harness.access.reading import printed
from harness.access.writing import Cell, Writer

_TIMES = ("timestamptz", "timestamp", "date")
_COMMANDS = ("SELECT", "UPDATE", "DELETE")
_MOST = 8
_HELD = sql.SQL(
    "SELECT array_agg(tableoid::text || ctid::text || ' ' || coalesce({}, 'NULL')) FROM {}"
)


def states(writer: Writer, cells: Mapping[str, Cell]) -> Iterator[tuple[str, str, str]]:
    """Command, column and values, where an identity reaches rows with some of the values only.

    Of columns that conditions read and that do not say whose a row is. Classes of rows do not tell
    this: a post is shared whether it is out or not, if everybody sees it.
    """
    relation = writer.relation
    if not relation.protected or not relation.holds_rows:
        return
    for column in _columns(writer):
        query = _HELD.format(printed(column.name), relation.name.identifier).as_string(None)
        pairs = (one.split(" ", 1) for one in writer.reader.as_superuser(query))
        held = {place: _state(column, text) for place, text in pairs}
        every = {*held.values()}
        for command in _COMMANDS if 1 < len(every) <= _MOST else ():
            reached = cells[command].reached if command in cells else frozenset()
            some = {held[place] for place in reached if place in held}
            if some and some != every:
                yield command, column.name, ", ".join(sorted(some))


def _columns(writer: Writer) -> Iterator[Column]:
    """Those with few values: flags, states, times."""
    keys = writer.table.foreign_keys if writer.table else ()
    whose = {*writer.inputs.principal, *(name for key in keys for name in key.columns)}
    for name in writer.telling:
        column = writer.relation.column(name)
        few = column.type in ("bool", "text", "varchar", *_TIMES) or column.kind == "e"
        if few and name not in whose and not column.in_key:
            yield column


def _state(column: Column, text: str) -> str:
    """A value; of a time, whether it is past."""
    if column.type not in _TIMES or text == "NULL":
        return text
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    return "past" if text[:10] <= now and not text.startswith("infinity") else "to come"
