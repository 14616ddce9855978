"""NULL in each column, and in all columns that may be left out at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes._rows import MANUAL, of_tables
from harness.postgres.schema_model import Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.rowgen import Draft


class Nulls:
    """What becomes of a row with NULL in a column."""

    id: ClassVar[str] = "nulls"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = MANUAL

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each table."""
        return of_tables(self.id, schema)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Insert a valid row, the same with NULL in each column, one with nothing optional.

        Where triggers may fill columns in, update a row as well.
        """
        table = context.schema.by_name[prop.table]
        draft = context.valid(table)
        context.attempt(inserting(draft))
        for column in table.columns:
            if column.insertable and draft.values.get(column.name, "") is not None:
                context.attempt(inserting(draft.replace(**{column.name: None})))
        bare = [c.name for c in table.columns if c.nullable or c.has_default]
        context.attempt(inserting(draft.without(*bare)))
        optional = {c.name: None for c in table.columns if c.nullable and c.insertable}
        context.attempt(inserting(draft.replace(**optional)))
        if any(one.fires and one.timing == "before" for one in table.triggers):
            self._updated(context, table, draft)
        return ""

    def _updated(self, context: CheckContext, table: Table, draft: Draft) -> None:
        """NULL in a row that is there: a trigger may fill in what an INSERT leaves out."""
        with suppress(Undecided, Failed):
            context.keep(inserting(draft))
            for column in table.columns:
                if column.insertable and not column.nullable:
                    update = sql.SQL("UPDATE {} SET {} = NULL")
                    context.attempt(update.format(table.identifier, column.identifier))
