"""The statements that a table's triggers are tried with."""

from __future__ import annotations

from collections.abc import Collection

from psycopg import sql

from harness.properties.base import Undecided
from harness.properties.bench import Bench
from harness.relations import Column, Table

_NEWEST = "(tableoid, ctid) = (SELECT tableoid, ctid FROM {} ORDER BY 1 DESC, 2 DESC LIMIT 1)"


def settable(table: Table, among: Collection[str] = (), but: Collection[str] = ()) -> Column:
    """A column that an UPDATE may set, keys last. Raises Undecided where there is none."""
    keys = {name for key in (*table.keys, *table.foreign_keys) for name in key.columns}
    columns = [c for c in table.columns if c.insertable and c.identity is None]
    wanted = [c for c in columns if (not among or c.name in among) and c.name not in but]
    if not wanted:
        raise Undecided("there is no such column that an UPDATE may set")
    return min(wanted, key=lambda column: (column.name in keys, column.position))


def touch(table: Table, column: Column, where: str = _NEWEST) -> sql.Composed:
    """UPDATE of the newest row that sets a column to what it is."""
    name = column.identifier
    start = sql.SQL("UPDATE {} SET {} = {} WHERE ").format(table.identifier, name, name)
    return start + _where(table, where)


def nothing(table: Table, column: Column) -> sql.Composed:
    """UPDATE of no row."""
    return touch(table, column, "false")


def delete(table: Table, where: str = _NEWEST) -> sql.Composed:
    """DELETE of the newest row."""
    return sql.SQL("DELETE FROM {} WHERE ").format(table.identifier) + _where(table, where)


def truncate(table: Table) -> sql.Composed:
    """TRUNCATE, of what refers to the table as well."""
    return sql.SQL("TRUNCATE {} CASCADE").format(table.identifier)


def change(bench: Bench, table: Table, but: Collection[str]) -> sql.Composed:
    """UPDATE of the newest row that changes a column, as far as one is found that may change."""
    columns = [c for c in table.columns if c.insertable and c.identity is None]
    keys = {name for key in (*table.keys, *table.foreign_keys) for name in key.columns}
    for column in columns:
        if column.name in keys or column.name in but:
            continue
        for text in bench.rows.plan(table).pool(column.name).accepted[:6]:
            statement = _set(table, column, text)
            answer = bench.attempt(statement + sql.SQL(" RETURNING *"))
            if answer and answer.rows:
                return statement
    return touch(table, settable(table, but=but))


def _set(table: Table, column: Column, text: str) -> sql.Composed:
    name, value = column.identifier, sql.Literal(text)
    different = sql.SQL("{}::text IS DISTINCT FROM {} AND ").format(name, value)
    start = sql.SQL("UPDATE {} SET {} = {} WHERE ").format(table.identifier, name, value)
    return start + different + _where(table, _NEWEST)


def _where(table: Table, where: str) -> sql.Composed:
    return sql.SQL(where).format(*[table.identifier] * where.count("{}"))
