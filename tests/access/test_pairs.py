"""Each kind of fault is noticed, and nothing is said of the schema without it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from harness.access.contradictions import contradictions
from harness.access.record import facts_of
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
    "membership-that-anybody-adds": {"bypass-membership"},
    "materialized-view": {"bypass-view", "owner-view-over-rls"},
    "count-by-an-owners-view": {"bypass-view", "owner-view-over-rls"},
    "definer-without-search-path": {"definer-search-path"},
    "definer-that-writes": {"bypass-function"},
    "column-grant-through-a-group": {"column-grant", "column-grant-defeated"},
    "permissive-where-restrictive-was-meant": {"nobody-writes"},
    "coalesce-round-the-claim": {"nobody-sees", "policy-null-claim"},
    "user-metadata": {"policy-user-metadata"},
    "setting-that-must-be-set": {"raises", "policy-claim-cast"},
    "like-where-equal-was-meant": {"nobody-sees", "policy-null-claim"},
    "partition-by-its-own-name": {"bypass-view", "partition-or-child-open"},
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
    "flag-that-one-sets-oneself": {"bypass-membership"},
    "trigger-that-makes-it-mine": {"reaches-anothers", "takes"},
    "definer-round-a-plain-function": {"bypass-function"},
    "totals-for-everybody": {"bypass-view", "owner-view-over-rls"},
    "owner-that-one-may-become": {"role-bypasses"},
    "column-update-includes-owner": {"gives-away", "policy-check-wider-than-using"},
    "helper-that-asks-its-own-table": {"raises"},
    "partition-attached-later": {"bypass-view", "partition-or-child-open"},
    "copying-by-a-definer": {"bypass-function"},
    "active-organisation": {"bypass-membership"},
    "storage-folder": {"gives-away", "reaches-anothers"},
    "view-shows-the-secret-column": {"bypass-column"},
    "empty-tenant": {"nobody-sees", "nobody-writes"},
    "update-of-the-column-owner": {"policy-check-wider-than-using"},
    "check-option-local-over-a-view-without": {"gives-away", "reaches-anothers"},
    "rule-that-writes-for-the-owner": {"gives-away", "reaches-anothers", "takes"},
    "procedure-that-deletes": {"bypass-function"},
    "accepting-an-invitation-elsewhere": {"bypass-membership"},
    "case-when-empty-then-true": {"nobody-sees", "nobody-writes", "policy-null-claim"},
    "transfer-by-pending-owner": {"takes", "policy-check-wider-than-using"},
    "json-owner": {"takes"},
    "one-half-of-a-union": {"bypass-view"},
    "definer-that-is-given-a-list": {"bypass-function"},
    "level-of-oneself": {"bypass-membership"},
    "invitation-by-number": {"bypass-function"},
    "follower-accepts-himself": {"bypass-membership"},
    "trigger-of-a-view-that-deletes-for-the-owner": {"bypass-view"},
    "view-by-a-function-is-a-guard": {"bypass-view", "owner-view-over-rls"},
    "check-of-any-membership": {"gives-away"},
    "create-org-by-function": {"bypass-function"},
    "administrator-who-adds-others": {"raises", "policy-reads-own-table"},
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
    "exclusion-tells-of-others": {
        ("public.stays", "one", "EXISTS"): ("overlap, stays_pkey", "stays_pkey"),
    },
    "not-in-with-null": {("public.posts", "anyone", "SELECT"): ("none", "own")},
    "embargo": {("public.posts", "nobody", "SELECT"): ("shared", "shared")},  # see its states
    "range-array-and-keys-of-an-object": {
        ("public.files", "five", "SELECT"): ("own, shared", "own"),
        ("public.notes", "nobody", "SELECT"): ("shared", "none"),
        ("public.pages", "one", "UPDATE"): ("own, shared", "some own, shared"),
    },
    "friends-both-ways": {("public.friends", "two", "UPDATE"): ("own", "some own")},
    "collaborator-takes-over": {("public.boards", "four", "TAKE"): ("from others", "none")},
}
"""Pairs that nothing fails of: relation, identity and command -> the answers of the two."""

RECORDED = {
    "member-of-two-tenants-sees-the-last": "one: a row of public.members hides rows of public.docs",
    "cascade-into-files-of-others": "one: DELETE of public.folders reaches rows of public.files"
    " that it does not see",
}
"""Pairs that nothing fails of, and whose record has a fact more."""


def pairs() -> dict[str, tuple[str, str]]:
    """Name -> broken and correct; ``[16+]`` behind a name is the version that it needs."""
    found = {}
    for part in re.split(r"^--# ", (DATA / "pairs.sql").read_text("utf-8"), flags=re.M)[1:]:
        name, _, rest = part.partition("\n")
        both, broken, correct = re.split(r"^--- \w+$", rest, flags=re.MULTILINE)
        found[name.split()[0]] = (both + broken, both + correct)
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


def test_a_row_that_everybody_sees_is_given_away_as_well(cluster: Cluster):
    broken, correct = (surveyed(cluster, s) for s in pairs()["update-of-the-column-owner"])
    assert answers(broken, "public.docs", "app")["one"]["GIVE"] == "for others"
    assert answers(correct, "public.docs", "app")["one"]["GIVE"] == "privilege"


@pytest.mark.parametrize("name", DIFFER)
def test_a_fault_that_may_be_meant_is_another_answer(cluster: Cluster, name: str):
    broken, correct = (surveyed(cluster, schema) for schema in pairs()[name])
    for (relation, identity, command), wanted in DIFFER[name].items():
        found = [answers(f, relation, "app")[identity][command] for f in (broken, correct)]
        assert tuple(found) == wanted, (relation, identity, command)


@pytest.mark.parametrize("name", RECORDED)
def test_a_fault_that_may_be_meant_is_a_fact(cluster: Cluster, name: str):
    broken, correct = (set(facts_of(surveyed(cluster, schema))) for schema in pairs()[name])
    assert {fact.what for fact in broken - correct} == {RECORDED[name]}
    assert correct <= broken


def test_every_pair_is_tried():
    assert pairs().keys() == NOTICED.keys() | DIFFER.keys() | RECORDED.keys()


def test_what_is_to_come_is_another_state_of_shared_rows(cluster: Cluster):
    facts = [facts_of(surveyed(cluster, schema)) for schema in pairs()["embargo"]]
    wanted = "nobody: SELECT where published_at"
    assert [[f.answer for f in some if f.what == wanted] for some in facts] == [
        ["past, to come"],
        ["past"],
    ]


NEVER_FALSE = """
CREATE ROLE app;
CREATE TABLE notes (id int PRIMARY KEY, owner int NOT NULL, body text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON notes TO app;
CREATE POLICY own ON notes TO app
USING (owner = nullif(current_setting('app.user_id', true), '')::int) WITH CHECK (body IS NOT NULL);
"""


def test_every_version_knows_that_a_column_is_not_null(each_cluster: Cluster):
    assert "policy-always-true-write" in set(objections(each_cluster, NEVER_FALSE))


COLUMN_OF_SOME = """
CREATE ROLE app;
CREATE ROLE staff;
CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, pin text NOT NULL);
GRANT SELECT (id, name) ON people TO app, staff;
CREATE VIEW seen AS SELECT pin, id FROM people;
CREATE VIEW cards (number, code) AS SELECT id, pin FROM seen;
CREATE VIEW first AS SELECT id, pin FROM people WHERE id = 1;
GRANT SELECT ON cards TO staff;
GRANT SELECT ON first TO app, staff;
"""


def test_a_column_that_a_view_is_there_to_show_is_a_fact(cluster: Cluster):
    facts = surveyed(cluster, COLUMN_OF_SOME)
    assert set(contradictions(facts)) == set()
    assert {(way.role, way.object) for way in facts.bypasses} == {
        ("staff", "public.cards"),  # app may not
        ("app", "public.first"),  # one row
        ("staff", "public.first"),
    }


COMPUTED = """
CREATE ROLE app;
CREATE TABLE people (
    id int PRIMARY KEY, name text NOT NULL, pin text NOT NULL UNIQUE,
    card text CHECK (card ~ '^\\d+$'), born date
);
GRANT SELECT (id, name) ON people TO app;
CREATE VIEW inner_one AS
SELECT upper(pin) AS loud, right(card, 2) AS masked, born::text AS day, name FROM people;
CREATE VIEW cards AS SELECT loud || '!' AS loud, masked, day, name || '!' AS name FROM inner_one;
CREATE VIEW adults AS
SELECT name || '!' AS name FROM people WHERE born < '2000-01-01' OR born IS NULL;
GRANT SELECT ON cards, adults TO app;
"""


def test_a_column_can_be_read_in_an_expression_or_only_shapes_it(cluster: Cluster):
    facts = surveyed(cluster, COMPUTED)
    assert {(way.kind, way.title.partition(" computes ")[2][:23]) for way in facts.bypasses} == {
        ("column", "loud from column pin of"),
        ("column", "day from column born of"),
        ("column-of-some", "masked from column card"),  # its last digits
    }
    assert rules(facts) == {"bypass-column"}
