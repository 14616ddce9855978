"""What columns get that a row leaves out: as much as their defaults say at the same moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes._rows import of_tables
from harness.postgres.schema_model import Column, Schema
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.rowgen import Draft


class Defaults:
    """A row without the columns that have defaults, compared with these in its transaction."""

    id: ClassVar[str] = "defaults"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-default.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each table with a default."""
        for prop in of_tables(self.id, schema):
            if any(column.default for column in schema.by_name[prop.table].columns):
                yield prop

    def check(self, prop: Property, context: CheckContext) -> str:
        """Leave them out one by one, then all."""
        table = context.schema.by_name[prop.table]
        draft = context.valid(table)
        moving = [c for c in table.columns if c.default and not c.generated]
        for some in [*([c] for c in moving), *([moving] if len(moving) > 1 else [])]:
            self._left_out(context, draft.without(*(c.name for c in some)), some)
        return ""

    def _left_out(self, context: CheckContext, draft: Draft, columns: Sequence[Column]) -> None:
        """Insert a draft without these columns, and compare what is stored."""
        table = draft.table
        with suppress(Undecided, Failed), context.undone():
            if not context.attempt(inserting(draft), keep=True):
                return
            same = [
                sql.SQL("{} IS NOT DISTINCT FROM ({})::{} AS {}").format(
                    column.identifier,
                    sql.SQL(column.default or "NULL"),
                    sql.SQL(column.type_sql),
                    column.identifier,
                )
                for column in columns
                if "nextval(" not in (column.default or "")
            ]
            if same:
                context.query(
                    sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(same), table.identifier)
                )
