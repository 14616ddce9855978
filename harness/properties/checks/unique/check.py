"""The check of keys: the rows that it tries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.postgres.schema_model import Schema
from harness.properties.base import Promise, Refuted, Undecided
from harness.properties.check_context import Bench
from harness.properties.checks.unique.key import Key, keys
from harness.properties.expressions import evaluate, holds, inserting, same
from harness.properties.interference import Fault, accepted, refused, remarks
from harness.rowgen import Draft


class Unique:
    """Duplicates are refused, and nothing else is."""

    id: ClassVar[str] = "unique"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/ddl-constraints.html"
        "#DDL-CONSTRAINTS-UNIQUE-CONSTRAINTS"
    )

    def promises(self, schema: Schema) -> Iterator[Promise]:
        """For each unique index, of a constraint or not: what it refuses and what it lets pass."""
        for table in schema:
            for key in keys(table, schema):
                for aspect in key.aspects:
                    yield Promise(self.id, table.name, key.name, aspect)

    def check(self, promise: Promise, bench: Bench) -> str:
        """Hold one aspect of one key against the server."""
        table = bench.schema.by_name[promise.table]
        key = next(k for k in keys(table, bench.schema) if k.name == promise.object)
        kind, _, column = promise.aspect.partition("_in_")
        if kind == "differs":
            return _differs(key, column, bench)
        if kind == "null":
            return _null(key, column, bench)
        return _duplicate(key, bench) if kind == "duplicate" else _outside(key, bench)


def _duplicate(key: Key, bench: Bench) -> str:
    first = key.inside(bench)
    second = _twin(key, first, bench)
    row = bench.keep(inserting(first)).rows[0]
    fault = _fault(key, f"a duplicate of {key}", bench, row)
    again = second.replace(**{name: row[name] for name in key.given})
    note = "" if key.index.valid else "the index is invalid: rows before it may be duplicates"
    return remarks(refused(bench, key.table, inserting(again), fault), note)


def _fault(key: Key, what: str, bench: Bench, row: dict[str, str | None]) -> Fault:
    def stored(other: dict[str, str | None]) -> bool:
        inside = key.index.predicate is None or holds(bench, key.table, other, key.index.predicate)
        return bool(inside) and same(bench, key.table, [row, other], key.index.keys)

    return Fault(what, "23505", key.names, stored)


def _twin(key: Key, first: Draft, bench: Bench) -> Draft:
    """A row that may be the first's neighbour but for this key, where one is found."""
    return bench.distinct(first, key.others) or first


def _differs(key: Key, element: str, bench: Bench) -> str:
    first = key.inside(bench)
    second = key.differing(first, element, bench)
    row = bench.keep(inserting(first)).rows[0]
    what = f"a row that differs in {element or key}"
    try:
        fault = _fault(key, what, bench, row)
        return accepted(bench, key.table, inserting(second), what, fault)[1]
    except Refuted:
        # An index may compare by another collation than its columns.
        alike = same(bench, key.table, [row, second.stored], key.index.keys)
        if alike or " COLLATE " in key.index.definition:
            raise Undecided(f"{what}: both are stored alike") from None
        raise


def _null(key: Key, column: str, bench: Bench) -> str:
    first = key.inside(bench, null=column)
    second = _twin(key, first, bench)
    row = bench.keep(inserting(first)).rows[0]
    again = second.replace(**{name: row[name] for name in key.given})
    if evaluate(bench, key.table, row, key.keys_of[column])[0] is not None:
        raise Undecided(f"no row with NULL in {column}: a trigger puts a value in its place")
    what = f"a second row with NULL in {column}"
    fault = _fault(key, what, bench, row)
    if key.index.nulls_not_distinct:
        return refused(bench, key.table, inserting(again), fault)
    return accepted(bench, key.table, inserting(again), what, fault)[1]


def _outside(key: Key, bench: Bench) -> str:
    first = key.outside(bench)
    second = _twin(key, first, bench)
    row = bench.keep(inserting(first)).rows[0]
    again = second.replace(**{name: row[name] for name in key.given})
    what = f"a duplicate of {key} outside {key.index.predicate}"
    return accepted(bench, key.table, inserting(again), what, _fault(key, what, bench, row))[1]
