"""Expressions of the catalog, computed by the server on a row: what it says, as evidence.

Each is one literal statement over the row's values, so that it runs in psql as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg import sql

from harness.postgres.schema_model import Column, Table
from harness.properties.check_context import CheckContext
from harness.properties.row_statements import Inserting
from harness.rowgen import Draft
from harness.rowgen.conditions import judged_type

Stored = Mapping[str, str | None]


def evaluate(
    context: CheckContext, table: Table, row: Stored, *expressions: str, aside: bool = False
) -> list[str | None]:
    """The values of expressions on a row, as text. Raises Undecided where one is an error.

    ``aside``: the check asks for itself, and shows it to nobody.
    """
    items = [sql.SQL("({})::text").format(_sql(text)) for text in expressions]
    source = _row(table, row, " ".join(expressions))
    query = sql.SQL("SELECT {} FROM {} AS r").format(sql.SQL(", ").join(_numbered(items)), source)
    return list(context.query(query, aside)[0].values())


def holds(context: CheckContext, table: Table, row: Stored, condition: str) -> bool | None:
    """Whether a condition is true of a row; None is NULL."""
    found = evaluate(context, table, row, condition, aside=True)[0]
    return None if found is None else found == "true"


def same(context: CheckContext, table: Table, rows: Sequence[Stored], keys: Sequence[str]) -> bool:
    """Whether the rows agree in all keys, as their types and collations compare, NULL as equal."""
    items = sql.SQL(", ").join(map(_sql, keys))
    text = " ".join(keys)
    sources = (sql.SQL("SELECT * FROM {} AS r").format(_row(table, row, text)) for row in rows)
    query = sql.SQL("SELECT count(*) FROM (SELECT DISTINCT {} FROM ({}) AS r) AS k").format(
        items, sql.SQL(" UNION ALL ").join(sources)
    )
    return bool(context.query(query, aside=True)[0]["count"] == "1")


def inserting(draft: Draft, **expressions: str) -> Inserting:
    """The INSERT of a row, with identities as they are given, and some columns as SQL."""
    items: dict[str, sql.Composable] = {n: sql.Literal(t) for n, t in draft.values.items()}
    items |= {name: _sql(text) for name, text in expressions.items()}
    into = sql.SQL("INSERT INTO {}").format(draft.table.identifier)
    if not items:
        return Inserting([into, sql.SQL(" DEFAULT VALUES RETURNING *")], draft)
    always = any(draft.table.column(name).identity == "always" for name in items)
    values = sql.SQL(" ({}){} VALUES ({}) RETURNING *").format(
        sql.SQL(", ").join(map(sql.Identifier, items)),
        sql.SQL(" OVERRIDING SYSTEM VALUE" if always else ""),
        sql.SQL(", ").join(items.values()),
    )
    return Inserting([into, values], draft)


def _row(table: Table, row: Stored, text: str) -> sql.Composed:
    """``(SELECT '1'::integer AS a, ...)``: the columns whose names are found in a text."""
    read = [c for c in table.columns if c.name in row and c.name.replace('"', '""') in text]
    values = (_value(column, row[column.name]) for column in read)
    return sql.SQL("(SELECT {})").format(sql.SQL(", ").join(values))


def _value(column: Column, text: str | None) -> sql.Composed:
    collation = column.collation if column.collation != "pg_catalog.default" else None
    return sql.SQL("{}::{}{} AS {}").format(
        sql.Literal(text),
        _sql(exact_type(column)),
        _sql(f" COLLATE {collation}" if collation else ""),
        column.identifier,
    )


def exact_type(column: Column) -> str:
    """The column's type with its modifier, so that a value is rounded as it will be stored.

    Of a domain the type under it: its CHECKs are what is asked about.
    """
    root, limits = column.type.root, column.limits
    if column.domain is None:
        return column.type_sql
    if root.name == "numeric" and limits.precision is not None:
        return f"numeric({limits.precision}, {limits.scale})"
    if limits.length is not None:
        return f"{root.sql}({limits.length})"
    return judged_type(column)


def _numbered(items: Sequence[sql.Composed]) -> list[sql.Composed]:
    names = (sql.Identifier(f"value_{number}") for number, _ in enumerate(items, 1))
    return [sql.SQL("{} AS {}").format(i, n) for i, n in zip(items, names, strict=True)]


def _sql(text: str) -> sql.SQL:
    """What the server has printed of its own catalog."""
    return sql.SQL(text)
