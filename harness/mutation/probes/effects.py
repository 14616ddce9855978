"""What triggers make of rows, and what they write elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes._rows import MANUAL, of_tables
from harness.mutation.tokens import tokens
from harness.postgres.schema_model import Column, Schema, Table
from harness.properties.base import Failed, NoRow, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.rowgen import Draft, Unsatisfiable

_MOST = 4
"""Values of one column."""
_MOST_PAIRS = 8
"""Of a column that is changed to fit a row, and a value of that."""
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
        try:
            draft = context.valid(table)
        except NoRow as error:
            _beside_others(context, table, error.cause)
            raise
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


def _beside_others(context: CheckContext, table: Table, cause: Unsatisfiable) -> None:
    """Try the row that came closest as it is, then with rows of other tables changed to fit it.

    A trigger that compares rows of several tables refuses every row alone: what it refuses, and
    with which words, is what it does.
    """
    if cause.table.name != table.name:
        return
    draft = Draft(table, {**cause.closest, **_references(context, table)}, {})
    context.attempt(inserting(draft))
    for other, column, value in islice(_pairs(context, table, draft), _MOST_PAIRS):
        with suppress(Undecided, Failed), context.undone():
            update = sql.SQL("UPDATE {} SET {} = {}").format(
                other.identifier, column.identifier, sql.Literal(value)
            )
            if context.attempt(update, keep=True) and context.attempt(inserting(draft)):
                context.keep(inserting(draft))  # it waits for the end only where it is undone
                context.attempt(sql.SQL("DELETE FROM {}").format(table.identifier))


def _references(context: CheckContext, table: Table) -> dict[str, str | None]:
    """Rows stored of each table that a table refers to, and the columns that refer to one of them.

    There are others before and after it, which a comparison other than ``=`` finds as well.
    """
    found: dict[str, str | None] = {}
    for key in table.foreign_keys:
        target = context.schema.by_name.get(key.target) if key.target else None
        if target is not None and target.name != table.name:
            rows = [context.stored_row(target).stored]
            with suppress(Undecided, Failed):
                rows += [context.stored_row(target).stored for _ in range(2)]
            stored = rows[len(rows) // 2]
            columns = zip(key.columns, key.target_columns, strict=True)
            found |= {name: stored.get(to) for name, to in columns}
    return found


def _pairs(
    context: CheckContext, table: Table, draft: Draft
) -> Iterator[tuple[Table, Column, str]]:
    """A column of a table that triggers speak of, and a value of the row's of the same type."""
    for other in _spoken_of(table, context.schema)[1:]:
        for column in other.columns:
            for name, value in draft.values.items():
                alike = table.column(name).type.root == column.type.root
                if alike and column.insertable and value is not None:
                    yield other, column, value


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
