"""Rows of which a CHECK and its mutant say different things, looked for on purpose.

What the boundaries of a condition do not tell apart, a search for a row may: one that satisfies
everything else that is declared, and that exactly one of the two conditions accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import permutations
from typing import ClassVar

from harness.mutation.mutant import ConditionChange, Mutant
from harness.postgres.schema_model import Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.rowgen.conditions import over


class DistinguishingRows:
    """A row for each mutant of a condition."""

    id: ClassVar[str] = "distinguishing_row"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-constraints.html"

    def __init__(self, mutants: Iterable[Mutant] = ()) -> None:
        self._mutants = {mutant.id: mutant for mutant in mutants}

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each mutant that exchanges a CHECK of a table that rows can be put into."""
        for mutant in self._mutants.values():
            swap = mutant.swap
            table = schema.by_name.get(swap.table) if swap else None
            if swap is not None and swap.null_passes and table is not None and table.holds_rows:
                yield Property(self.id, swap.table, mutant.id, "distinguishing_row")

    def check(self, prop: Property, context: CheckContext) -> str:
        """Look for one that the schema accepts, then for one that the mutant accepts."""
        mutant = self._mutants[prop.object]
        swap, table = mutant.swap, context.schema.by_name[prop.table]
        assert swap is not None
        name = mutant.object.rpartition(".")[2]
        alike = over(table, "distinguishing_row", f"({_passes(swap, 0)}) = ({_passes(swap, 1)})")
        draft = context.valid(table)
        for ignored in ("", name):
            if ignored:
                context.rows.ignore(table, ignored)
            with suppress(Undecided, Failed):
                found = context.rows.violation(draft, alike)
                if found is not None:
                    context.attempt(inserting(found))
                for one, other in _pairs(table, alike.columns):
                    context.attempt(inserting(draft.replace(**{one: draft.stored.get(other)})))
        return ""


def _pairs(table: Table, columns: Iterable[str]) -> list[tuple[str, str]]:
    """Columns that refer to the same key: no search gives them values, so one takes the other's."""
    target = {
        name: (key.target, to)
        for key in table.foreign_keys
        for name, to in zip(key.columns, key.target_columns, strict=True)
    }
    read = [name for name in columns if name in target]
    return [(a, b) for a, b in permutations(read, 2) if target[a] == target[b]]


def _passes(swap: ConditionChange, side: int) -> str:
    text = swap.after if side else swap.before
    return f"({text}) IS NOT FALSE"
