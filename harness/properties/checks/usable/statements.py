"""The statements of a command, as a role can give them that was granted it and nothing else.

None of them has RETURNING, which asks for SELECT, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from psycopg import sql

from harness.postgres.schema_model import Column, Table
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.usable.actor import Actor
from harness.rowgen import Draft, Values

_COLUMNS = 6
_SHOWN, _DRAWN, _LISTED = 100, 4, 12
_TEXTS = (
    *("1", "1-1", "1.1.1", "{}", "2024-01-01", "true", "a@b.c", "", "1,1", "1 day", "12:00"),
    *("10.0.0.1", "00000000-0000-4000-8000-000000000001", "[1,2)", "20240101", "UTC"),
)
"""What code of any kind may want a text to be."""
_NUMBERS = ("1", "0", "12", "2024")
_NUMERIC = ("int2", "int4", "int8", "numeric", "float4", "float8")


class Row(NamedTuple):
    """A row that is there; None of a view's rows, where they are whatever it shows."""

    table: Table
    stored: Values | None
    other: Draft | None
    """Another valid row, whose values it may get."""
    around: Values | None = None
    """What a view shows, as far as is known: what policies may want to know of."""


def inserts(actor: Actor, draft: Draft) -> sql.Composed:
    """The INSERT of what the role may name; a sequence is asked for the next number."""
    columns = draft.table.columns
    fed = {c.name for c in columns if c.default and "nextval(" in c.default}
    values = {n: t for n, t in draft.values.items() if actor.may(n) and n not in fed}
    return _insert(draft.table, values)


def _insert(table: Table, values: Mapping[str, str | None]) -> sql.Composed:
    into = sql.SQL("INSERT INTO {}").format(table.identifier)
    if not values:
        return into + sql.SQL(" DEFAULT VALUES")
    always = any(table.column(name).identity == "always" for name in values)
    return into + sql.SQL(" ({}){} VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(" OVERRIDING SYSTEM VALUE" if always else ""),
        sql.SQL(", ").join(map(sql.Literal, values.values())),
    )


def varied(context: CheckContext, draft: Draft, referring: set[str]) -> Iterator[sql.Composed]:
    """INSERTs of the row with other values in the columns that are free to hold anything."""
    kept = of.key_columns(draft.table) | referring
    free = [c for c in draft.table.columns if c.insertable and c.name not in kept]
    for values in _variations(context, draft.table, free):
        yield _insert(draft.table, {**draft.values, **values})
    for numbers in plain_keys(draft.table):
        yield _insert(draft.table, {**draft.values, **numbers})
    plan = context.rows.plan(draft.table)
    for place in range(_DRAWN):
        drawn = {c.name: plan.pool(c.name).accepted[place : place + 1] for c in free}
        yield _insert(draft.table, {**draft.values, **{n: t[0] for n, t in drawn.items() if t}})


def plain_keys(table: Table) -> Iterator[dict[str, str]]:
    """Small numbers for the numeric keys: what is negative or large may break what others do not.

    Which numbers the keys have is chance; an answer must not hang on it.
    """
    referring = {name for key in table.foreign_keys for name in key.columns}
    keys = {name for key in table.keys for name in key.columns} - referring
    columns = [c for c in table.columns if c.name in keys and c.insertable and not c.identity]
    numeric = [c.name for c in columns if c.type.root.name in _NUMERIC]
    for text in _NUMBERS if numeric else ():
        yield dict.fromkeys(numeric, text)


def _variations(
    context: CheckContext, table: Table, columns: list[Column]
) -> Iterator[dict[str, str | None]]:
    """Values for columns: NULL where that may be, then texts and numbers of all kinds.

    A column that has a few values gets each of them, and no other.
    """
    few = {c.name: context.rows.few(table, c.name) for c in columns}
    yield {column.name: None for column in columns if column.nullable}
    for name, listed in few.items():
        for text in listed[:_LISTED]:
            yield {name: text}
    free = [column for column in columns if not few[column.name]]
    texts = [c for c in free if c.type.root.name in ("text", "varchar", "bpchar")]
    numbers = [c for c in free if c.type.root.name in _NUMERIC]
    for text in _TEXTS if texts else ():
        yield {column.name: text for column in texts}
    for text in _NUMBERS if numbers else ():
        yield {column.name: text for column in numbers}
        yield {column.name: text for column in (*texts, *numbers)}


def updates(actor: Actor, row: Row) -> Iterator[sql.Composed]:
    """UPDATEs: to another row, of one column after the other, to what it is already."""
    keys = of.key_columns(row.table)
    found = [c for c in of.all_settable(row.table) if actor.may(c.name)]
    columns = [c for c in found if c.name not in keys] or found
    if row.stored is None:
        for column in found[:_COLUMNS]:
            yield changing(actor, row, {column: None}, itself=True)
        return
    if row.other is not None:
        other = {**row.other.stored, **row.other.values}
        changed = {c: other.get(c.name) for c in columns}
        if len(changed) > 1:
            yield changing(actor, row, changed)
        for column, text in [*changed.items()][:_COLUMNS]:
            yield changing(actor, row, {column: text})
    for column in columns[:1]:
        yield changing(actor, row, {column: row.stored[column.name]})


def varied_updates(actor: Actor, row: Row) -> Iterator[sql.Composed]:
    """UPDATEs to values that code of any kind may want."""
    context = actor.context
    kept = of.key_columns(row.table)
    free = [c for c in of.all_settable(row.table) if actor.may(c.name) and c.name not in kept]
    for values in _variations(context, row.table, free) if row.stored is not None else ():
        named = {c: values[c.name] for c in free if c.name in values}
        if named:
            yield changing(actor, row, named)


def changing(
    actor: Actor, row: Row, values: Mapping[Column, str | None], itself: bool = False
) -> sql.Composed:
    """The UPDATE of the row to these values, or to what it is already."""
    items = [
        sql.SQL("{} = {}").format(c.identifier, c.identifier if itself else sql.Literal(text))
        for c, text in values.items()
    ]
    start = sql.SQL("UPDATE {} SET {}").format(of.target(row.table), sql.SQL(", ").join(items))
    return start + _where(actor, row)


def deletes(actor: Actor, row: Row) -> Iterator[sql.Composed]:
    """The DELETE of the row."""
    yield sql.SQL("DELETE FROM {}").format(of.target(row.table)) + _where(actor, row)


def selects(actor: Actor, row: Row) -> Iterator[sql.Composed]:
    """What is read of the row, or of the first ones that a view shows."""
    columns = [c.identifier for c in row.table.columns if actor.may(c.name)]
    whole = not columns or len(columns) == len(row.table.columns)
    names = sql.SQL("*") if whole else sql.SQL(", ").join(columns)
    found = sql.SQL("SELECT {} FROM {}").format(names, row.table.identifier)
    if row.table.kind == "view":
        yield found + sql.SQL(f" LIMIT {_SHOWN}")
    else:
        yield found + _where(actor, row)


def _where(actor: Actor, row: Row) -> sql.Composed:
    """The condition of the row, where the role may look at a key of it; else of every row."""
    stored = row.stored or {}
    for key in row.table.keys:
        values = {name: stored.get(name) for name in key.columns}
        if None not in values.values() and actor.may_read(*values):
            items = [
                sql.SQL("{} = {}").format(sql.Identifier(n), sql.Literal(t))
                for n, t in values.items()
            ]
            return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(items)
    return sql.SQL("").format()
