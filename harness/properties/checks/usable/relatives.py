"""Rows around a row: policies ask who is a member of what it belongs to, say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from psycopg import sql

from harness.postgres.schema_model import Constraint, Table
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.rowgen import Values

_KEYS, _SIBLINGS = 3, 4
"""References of a row, and tables that refer to the same, which are looked at."""


def around(context: CheckContext, table: Table, row: Values) -> Iterator[Values]:
    """What the row refers to; a row of each other table that refers to the same, or to it.

    Those that are not there are made. They stay until the transaction is rolled back.
    """
    for key in table.foreign_keys[:_KEYS]:
        target = context.schema.by_name.get(key.target) if key.target else None
        given = dict(zip(key.target_columns, (row.get(c) for c in key.columns), strict=True))
        if target is not None and None not in given.values():
            yield from _stored(context, target, given)
            yield from _referring(context, target, given, table)
    yield from _referring(context, table, row, table)


def _stored(context: CheckContext, table: Table, given: Values) -> Iterator[Values]:
    items = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(text))
        for name, text in given.items()
    ]
    query = sql.SQL("SELECT * FROM {} WHERE {}").format(
        table.identifier, sql.SQL(" AND ").join(items)
    )
    found = context.query(query)
    context.steps.pop()  # no evidence of anything
    yield from found[:1]


def _referring(context: CheckContext, target: Table, row: Values, but: Table) -> Iterator[Values]:
    """New rows of tables that refer to a row."""
    keys = [key for key in context.schema.references(target) if key.table != but.name]
    for key in keys[:_SIBLINGS]:
        other, given = context.schema.by_name[key.table], _given(key, row)
        if given is not None:
            with suppress(Undecided, Failed):
                yield context.stored_row(other, **given).stored


def _given(key: Constraint, row: Values) -> dict[str, str] | None:
    """What a row has to hold to refer to another; None where that has no such key."""
    values = {c: row.get(t) for c, t in zip(key.columns, key.target_columns, strict=True)}
    given = {name: text for name, text in values.items() if text is not None}
    return given if len(given) == len(values) else None
