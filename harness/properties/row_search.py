"""Rows of a kind: valid ones of which a condition is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from harness.postgres.schema_model import Table
from harness.properties.base import Undecided
from harness.properties.check_context import Bench
from harness.properties.expressions import holds
from harness.rowgen import Draft
from harness.rowgen.conditions import over

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
    for base in chain([first], _nulled(bench, table, columns), _referring(bench, first, columns)):
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
            yield from _valid(bench, table, {name: None})


def _referring(bench: Bench, first: Draft, columns: Sequence[str]) -> Iterator[Draft]:
    """Rows that refer to something where the first refers to nothing."""
    for key in first.table.foreign_keys:
        target = bench.schema.by_name.get(key.target) if key.target else None
        missing = any(first.stored.get(name) is None for name in key.columns)
        if target and missing and set(key.columns) & set(columns):
            for parent in _valid(bench, target, {}):
                row = bench.keep(parent).rows[0]
                given = (row[name] for name in key.target_columns)
                yield from _valid(bench, first.table, dict(zip(key.columns, given, strict=True)))


def _valid(bench: Bench, table: Table, given: Mapping[str, str | None]) -> Iterator[Draft]:
    """A valid row with these values, or none."""
    try:
        yield bench.valid(table, **given)
    except Undecided:
        return
