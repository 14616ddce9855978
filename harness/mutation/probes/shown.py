"""What a view shows when there are rows in what it reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Name, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext

_ROWS = 3


class Shown:
    """The rows of a view, over some rows of each table behind it."""

    id: ClassVar[str] = "shown"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/sql-createview.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each view."""
        for table in schema:
            if table.kind == "view":
                yield Property(self.id, table.name, "rows")

    def check(self, prop: Property, context: CheckContext) -> str:
        """Store rows one after the other, and look after each; then write through the view."""
        view = context.schema.by_name[prop.table]
        look = sql.SQL("SELECT * FROM {}").format(view.identifier)
        context.query(look)
        for table in _behind(view, context.schema):
            for _ in range(_ROWS):
                with suppress(Undecided, Failed):
                    context.stored_row(table)
                    context.query(look)
        for command in ("DELETE FROM {}", *_updates(view)):
            context.attempt(sql.SQL(command).format(view.identifier))
        return ""


def _updates(view: Table) -> Iterator[str]:
    """An UPDATE of each column to NULL, or to itself where that may be."""
    for column in view.columns:
        if column.writable and "update" in view.commands:
            name = column.identifier.as_string()
            yield f"UPDATE {{}} SET {name} = {name}"
            yield f"UPDATE {{}} SET {name} = NULL"


def _behind(view: Table, schema: Schema, seen: frozenset[Name] = frozenset()) -> list[Table]:
    """The tables that a view reads, through others as well."""
    found: list[Table] = []
    for name in view.reads:
        table = schema.by_name.get(name)
        if table is None or name in seen:
            continue
        if table.kind == "view":
            found += _behind(table, schema, seen | {view.name})
        elif table.holds_rows:
            found.append(table)
    return list(dict.fromkeys(found))
