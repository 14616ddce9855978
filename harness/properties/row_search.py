"""Rows of a kind: valid ones of which a condition is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from harness.postgres.schema_model import Table
from harness.properties.base import Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import holds
from harness.rowgen import Draft
from harness.rowgen.conditions import over

_TRIES = 4


def pinned(draft: Draft, read: Iterable[str]) -> Draft:
    """The row with its moving defaults settled, of the columns that something reads.

    A clock, a sequence, a random number has another value in the next INSERT, ``now()`` in the
    next transaction: what was stored once would be judged, and something else be stored.
    """
    columns = map(draft.table.column, dict.fromkeys(read))
    moving = [c.name for c in columns if c.identity or c.volatility in ("stable", "volatile")]
    left_out = {*draft.stored} - {*draft.values}
    return draft.replace(**{name: draft.stored[name] for name in moving if name in left_out})


def row_where(context: CheckContext, table: Table, condition: str, columns: Sequence[str]) -> Draft:
    """A row that the server accepts and of which the condition is true as it is stored.

    ``columns`` are those that it reads. Raises Undecided where none is found.
    """
    read = over(table, "", condition)
    for draft in _candidates(context, table, condition, columns):
        if holds(context, table, draft.stored, condition):
            return pinned(draft, read.columns)
    raise Undecided(f"no valid row of which this is true: {condition}")


def _candidates(
    context: CheckContext, table: Table, condition: str, columns: Sequence[str]
) -> Iterator[Draft]:
    yield (first := context.valid(table))
    broken = over(table, "", f"({condition}) IS NOT TRUE")
    for base in chain(
        [first], _nulled(context, table, columns), _referring(context, first, columns)
    ):
        yield base
        changed = context.rows.violation(base, broken)
        if changed is not None and (stored := context.stored(changed)) is not None:
            yield stored
    for _ in range(_TRIES):
        yield context.valid(table)


def _nulled(context: CheckContext, table: Table, columns: Sequence[str]) -> Iterator[Draft]:
    """Rows that refer to nothing: what a foreign key reads is chosen with its parent."""
    referring = {name for key in table.foreign_keys for name in key.columns}
    for name in columns:
        column = table.column(name)
        if name in referring and column.nullable and column.insertable:
            yield from _valid(context, table, {name: None})


def _referring(context: CheckContext, first: Draft, columns: Sequence[str]) -> Iterator[Draft]:
    """Rows that refer to something where the first refers to nothing."""
    for key in first.table.foreign_keys:
        target = context.schema.by_name.get(key.target) if key.target else None
        missing = any(first.stored.get(name) is None for name in key.columns)
        if target and missing and set(key.columns) & set(columns):
            for parent in _valid(context, target, {}):
                row = context.keep(parent).rows[0]
                given = (row[name] for name in key.target_columns)
                yield from _valid(context, first.table, dict(zip(key.columns, given, strict=True)))


def _valid(context: CheckContext, table: Table, given: Mapping[str, str | None]) -> Iterator[Draft]:
    """A valid row with these values, or none."""
    try:
        yield context.valid(table, **given)
    except Undecided:
        return
