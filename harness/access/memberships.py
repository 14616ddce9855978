"""Memberships: rows of a person, where policies look, that hide other rows from it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.access.attempts import Attempt
from harness.access.bypasses import Bypass, BypassSearch
from harness.access.catalog import Relation
from harness.access.classes import Ids
from harness.access.identities import Identity
from harness.access.reading import holding, removal

_MOST = 8


def hiding(search: BypassSearch) -> Iterator[Bypass]:
    """Tables of which somebody sees more with one of its memberships fewer.

    A policy that asks for one tenant (``LIMIT 1``, ``max``) shows a member of two one of them. A
    list of those who are blocked does the same, and is meant.
    """
    catalog = search.catalog
    identity = next((i for i in search.reader.identities if i.principal == 0), None)
    if identity is None:
        return
    for table in catalog.relations:
        policies = catalog.of(table) if table.protected and table.holds_rows else []
        asked = {oid for policy in policies for oid, _ in policy.reads} - {table.oid}
        if any(policy.functions for policy in policies):
            asked |= search.inputs.consulted - {table.oid}
        for oid in sorted(asked & search.inputs.consulted):
            members = catalog.by_oid.get(oid)
            one = _hiding(search, table, members, identity) if members else None
            if one is not None:
                yield one


def _hiding(
    search: BypassSearch, table: Relation, members: Relation, identity: Identity
) -> Bypass | None:
    """What one of several memberships hides of a table."""
    read_query = search.reader.read_query(table, search.role)
    places = sorted(_of_person(search, members, identity))[:_MOST]
    if read_query is None or len(places) < 2:
        return None
    seen = search.reader.answers(table, search.role)[identity.name]
    actor = identity.actor(search.role.name)
    without = [
        Attempt(actor, read_query.query, is_query=True, before=removal(members, frozenset({place})))
        for place in places
    ]
    if seen.state or not any(
        read_query.ids(answer.found) - seen.found for answer in search.attempts.make(without)
    ):
        return None
    title = f"{identity.name}: a row of {members} hides rows of {table}"
    return Bypass(
        "hiding", str(members), table, search.role.name, identity.name, title, read_query.query
    )


def _of_person(search: BypassSearch, members: Relation, identity: Identity) -> Ids:
    """Where the rows of a table are stored that name a person."""
    mine = search.seeds.principal(members.name, identity.principal or 0) or {}
    row = {n: mine[n] for n in search.inputs.principal if mine.get(n)}
    if not row or not members.holds_rows:
        return frozenset()
    where = holding(row).as_string(None)
    return search.reader.as_superuser(f"{members.places} WHERE {where}")
