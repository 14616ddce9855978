"""Exclusion: a constraint on pairs of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg import sql

from harness.postgres.schema_model import Constraint, Index, Schema, Table
from harness.properties.check_context import CheckContext
from harness.properties.expressions import evaluate, holds

Stored = Mapping[str, str | None]


@dataclass(frozen=True)
class Exclusion:
    """An EXCLUDE constraint or a key WITHOUT OVERLAPS, with the index that enforces it."""

    table: Table
    constraint: Constraint
    index: Index
    names: frozenset[str]
    """Of the constraint and of those of the partitions."""

    @property
    def name(self) -> str:
        """The constraint's name."""
        return self.constraint.name

    @property
    def operators(self) -> tuple[str, ...]:
        """One for each element; a key WITHOUT OVERLAPS has = and at last &&."""
        if self.constraint.operators:
            return self.constraint.operators
        return (*["="] * (len(self.index.keys) - 1), "&&")

    @property
    def read(self) -> list[str]:
        """The columns that are compared, without those that are generated from others."""
        return [c.name for c in self.table.columns if c.name in self.index.reads and c.insertable]

    @property
    def ranges(self) -> list[str]:
        """Those of the columns that hold ranges."""
        kinds = {n: self.table.column(n).type.root.category for n in self.read}
        return [name for name, kind in kinds.items() if kind == "range"]

    @property
    def aspects(self) -> Iterator[str]:
        """What is said of it, one by one."""
        yield from ("conflict", "apart")
        yield from ("touching", "empty") if self.ranges else ()
        if any(self.table.column(name).nullable for name in self.read):
            yield "null"

    def excludes(self, one: Stored, other: Stored, context: CheckContext) -> bool:
        """Whether all operators hold between two rows, both in the predicate."""
        if not all(self._covers(row, context) for row in (one, other)):
            return False
        first = evaluate(context, self.table, one, *self.index.keys)
        second = evaluate(context, self.table, other, *self.index.keys)
        if None in (*first, *second):
            return False
        kinds = evaluate(context, self.table, one, *map(_type_of, self.index.keys))
        terms = [
            sql.SQL("{}::{} {} {}::{}").format(
                sql.Literal(a),
                sql.SQL(kind or ""),
                sql.SQL(op),
                sql.Literal(b),
                sql.SQL(kind or ""),
            )
            for a, b, op, kind in zip(first, second, self.operators, kinds, strict=True)
        ]
        query = sql.SQL("SELECT ({})::text AS excluded").format(sql.SQL(" AND ").join(terms))
        return bool(context.query(query)[0]["excluded"] == "true")

    def _covers(self, row: Stored, context: CheckContext) -> bool:
        predicate = self.index.predicate
        return predicate is None or holds(context, self.table, row, predicate) is True


def _type_of(expression: str) -> str:
    """The name of a type for a cast: ``character`` would be cut to one character."""
    return (
        "(SELECT format('%I.%I', n.nspname, t.typname) FROM pg_catalog.pg_type AS t"  # noqa: S608
        " JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace"
        f" WHERE t.oid = pg_typeof({expression}))"
    )


def exclusions(table: Table, schema: Schema) -> Iterator[Exclusion]:
    """Those of a table that holds rows."""
    if not table.insertable or table.kind in ("view", "foreign"):
        return
    for constraint in table.constraints:
        index = table.index(constraint.index) if constraint.index else None
        if index is not None and (constraint.kind == "exclude" or _overlapping(constraint)):
            yield Exclusion(table, constraint, index, frozenset(_names(constraint, table, schema)))


def _overlapping(constraint: Constraint) -> bool:
    return constraint.is_key and constraint.period


def _names(constraint: Constraint, table: Table, schema: Schema) -> Iterator[str]:
    yield constraint.name
    for name in table.children:
        child = schema.by_name.get(name)
        for other in child.constraints if child and child.is_partition else ():
            alike = (other.kind, other.columns) == (constraint.kind, constraint.columns)
            if child and alike and other.inherited:
                yield from _names(other, child, schema)
