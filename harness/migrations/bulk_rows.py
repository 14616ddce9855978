"""Many rows from a few: what the generator made, copied with other keys.

Every copy passes the table's constraints; the columns of foreign keys stay as they are. What the
server refuses as a duplicate is left out.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import psycopg
from psycopg import sql

from harness.migrations.scratch_database import Connection
from harness.postgres.schema_model import Column, Table

_VARIED = {
    "int2": "{c} + g::smallint",
    "int4": "{c} + g",
    "int8": "{c} + g",
    "numeric": "{c} + g",
    "float8": "{c} + g",
    "text": "left({c}, {most} - 6) || g::text",
    "varchar": "left({c}, {most} - 6) || g::text",
    "uuid": "gen_random_uuid()",
    "date": "{c} + g",
    "timestamp": "{c} + g * interval '1 second'",
    "timestamptz": "{c} + g * interval '1 second'",
}
"""Type -> an expression that gives other values; ``g`` counts."""
_LONGEST = 1000
_MOVE = """
    SELECT setval(s.seqrelid, {}) FROM pg_catalog.pg_sequence AS s
    WHERE s.seqrelid = pg_get_serial_sequence(%s, %s)::regclass AND s.seqincrement > 0
"""


def multiply(connection: Connection, table: Table, rows: int) -> list[str]:
    """Copy the rows of a table until there are about so many, as far as the server lets us.

    Every column varies that can, for a later revision may want any of them unique; where the
    server objects, only those of keys. The transaction that it was done in, as ``xmin`` has it;
    empty where copies cannot pass, and the few rows have to do.
    """
    columns = [c for c in table.columns if c.generated is None and c.writable]
    keys = _varied(table)
    for varied in filter(None, (_variable(table) | keys, keys or {""})) if columns else ():
        values = [_value(column, column.name in varied) for column in columns]
        statement = sql.SQL(
            "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE"
            " SELECT {values} FROM (SELECT * FROM {table} LIMIT 1) AS t,"
            " generate_series(1, {rows}) AS g ON CONFLICT DO NOTHING"
        ).format(
            table=table.identifier,
            names=sql.SQL(", ").join(column.identifier for column in columns),
            values=sql.SQL(", ").join(values),
            rows=rows,
        )
        with suppress(psycopg.Error), connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(statement)
            _move_sequences(connection, table, varied & {c.name for c in columns})
            row = connection.execute("SELECT pg_current_xact_id()::xid::text").fetchone()
            return [row[0]] if row else []
    return []


def _variable(table: Table) -> set[str]:
    """The columns that no other table and no CHECK has a say in."""
    said = {name for one in table.constraints if one.kind != "unique" for name in one.columns}
    partition = table.kind == "partitioned" or table.is_partition
    free = (c.name for c in table.columns if _base(c) in _VARIED and c.domain is None)
    return set() if partition else {*free} - said


def _move_sequences(connection: Connection, table: Table, columns: Collection[str]) -> None:
    """Bring sequences beyond what was written, for the migration may insert rows, too."""
    for name in columns:
        if table.column(name).has_default:
            largest = sql.SQL("(SELECT max({}) FROM {})").format(
                sql.Identifier(name), table.identifier
            )
            connection.execute(sql.SQL(_MOVE).format(largest), [table.identifier.as_string(), name])


def _varied(table: Table) -> set[str]:
    """One column of each key, and none that refers to another table's rows."""
    referring = {name for key in table.foreign_keys for name in key.columns}
    chosen: set[str] = set()
    for index in table.indexes:
        names = {name for name in index.columns if name and _base(table.column(name)) in _VARIED}
        if index.unique and not chosen & names:
            chosen.update(sorted(names - referring)[:1])
    return chosen


def _value(column: Column, varied: bool) -> sql.Composable:
    name = sql.SQL("t.{}").format(column.identifier)
    if not varied:
        return name
    most = sql.Literal(column.length or _LONGEST)
    return sql.SQL(_VARIED[_base(column)]).format(c=name, most=most)


def _base(column: Column) -> str:
    return column.type.root.name
