"""Rows that are alike in one column, in the columns of a key, in all of them but one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import ClassVar

from harness.mutation.probes._rows import MANUAL, of_tables, pair
from harness.postgres.schema_model import Constraint, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting


class Alike:
    """A second row that is equal to the first in some columns and in no other."""

    id: ClassVar[str] = "alike"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = MANUAL

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each table."""
        return of_tables(self.id, schema)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Insert each such row, and undo it."""
        table = context.schema.by_name[prop.table]
        found = pair(context, table)
        if found is None:
            return ""
        first, second = found
        keys = {name for index in table.indexes if index.unique for name in index.reads}
        near = {c.name: first.stored.get(c.name) for c in table.columns if c.name not in keys}
        writable = {n: text for n, text in near.items() if table.column(n).generated is None}
        # What else it needs to be valid is then as it is in the first.
        context.attempt(inserting(second.replace(**writable)))
        for names in _equal(table):
            same = {name: first.stored.get(name) for name in names}
            context.attempt(inserting(second.replace(**same)))
        for key in table.foreign_keys:
            if any(first.stored.get(name) is None for name in key.columns):
                _refer_alike(context, table, key)
        return ""


def _refer_alike(context: CheckContext, table: Table, key: Constraint) -> None:
    """Two rows that refer to the same by a key that rows can do without."""
    with suppress(Undecided, Failed), context.undone():
        first = context.referring(table, key)
        context.keep(inserting(first))
        same = {name: first.stored[name] for name in key.columns}
        context.attempt(inserting(context.valid(table).replace(**same)))


def _equal(table: Table) -> list[tuple[str, ...]]:
    """The sets of columns in which the two rows are equal, each once."""
    found: list[Sequence[str]] = [()]
    found += [(column.name,) for column in table.columns]
    for index in table.indexes:
        if index.unique:
            names = [name for name in index.columns if name]
            found.append(names)
            found += [[n for n in names if n != gone] for gone in names]
    writable = {column.name for column in table.columns if column.generated is None}
    return list(dict.fromkeys(tuple(names) for names in found if {*names} <= writable))
