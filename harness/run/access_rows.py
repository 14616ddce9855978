"""Rows for a test of access: some that are told apart by policies, and all that they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from harness.access.catalog import Relation
from harness.access.reading import holding, printed
from harness.access.seeding import Seeded
from harness.access.survey import Facts
from harness.postgres.schema_model import Name, Schema, Table

_MOST, _MOST_CONSULTED = 8, 12
_REACHED = ("SELECT", "UPDATE", "DELETE")
Values = Mapping[str, str | None]
Connection = psycopg.Connection[Any]


def telling(connection: Connection, facts: Facts, relation: Relation) -> list[Values]:
    """Rows of a table: the first two principals', and others that somebody else reaches."""
    seeds = facts.seeds
    assert seeds is not None
    rows = sorted(seeds.rows.get(relation.name, ()), key=_principals_first)
    known, found = set[tuple[bool, ...]](), list[Values]()
    for row in rows:
        place = _place(connection, relation, row.stored)
        reached = tuple(
            place in cells[command].reached
            for grid in facts.grids
            if grid.relation is relation
            for cells in grid.cells.values()
            for command in _REACHED
            if command in cells
        )
        if row.principal in (0, 1) or reached not in known:
            known.add(reached)
            found.append(row.stored)
    return found[:_MOST]


def consulted(facts: Facts, relation: Relation) -> Iterator[tuple[Name, Values]]:
    """Rows of the tables that decide who reaches rows of this one: memberships, roles."""
    seeds, policies = facts.seeds, facts.catalog.of(relation)
    assert seeds is not None
    reads = {oid for policy in policies for oid, _ in policy.reads} - {relation.oid}
    by_function = any(policy.functions for policy in policies)
    for oid in sorted(seeds.inputs.consulted if by_function else reads):
        other = facts.catalog.by_oid.get(oid)
        if other is not None and other is not relation:
            rows = sorted(seeds.rows.get(other.name, ()), key=_principals_first)
            yield from ((other.name, row.stored) for row in rows[:_MOST_CONSULTED])


def _principals_first(row: Seeded) -> int:
    return 99 if row.principal is None else row.principal


def _place(connection: Connection, relation: Relation, row: Values) -> str:
    query = sql.SQL("SELECT tableoid::text || ctid::text FROM {} WHERE {}").format(
        relation.name.identifier, holding(row)
    )
    found = connection.execute(query).fetchone()
    return str(found[0]) if found else ""


@dataclass
class Ordered:
    """Rows with those that they refer to, which stand before them."""

    connection: Connection
    schema: Schema
    found: list[tuple[Table, Values]] = field(default_factory=list)
    _seen: set[tuple[Name, tuple[tuple[str, str | None], ...]]] = field(default_factory=set)

    def add(self, rows: Iterable[tuple[Name, Values]]) -> None:
        """Add these, parents first; a circle is left as it is."""
        for name, row in rows:
            key = (name, tuple(sorted(row.items())))
            table = self.schema.by_name.get(name)
            if table is None or key in self._seen:
                continue
            self._seen.add(key)
            self.add(self._parents(table, row))
            self.found.append((table, row))

    def _parents(self, table: Table, row: Values) -> Iterator[tuple[Name, Values]]:
        for key in table.foreign_keys:
            target = self.schema.by_name.get(key.target) if key.target else None
            pairs = list(zip(key.target_columns, key.columns, strict=True))
            if target is None or any(row.get(here) is None for _, here in pairs):
                continue
            names = [column.name for column in target.columns]
            query = sql.SQL("SELECT {} FROM {} WHERE {}").format(
                sql.SQL(", ").join(map(printed, names)),
                target.identifier,
                holding({there: row[here] for there, here in pairs}),
            )
            for found in self.connection.execute(query).fetchall():
                yield target.name, dict(zip(names, found, strict=True))
