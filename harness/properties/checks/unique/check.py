"""The check of keys: the rows that it tries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Schema
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.unique.key import Key, keys
from harness.properties.expressions import evaluate, holds, inserting, same
from harness.properties.interference import Fault, Interference, accepted, refused, remarks
from harness.rowgen import Draft


class Unique:
    """Duplicates are refused, and nothing else is."""

    id: ClassVar[str] = "unique"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/ddl-constraints.html"
        "#DDL-CONSTRAINTS-UNIQUE-CONSTRAINTS"
    )

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each unique index, of a constraint or not: what it refuses and what it lets pass."""
        for table in schema:
            for key in keys(table, schema):
                for aspect in key.aspects:
                    yield Property(self.id, table.name, key.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one key against the server."""
        table = context.schema.by_name[prop.table]
        key = next(k for k in keys(table, context.schema) if k.name == prop.object)
        kind, _, column = prop.aspect.partition("_in_")
        if kind == "differs":
            return _differs(key, column, context)
        if kind == "null":
            return _null(key, column, context)
        if kind == "deferred":
            return _deferred(key, context)
        return _duplicate(key, context) if kind == "duplicate" else _outside(key, context)


def _duplicate(key: Key, context: CheckContext) -> str:
    first = key.inside(context)
    second = _twin(key, first, context)
    row = context.keep(inserting(first)).rows[0]
    fault = _fault(key, f"a duplicate of {key}", context, row)
    again = second.replace(**{name: row[name] for name in key.given})
    note = "" if key.index.valid else "the index is invalid: rows before it may be duplicates"
    return remarks(refused(context, key.table, inserting(again), fault), note)


def _deferred(key: Key, context: CheckContext) -> str:
    """A deferrable key waits for COMMIT where it is deferred, and does not where it is not."""
    first = key.inside(context)
    second = _twin(key, first, context)
    row = context.keep(inserting(first)).rows[0]
    again = inserting(second.replace(**{name: row[name] for name in key.given}))
    name = sql.Identifier(key.table.name.schema, key.name)
    interference = Interference(context, key.table)
    with context.undone():
        while True:  # each turn lifts one obstacle, and there are only so many
            context.keep(sql.SQL("SET CONSTRAINTS {} DEFERRED").format(name))
            if answer := context.at_once(again):
                break
            text = f"a duplicate of {key} is refused at once, though deferred"
            if answer.sqlstate == "23505" and answer.constraint in key.names:
                raise Failed(text)
            if not interference.lift(answer):
                raise Undecided(f"{text}: {answer}")
        context.keep(sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(name))
        if context.at_once(again):
            raise Failed(f"a duplicate of {key} is not refused at once")
    return interference.remark


def _fault(key: Key, what: str, context: CheckContext, row: dict[str, str | None]) -> Fault:
    def stored(other: dict[str, str | None]) -> bool:
        inside = key.index.predicate is None or holds(
            context, key.table, other, key.index.predicate
        )
        return bool(inside) and same(context, key.table, [row, other], key.index.keys)

    return Fault(what, "23505", key.names, stored)


def _twin(key: Key, first: Draft, context: CheckContext) -> Draft:
    """A row that may be the first's neighbour but for this key, where one is found.

    What is not of the key differs, as far as it may: a key of more columns lets that pass.
    """
    return context.varied(context.distinct(first, key.others) or first, key.outside_columns)


def _differs(key: Key, element: str, context: CheckContext) -> str:
    first = key.inside(context)
    second = key.differing(first, element, context)
    row = context.keep(inserting(first)).rows[0]
    what = f"a row that differs in {element or key}"
    try:
        fault = _fault(key, what, context, row)
        return accepted(context, key.table, inserting(second), what, fault)[1]
    except Failed:
        # An index may compare by another collation than its columns.
        alike = same(context, key.table, [row, second.stored], key.index.keys)
        if alike or " COLLATE " in key.index.definition:
            raise Undecided(f"{what}: both are stored alike") from None
        raise


def _null(key: Key, column: str, context: CheckContext) -> str:
    first = key.inside(context, null=column)
    second = _twin(key, first, context)
    row = context.keep(inserting(first)).rows[0]
    again = second.replace(**{name: row[name] for name in key.given})
    if evaluate(context, key.table, row, key.keys_of[column])[0] is not None:
        raise Undecided(f"no row with NULL in {column}: a trigger puts a value in its place")
    what = f"a second row with NULL in {column}"
    fault = _fault(key, what, context, row)
    if key.index.nulls_not_distinct:
        return refused(context, key.table, inserting(again), fault)
    return accepted(context, key.table, inserting(again), what, fault)[1]


def _outside(key: Key, context: CheckContext) -> str:
    first = key.outside(context)
    second = _twin(key, first, context)
    row = context.keep(inserting(first)).rows[0]
    again = second.replace(**{name: row[name] for name in key.given})
    what = f"a duplicate of {key} outside {key.index.predicate}"
    return accepted(context, key.table, inserting(again), what, _fault(key, what, context, row))[1]
