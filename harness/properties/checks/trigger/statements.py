"""The statements that a table's triggers are tried with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress

from psycopg import sql

from harness.postgres.schema_model import Column, Table
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.rowgen import Draft

NEWEST = "(tableoid, ctid) = (SELECT tableoid, ctid FROM {} ORDER BY 1 DESC, 2 DESC LIMIT 1)"
NEWEST_TWO = "(tableoid, ctid) IN (SELECT tableoid, ctid FROM {} ORDER BY 1 DESC, 2 DESC LIMIT 2)"
_MANY = 6


def target(table: Table) -> sql.Composed:
    """The table without those that inherit from it, whose rows call triggers of their own."""
    only = table.kind == "ordinary" and bool(table.children)
    return sql.SQL("ONLY {}" if only else "{}").format(table.identifier)


def settable(table: Table, among: Collection[str] = (), but: Collection[str] = ()) -> Column:
    """A column that an UPDATE may set, keys last. Raises Undecided where there is none."""
    found = all_settable(table, among, but) or [
        c for c in table.columns if c.identity and (not among or c.name in among)
    ]
    if not found:
        raise Undecided("there is no such column that an UPDATE may set")
    return found[0]


def all_settable(
    table: Table, among: Collection[str] = (), but: Collection[str] = ()
) -> list[Column]:
    """The columns that an UPDATE may set, keys last."""
    keys = key_columns(table)
    columns = [c for c in table.columns if c.insertable and c.identity is None]
    wanted = [c for c in columns if (not among or c.name in among) and c.name not in but]
    return sorted(wanted, key=lambda column: (column.name in keys, column.position))


def key_columns(table: Table) -> set[str]:
    """The columns of keys and of references."""
    return {name for key in (*table.keys, *table.foreign_keys) for name in key.columns}


def touch(table: Table, column: Column, where: str = NEWEST) -> sql.Composed:
    """UPDATE of the newest row that sets a column to what it is."""
    name = column.identifier
    value = sql.SQL("DEFAULT") if column.identity else name  # nothing else is taken
    start = sql.SQL("UPDATE {} SET {} = {} WHERE ").format(target(table), name, value)
    return start + _where(table, where)


def touch_all(table: Table, columns: Sequence[Column]) -> sql.Composed:
    """UPDATE of the newest row that sets columns to what they are."""
    items = [sql.SQL("{0} = {0}").format(column.identifier) for column in columns]
    start = sql.SQL("UPDATE {} SET {} WHERE ").format(target(table), sql.SQL(", ").join(items))
    return start + _where(table, NEWEST)


def nothing(table: Table, column: Column) -> sql.Composed:
    """UPDATE of no row."""
    return touch(table, column, "false")


def insert_nothing(table: Table) -> sql.Composed:
    """INSERT of no row. Raises Undecided where no column may be named."""
    columns = [column for column in table.columns if column.generated is None]
    if not columns:
        raise Undecided("there is no column that an INSERT of no row could name")
    names = sql.SQL(", ").join(column.identifier for column in columns)
    always = any(column.identity == "always" for column in columns)
    over = sql.SQL("OVERRIDING SYSTEM VALUE " if always else "")
    return sql.SQL("INSERT INTO {0} ({1}) {2}SELECT {1} FROM {0} WHERE false").format(
        table.identifier, names, over
    )


def delete(table: Table, where: str = NEWEST) -> sql.Composed:
    """DELETE of the newest row."""
    return sql.SQL("DELETE FROM {} WHERE ").format(target(table)) + _where(table, where)


def truncate(table: Table) -> sql.Composed:
    """TRUNCATE, of what refers to the table as well."""
    return sql.SQL("TRUNCATE {} CASCADE").format(target(table))


def newest(table: Table) -> sql.Composed:
    """The row that the others mean."""
    return sql.SQL("SELECT * FROM {} WHERE ").format(target(table)) + _where(table, NEWEST)


def changes(
    context: CheckContext, table: Table, among: Collection[str] = (), but: Collection[str] = ()
) -> Iterator[dict[Column, str]]:
    """Values for one column each that the newest row may get and does not have."""
    keys = key_columns(table)
    for column in all_settable(table, among, {*keys, *but}):
        for text in context.rows.plan(table).pool(column.name).accepted[:_MANY]:
            answer = context.attempt(setting(table, {column: text}) + sql.SQL(" RETURNING *"))
            if answer and answer.rows:
                yield {column: text}
                break


def references(
    context: CheckContext, table: Table, among: Collection[str] = ()
) -> Iterator[dict[Column, str]]:
    """Values of one reference each: another row that the newest row may refer to."""
    for key in table.foreign_keys:
        target = context.schema.by_name.get(key.target) if key.target else None
        wanted = not among or set(key.columns) & set(among)
        if target is None or not wanted or not all(table.column(n).insertable for n in key.columns):
            continue
        with suppress(Undecided, Failed):
            stored = context.stored_row(target).stored
            pairs = zip(key.columns, key.target_columns, strict=True)
            values = {table.column(name): stored[other] for name, other in pairs}
            yield {column: text for column, text in values.items() if text is not None}


def change(
    context: CheckContext, table: Table, among: Collection[str] = (), but: Collection[str] = ()
) -> sql.Composed:
    """UPDATE of the newest row that changes a column, as far as one is found that may change."""
    for values in changes(context, table, among, but):
        return setting(table, values)
    return touch(table, settable(table, among, but))


def setting(table: Table, values: dict[Column, str]) -> sql.Composed:
    """UPDATE of the newest row where none of the columns has its new value."""
    items = [sql.SQL("{} = {}").format(c.identifier, sql.Literal(t)) for c, t in values.items()]
    different = [
        sql.SQL("{}::text IS DISTINCT FROM {} AND ").format(c.identifier, sql.Literal(t))
        for c, t in values.items()
    ]
    start = sql.SQL("UPDATE {} SET {} WHERE ").format(target(table), sql.SQL(", ").join(items))
    return sql.SQL("").join([start, *different, _where(table, NEWEST)])


def assigning(
    table: Table, values: Mapping[Column, str | None], also: Sequence[Column] = ()
) -> sql.Composed:
    """UPDATE of the newest row that sets columns to values, and others to what they are."""
    items = [sql.SQL("{} = {}").format(c.identifier, sql.Literal(t)) for c, t in values.items()]
    items += [sql.SQL("{0} = {0}").format(c.identifier) for c in also if c not in values]
    start = sql.SQL("UPDATE {} SET {} WHERE ").format(target(table), sql.SQL(", ").join(items))
    return start + _where(table, NEWEST)


def filled(context: CheckContext, table: Table, rows: int = 2) -> int:
    """Insert some rows, one at least; how many there are. Raises Undecided."""
    context.stored_row(table)
    for stored in range(1, rows):
        with suppress(Undecided, Failed):  # some tables hold one row only
            context.stored_row(table)
            continue
        return stored
    return rows


def where(table: Table) -> sql.Composed:
    """The condition of the newest row."""
    return _where(table, NEWEST)


def repeated(table: Table, draft: Draft) -> sql.Composed:
    """The INSERT of a draft, without what it gives back."""
    text = inserting(draft).as_string().removesuffix(" RETURNING *")
    return sql.SQL("{}").format(sql.SQL(text))


def _where(table: Table, where: str) -> sql.Composed:
    return sql.SQL(where).format(*[target(table)] * where.count("{}"))
