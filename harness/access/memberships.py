"""Memberships: rows of a person, where policies look, that hide other rows from it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.access.attempts import Attempt
from harness.access.catalog import Relation
from harness.access.classes import Ids
from harness.access.identities import Identity
from harness.access.sight import holding, removal
from harness.access.ways_round import Searching, WayRound

_MOST = 8


def hiding(searching: Searching) -> Iterator[WayRound]:
    """Tables of which somebody sees more with one of its memberships fewer.

    A policy that asks for one tenant (``LIMIT 1``, ``max``) shows a member of two one of them. A
    list of those who are blocked does the same, and is meant.
    """
    catalog = searching.catalog
    identity = next((i for i in searching.reader.identities if i.principal == 0), None)
    if identity is None:
        return
    for table in catalog.relations:
        policies = catalog.of(table) if table.protected and table.holds_rows else []
        asked = {oid for policy in policies for oid, _ in policy.reads} - {table.oid}
        if any(policy.functions for policy in policies):
            asked |= searching.inputs.consulted - {table.oid}
        for oid in sorted(asked & searching.inputs.consulted):
            members = catalog.by_oid.get(oid)
            one = _hiding(searching, table, members, identity) if members else None
            if one is not None:
                yield one


def _hiding(
    searching: Searching, table: Relation, members: Relation, identity: Identity
) -> WayRound | None:
    """What one of several memberships hides of a table."""
    way = searching.reader.way(table, searching.role)
    places = sorted(_of_person(searching, members, identity))[:_MOST]
    if way is None or len(places) < 2:
        return None
    seen = searching.reader.answers(table, searching.role)[identity.name]
    actor = identity.actor(searching.role.name)
    without = [
        Attempt(actor, way.query, is_query=True, before=removal(members, frozenset({place})))
        for place in places
    ]
    if seen.state or not any(
        way.ids(answer.found) - seen.found for answer in searching.attempts.make(without)
    ):
        return None
    title = f"{identity.name}: a row of {members} hides rows of {table}"
    return WayRound(
        "hiding", str(members), table, searching.role.name, identity.name, title, way.query
    )


def _of_person(searching: Searching, members: Relation, identity: Identity) -> Ids:
    """Where the rows of a table are stored that name a person."""
    mine = searching.seeds.principal(members.name, identity.principal or 0) or {}
    row = {n: mine[n] for n in searching.inputs.principal if mine.get(n)}
    if not row or not members.holds_rows:
        return frozenset()
    where = holding(row).as_string(None)
    return searching.reader.as_superuser(f"{members.places} WHERE {where}")
