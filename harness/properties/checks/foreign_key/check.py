"""The check of foreign keys: which aspects each has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from harness.postgres.schema_model import Constraint, Schema, Table
from harness.properties.base import Advice, Property
from harness.properties.check_context import CheckContext
from harness.properties.checks.foreign_key import actions, orphans
from harness.properties.checks.foreign_key.reference import Reference, leads, only_not_null

_ASPECTS: dict[str, Callable[[Reference, CheckContext], str]] = {
    "orphan": orphans.insert,
    "orphan_update": orphans.update_to_nothing,
    "null": orphans.null,
    "partly_null": orphans.partly_null,
    "deferred": orphans.deferred,
    "on_delete": actions.on_delete,
    "on_update": actions.on_update,
}


class ForeignKey:
    """References stay alive."""

    id: ClassVar[str] = "foreign_key"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK"
    )

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each foreign key: what it refuses, what it lets pass, its actions, its index."""
        for table in schema:
            for key in table.foreign_keys if table.kind != "foreign" else ():
                reference = Reference.of(key, schema)
                for aspect in _aspects(reference) if reference else ():
                    yield Property(self.id, table.name, key.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one foreign key against the server."""
        table = context.schema.by_name[prop.table]
        key = next(k for k in table.foreign_keys if k.name == prop.object)
        if prop.aspect == "index":
            return _index(table, key)
        reference = Reference.of(key, context.schema)
        assert reference is not None
        return _ASPECTS[prop.aspect](reference, context)


def _aspects(reference: Reference) -> Iterator[str]:
    """The aspects of a foreign key; a partition's copy has those of its own rows."""
    key = reference.key
    yield "orphan"
    yield from ["orphan_update"] * reference.writable
    yield from ["null"] * (set(reference.nullable) == set(key.columns))
    yield from ["partly_null"] * (len(key.columns) > 1 and bool(reference.nullable))
    yield from ["deferred"] * key.deferrable
    if not key.inherited:
        yield "on_delete"
        yield from ["on_update"] * reference.movable
        yield "index"


def _index(table: Table, key: Constraint) -> str:
    """Whether an index finds the rows that refer to a target."""
    usable = [i for i in table.indexes if i.valid and only_not_null(i.predicate, key.columns)]
    for index in usable:
        if leads(key.columns, index.columns):
            return f"found by {index.name}"
    for index in usable:
        if index.columns[:1] and index.columns[0] in key.columns:
            return f"found by {index.name}, which leads with {index.columns[0]} alone"
    columns = ", ".join(key.columns)
    every = f"all of {table} for each row of {key.target} that is deleted or gets another key"
    raise Advice(f"no index leads with ({columns}): the server reads {every}")
