"""Each kind of fault is noticed, and nothing is said of the schema without it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from harness.access.survey import survey
from harness.lint.catalog import RULES
from harness.lint.catalog._view import View
from harness.postgres.cluster import Cluster
from tests.access.support import DATA, answers, made, rules, surveyed

NOTICED = {
    "delete-for-everyone": {"reaches-anothers"},
    "insert-in-another-name": {"gives-away"},
    "current-user-or-null": {"gives-away", "policy-check-wider-than-using"},
    "limit-without-order": {"policy-scalar-subquery"},
    "policies-that-ask-each-other": {"raises", "policy-reads-own-table"},
    "membership-that-anybody-adds": {"way-round-membership"},
    "materialized-view": {"way-round-view", "owner-view-over-rls"},
    "count-by-an-owners-view": {"way-round-view", "owner-view-over-rls"},
    "definer-without-search-path": {"definer-search-path"},
    "definer-that-writes": {"way-round-function"},
    "column-grant-through-a-group": {"column-grant", "column-grant-defeated"},
    "permissive-where-restrictive-was-meant": {"nobody-writes"},
    "coalesce-round-the-claim": {"nobody-sees", "policy-null-claim"},
    "user-metadata": {"policy-user-metadata"},
    "setting-that-must-be-set": {"raises", "policy-claim-cast"},
    "like-where-equal-was-meant": {"nobody-sees", "policy-null-claim"},
    "partition-by-its-own-name": {"way-round-view", "partition-or-child-open"},
    "view-that-guards-without-check": {"gives-away", "reaches-anothers", "view-without-barrier"},
    "view-that-guards-without-barrier": {"view-without-barrier"},
    "bypassrls": {"role-bypasses"},
    "member-of-staff": {"policy-always-true-write", "policy-always-true-beside-other"},
    "owner-that-logs-in": {"role-bypasses"},
    "sequence-that-is-set-back": {"excess-privilege"},
    "table-that-was-forgotten": {"rls-off-beside-rls"},
    "schema-in-a-definers-path": {"excess-privilege"},
    "upsert-that-takes": {"takes"},
    "wiki-that-only-signed-in-users-write": {"nobody-writes", "policy-null-claim"},
    "flag-that-one-sets-oneself": {"way-round-membership"},
    "trigger-that-makes-it-mine": {"reaches-anothers", "takes"},
    "definer-round-a-plain-function": {"way-round-function"},
    "totals-for-everybody": {"way-round-view", "owner-view-over-rls"},
    "owner-that-one-may-become": {"role-bypasses"},
    "column-update-includes-owner": {"gives-away", "policy-check-wider-than-using"},
    "helper-that-asks-its-own-table": {"raises"},
    "partition-attached-later": {"way-round-view", "partition-or-child-open"},
    "copying-by-a-definer": {"way-round-function"},
    "active-organisation": {"way-round-membership"},
    "storage-folder": {"gives-away", "reaches-anothers"},
}
DIFFER = {
    "parent-not-asked-for": {
        ("public.comments", "one", "SELECT"): ("all", "own, shared"),
        ("public.comments", "nobody", "SELECT"): ("all", "shared"),
    },
    "states-that-are-not-asked-for": {
        ("public.notes", "one", "SELECT"): ("own", "some own"),
        ("public.bills", "one", "INSERT"): ("own", "some own"),
        ("public.bills", "one", "DELETE"): ("own", "some own"),
        ("public.bills", "one", "UPDATE"): ("own", "own"),
    },
}
"""Pairs that nothing fails of: relation, identity and command -> the answers of the two."""


def pairs() -> dict[str, tuple[str, str]]:
    """Name -> broken and correct."""
    found = {}
    for part in re.split(r"^--# ", (DATA / "pairs.sql").read_text("utf-8"), flags=re.M)[1:]:
        name, _, rest = part.partition("\n")
        both, broken, correct = re.split(r"^--- \w+$", rest, flags=re.MULTILINE)
        found[name] = (both + broken, both + correct)
    return found


def objections(cluster: Cluster, schema: str) -> Iterator[str]:
    with made(cluster, schema) as database:
        with database.connect() as connection:
            view = View.of(connection, ["tap"], [])
            for rule in RULES:
                for one in rule().find(view):
                    if (one.severity or rule.severity) == "error":
                        yield rule.id
        yield from rules(survey(database, ["tap"]))


@pytest.mark.parametrize("name", NOTICED)
def test_a_fault_is_noticed_and_its_twin_is_clean(cluster: Cluster, name: str):
    broken, correct = pairs()[name]
    assert set(objections(cluster, broken)) == NOTICED[name]
    assert set(objections(cluster, correct)) == set()


@pytest.mark.parametrize("name", DIFFER)
def test_a_fault_that_may_be_meant_is_another_answer(cluster: Cluster, name: str):
    broken, correct = (surveyed(cluster, schema) for schema in pairs()[name])
    for (relation, identity, command), wanted in DIFFER[name].items():
        found = [answers(f, relation, "app")[identity][command] for f in (broken, correct)]
        assert tuple(found) == wanted, (relation, identity, command)


def test_every_pair_is_tried():
    assert pairs().keys() == NOTICED.keys() | DIFFER.keys()
