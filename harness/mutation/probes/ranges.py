"""Values at the ends of what a type takes, and with as many digits as it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes._rows import of_tables
from harness.postgres.schema_model import Column, Schema, Table
from harness.properties.base import Property
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting

_WHOLE = [str(sign * 2**bits + more) for bits in (15, 31) for sign, more in ((1, -1), (1, 0))]
_WHOLE += ["-32769", "-2147483649", str(2**63 - 1)]
_VALUES: dict[str, list[str]] = {
    **dict.fromkeys(("int2", "int4", "int8"), _WHOLE),
    "float8": ["1.23456789012345", "1e200"],
    "float4": ["1.2345678", "1e-30"],
    # A moment with fractions, in a zone that no server is in by default.
    "timestamptz": ["2020-02-29 12:34:56.789012+05:45"],
    "timestamp": ["2020-02-29 12:34:56.789012+05:45"],
    "date": ["2020-02-29 12:34:56"],
    "time": ["12:34:56.789012"],
    "json": ['{"b": 1,  "a": 2, "b": 3}'],
    "jsonb": ['{"b": 1,  "a": 2, "b": 3}'],
}


class Ranges:
    """What a column takes, and what of it is stored."""

    id: ClassVar[str] = "ranges"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/datatype.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each table."""
        return of_tables(self.id, schema)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Insert a valid row with each such value, and look at types where rows are."""
        table = context.schema.by_name[prop.table]
        draft = context.valid(table)
        for column in table.columns:
            if column.generated is None:
                for text in _values(column):
                    context.attempt(inserting(draft.replace(**{column.name: text})))
        if context.attempt(inserting(draft), keep=True):
            types = [
                sql.SQL("pg_typeof({})::text AS {}").format(c.identifier, c.identifier)
                for c in table.columns
            ]
            query = sql.SQL("SELECT tableoid::regclass::text AS place, {} FROM {} LIMIT 1")
            context.query(query.format(sql.SQL(", ").join(types), table.identifier))
            self._collations(table, context)
        for column in table.columns:
            if column.type.root.labels and not column.type.domains:
                # Whoever sorts or compares by it sees the order of its labels.
                labels = sql.SQL("SELECT enum_range(NULL::{})::text")
                context.query(labels.format(sql.SQL(column.type_sql)))
        return ""

    def _collations(self, table: Table, context: CheckContext) -> None:
        """What a column's collation says of letters, whatever is stored in it."""
        letters = sql.SQL(
            "SELECT upper(coalesce(nullif({c}, {c}), 'é')), coalesce(nullif({c}, {c}), 'a') < 'B'"
            " FROM {t} LIMIT 1"
        )
        for column in table.columns:
            if column.type.root.name in ("text", "varchar", "bpchar"):
                context.attempt(letters.format(c=column.identifier, t=table.identifier))


def _values(column: Column) -> Iterator[str]:
    name = column.type.root.name
    yield from _VALUES.get(name, ())
    if name in ("text", "varchar", "bpchar"):
        length = column.length
        yield from ["x" * length, "x" * (length + 1), "x" * (length + 2)] if length else ["x" * 256]
    if name in ("bit", "varbit") and column.length:
        yield from ("1" * column.length, "1" * (column.length + 1))
    if name == "numeric":
        yield from _numbers(column)


def _numbers(column: Column) -> Iterator[str]:
    """The largest number, the next one, and more digits behind the point than are kept."""
    if column.precision is None:
        yield from ("1234567890123456789.123456789", "0.5")
        return
    scale = column.scale or 0
    whole = max(column.precision - scale, 0)
    yield "9" * whole + ("." + "9" * scale if scale > 0 else "") if whole or scale > 0 else "0"
    yield "1" + "0" * whole
    yield "0." + "1" * max(scale, 0) + "29"
