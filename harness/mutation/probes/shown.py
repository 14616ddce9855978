"""What a view shows when there are rows in what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.mutation.tokens import Token, tokens
from harness.postgres.schema_model import Name, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.properties.statement_result import send

_MOST = 12
"""Rows of one table."""
_NEAR = 4
"""Tokens between a column and the constant that it is compared with: ``kind)::text = 'a'``."""


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
        query = _definition(context, view)
        for table in _behind(view, context.schema):
            for given in [*_kinds(table), *_compared(table, query)]:
                with suppress(Undecided, Failed):
                    context.stored_row(table, **given)
                    context.query(look)
            with suppress(Undecided, Failed):
                another = context.varied(context.valid(table), [c.name for c in table.columns])
                context.keep(inserting(another))
                context.query(look)
        context.attempt(sql.SQL("DELETE FROM {}").format(view.identifier))
        for statement in _updates(view):
            context.attempt(statement)
        return ""


def _kinds(table: Table) -> list[dict[str, str | None]]:
    """What rows are given: nothing, each value of columns with few of them, no partner."""
    found: list[dict[str, str | None]] = [{}, {}]
    for column in table.columns:
        root = column.type.root
        if column.insertable and root.category == "enum":
            found += [{column.name: label} for label in root.labels]
        elif column.insertable and root.name == "bool":
            found += [{column.name: value} for value in ("true", "false")]
    for key in table.foreign_keys:
        if all(table.column(name).nullable for name in key.columns):
            found.append(dict.fromkeys(key.columns))
    return found[:_MOST]


def _definition(context: CheckContext, view: Table) -> list[Token]:
    """The view's query. It is no step: what is recorded is what the view does."""
    name = sql.Literal(view.identifier.as_string())
    text = sql.SQL("SELECT pg_get_viewdef({}::regclass) AS query").format(name).as_string()
    rows = send(context.connection, text).rows
    return tokens(rows[0]["query"] or "") if rows else []


def _compared(table: Table, query: Sequence[Token]) -> list[dict[str, str | None]]:
    """Values of the constants that a query compares columns with, and of their neighbours."""
    found: list[dict[str, str | None]] = []
    columns = {column.name for column in table.columns if column.insertable}
    for at, token in enumerate(query):
        before = (one.text.strip('"') for one in query[max(0, at - _NEAR) : at])
        names = [name for name in before if name in columns]
        if not names:
            continue
        if token.kind == "string":
            found.append({names[-1]: token.text[1:-1].replace("''", "'")})
        elif token.kind == "number" and token.text.isdecimal():
            number = int(token.text)
            found += [{names[-1]: str(one)} for one in (number - 1, number, number + 1)]
    return found[:_MOST]


def _updates(view: Table) -> Iterator[sql.Composed]:
    """An UPDATE of each column to itself, and to NULL."""
    for column in view.columns:
        if column.writable and "update" in view.commands:
            for value in (column.identifier, sql.SQL("NULL")):
                text = sql.SQL("UPDATE {} SET {} = {}")
                yield text.format(view.identifier, column.identifier, value)


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
