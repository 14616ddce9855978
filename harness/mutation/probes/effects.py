"""What triggers make of rows, and what they write elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes._rows import MANUAL, of_tables
from harness.mutation.tokens import tokens
from harness.postgres.schema_model import Column, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.rowgen import Draft

_MOST = 4
"""Values of one column."""
_NEXT = {
    **dict.fromkeys(("int2", "int4", "int8", "numeric", "date"), sql.SQL("{} + 1")),
    **dict.fromkeys(("timestamp", "timestamptz"), sql.SQL("{} + interval '1 day'")),
    "text": sql.SQL("{} || 'x'"),
}
"""A value that stays in the bounds of conditions more often than any other."""


class Effects:
    """All rows of the tables that a trigger speaks of, after each change of its own table."""

    id: ClassVar[str] = "effects"
    group: ClassVar[str] = "triggers"
    manual: ClassVar[str] = MANUAL

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each table with triggers that fire."""
        for prop in of_tables(self.id, schema):
            if any(trigger.fires for trigger in schema.by_name[prop.table].triggers):
                yield prop

    def check(self, prop: Property, context: CheckContext) -> str:
        """Insert a row, update each of its columns, delete it; look each time."""
        table = context.schema.by_name[prop.table]
        looks = [
            sql.SQL("SELECT * FROM {}").format(one.identifier)
            for one in _spoken_of(table, context.schema)
        ]
        draft = context.valid(table)
        context.keep(inserting(draft))
        _look(context, looks)
        for column in table.columns:
            if column.insertable:
                with suppress(Undecided, Failed), context.undone():
                    for value in _values(context, draft, column):
                        update = sql.SQL("UPDATE {} SET {} = {}")
                        text = update.format(table.identifier, column.identifier, value)
                        if context.attempt(text, keep=True):
                            _look(context, looks)
        if context.attempt(sql.SQL("DELETE FROM {}").format(table.identifier), keep=True):
            _look(context, looks)
        return ""


def _values(context: CheckContext, draft: Draft, column: Column) -> list[sql.Composable]:
    """The value that there is, then others one after the other, and the first of these again."""
    texts: list[str | None] = [*context.rows.few(draft.table, column.name)]
    if not texts:
        texts.append(context.varied(draft, [column.name]).values.get(column.name))
        texts += context.rows.plan(draft.table).pool(column.name).accepted
    found = [*dict.fromkeys(text for text in texts if text is not None)][:_MOST]
    null = [None] if column.nullable else []
    own = [sql.SQL("{}"), *filter(None, [_NEXT.get(column.type.root.name)])]
    return [
        *(form.format(column.identifier) for form in own),
        *map(sql.Literal, [*found, *null, *found[:1]]),
    ]


def _spoken_of(table: Table, schema: Schema) -> list[Table]:
    """The table, and those whose names stand in the bodies of its triggers."""
    bodies = [trigger.source for trigger in table.triggers if trigger.fires]
    words = {token.text.strip('"').lower() for body in bodies for token in tokens(body)}
    others = [one for one in schema if one.name.name.lower() in words and one.holds_rows]
    return [table, *(one for one in others if one.name != table.name)]


def _look(context: CheckContext, looks: Sequence[sql.Composable]) -> None:
    for text in looks:
        context.query(text)
