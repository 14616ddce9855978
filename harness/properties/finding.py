"""Rows of a kind: valid ones of which a condition is true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.properties.base import Undecided
from harness.properties.bench import Bench
from harness.properties.expressions import holds
from harness.relations import Table
from harness.rows import Draft
from harness.rows.conditions import over

_TRIES = 4


def row_where(bench: Bench, table: Table, condition: str, columns: Sequence[str]) -> Draft:
    """A row that the server accepts and of which the condition is true as it is stored.

    ``columns`` are those that it reads. Raises Undecided where none is found.
    """
    for draft in _candidates(bench, table, condition, columns):
        if holds(bench, table, draft.stored, condition):
            return draft
    raise Undecided(f"no valid row of which this is true: {condition}")


def _candidates(
    bench: Bench, table: Table, condition: str, columns: Sequence[str]
) -> Iterator[Draft]:
    yield (first := bench.valid(table))
    broken = over(table, "", f"({condition}) IS NOT TRUE")
    bases = [first, *_nulled(bench, table, columns)]
    for base in bases:
        yield base
        changed = bench.rows.violation(base, broken)
        if changed is not None and (stored := bench.stored(changed)) is not None:
            yield stored
    for _ in range(_TRIES):
        yield bench.valid(table)


def _nulled(bench: Bench, table: Table, columns: Sequence[str]) -> Iterator[Draft]:
    """Rows that refer to nothing: what a foreign key reads is chosen with its parent."""
    referring = {name for key in table.foreign_keys for name in key.columns}
    for name in columns:
        column = table.column(name)
        if name in referring and column.nullable and column.insertable:
            try:
                yield bench.valid(table, **{name: None})
            except Undecided:
                continue
