"""Tenants: whose each row is, by the column that the project names, and who is of which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from psycopg import sql

from harness.access.attempts import Actor, Attempt, Attempts
from harness.access.catalog import Catalog, Relation
from harness.access.classes import Ids
from harness.access.identities import ANYONE, PRINCIPALS, STRANGE, Identity
from harness.access.inputs import Inputs
from harness.access.seeding import Seeds

_HELD = "SELECT array_agg(tableoid::text || ctid::text || ' ' || {0}::text) FROM {1}"


def told_apart(inputs: Inputs, catalog: Catalog, column: str) -> Inputs:
    """The same inputs, as if conditions read the tenant's column wherever a table has it."""
    if not column:
        return inputs
    read = dict(inputs.read)
    for relation in _with(catalog, column):
        read[relation.oid] = tuple(dict.fromkeys((*read.get(relation.oid, ()), column)))
    return replace(inputs, read=read, principal=inputs.principal | {column})


def _with(catalog: Catalog, column: str) -> Iterator[Relation]:
    for relation in catalog.relations:
        if relation.holds_rows and any(one.name == column for one in relation.columns):
            yield relation


@dataclass(frozen=True)
class Tenants:
    """Whose rows are, and who is whose."""

    column: str
    held: Mapping[int, Mapping[str, str]]
    """Table -> where a row is stored -> its tenant; rows without one are everybody's."""
    own: Mapping[tuple[int, str], frozenset[str]]
    """Table and identity's name -> the tenants that it is of."""
    unknown: frozenset[int]
    """Tables whose policies look for members where the column is not."""

    @classmethod
    def of(
        cls,
        column: str,
        catalog: Catalog,
        seeds: Seeds,
        attempts: Attempts,
        identities: Sequence[Identity],
    ) -> Tenants:
        """Those of the protected tables that have the column.

        Where policies look for members in tables without it, nobody can say of which tenants
        somebody is.
        """
        held: dict[int, Mapping[str, str]] = {}
        own: dict[tuple[int, str], frozenset[str]] = {}
        left_out = set[int]()
        tables = list(_with(catalog, column)) if column else []
        members = [table for table in tables if table.oid in seeds.inputs.consulted]
        unknown = seeds.inputs.consulted - {table.oid for table in tables}
        for table in tables:
            policies = catalog.of(table)
            asked = {oid for policy in policies for oid, _ in policy.reads}
            if any(policy.functions for policy in policies):
                asked |= seeds.inputs.consulted
            if not table.protected:
                continue
            if (asked - {table.oid}) & unknown:
                left_out.add(table.oid)
                continue
            query = sql.SQL(_HELD).format(sql.Identifier(column), table.name.identifier)
            one = Attempt(Actor(None, {}), query.as_string(None), is_query=True)
            found = attempts.make([one])[0].found
            held[table.oid] = dict(text.split(" ", 1) for text in found if text)
            for identity in identities:
                if identity.name in (*PRINCIPALS, STRANGE):
                    whose = _own(seeds, column, [table, *members], identity)
                    own[table.oid, identity.name] = frozenset(whose)
        return cls(column, held, own, frozenset(left_out))

    def of_others(self, table: Relation, identity: str, rows: Ids) -> Ids:
        """Those of the rows that are another tenant's than the identity's.

        Where nothing tells identities apart, everybody who reaches rows of two tenants.
        """
        held = self.held.get(table.oid, {})
        own = self.own.get((table.oid, identity))
        if own is not None:
            return frozenset(row for row in rows if row in held and held[row] not in own)
        several = identity == ANYONE and len({held[row] for row in rows if row in held}) > 1
        return frozenset(row for row in rows if row in held) if several else frozenset()


def _own(
    seeds: Seeds, column: str, tables: Sequence[Relation], identity: Identity
) -> Iterator[str]:
    """What the principal's rows hold, and those that make it a member."""
    if identity.principal is None:
        return
    for table in tables:
        mine = seeds.principal(table.name, identity.principal)
        if mine is None:
            continue
        whose = {n for n in seeds.inputs.principal if mine.get(n) is not None} - {column}
        for seeded in seeds.rows[table.name]:
            row = seeded.stored
            member = whose and table.oid in seeds.inputs.consulted
            same = row == mine or (member and any(row.get(n) == mine[n] for n in whose))
            if same and (tenant := row.get(column)) is not None:
                yield tenant
