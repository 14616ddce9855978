"""EXCLUDE constraints and keys WITHOUT OVERLAPS."""

from harness.postgres.cluster import Cluster
from harness.properties.checks.exclude import Exclude
from tests.properties.support import FAILED, PASSED, answers, decide, outcomes

KEPT = """
CREATE TABLE rooms (
    id integer PRIMARY KEY, room integer UNIQUE, during tsrange,
    CONSTRAINT free EXCLUDE USING gist (during WITH &&)
);
CREATE TABLE bookings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    starts timestamptz NOT NULL, ends timestamptz NOT NULL, cancelled boolean NOT NULL,
    CHECK (starts < ends),
    CONSTRAINT once EXCLUDE USING gist (tstzrange(starts, ends) WITH &&) WHERE (NOT cancelled)
);
CREATE TABLE late (n integer, CONSTRAINT late_n EXCLUDE (n WITH =) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE circles (area circle, CONSTRAINT apart EXCLUDE USING gist (area WITH &&));
"""
SEVERAL = """
CREATE EXTENSION btree_gist;
CREATE TABLE cages (
    cage integer NOT NULL, animal text NOT NULL,
    CONSTRAINT one_kind EXCLUDE USING gist (cage WITH =, animal WITH <>)
);
CREATE TABLE stays (
    guest integer, during daterange, PRIMARY KEY (guest, during WITHOUT OVERLAPS)
);
"""
EMPTIED = """
CREATE TABLE rooms (during int4range, CONSTRAINT free EXCLUDE USING gist (during WITH &&));
CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NEW; END $$;
CREATE TRIGGER rewrite BEFORE INSERT ON rooms FOR EACH ROW EXECUTE FUNCTION rewrite();
"""
LIES = """
CREATE FUNCTION lies(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN $1 + nextval(''lie''); END';
CREATE SEQUENCE lie;
CREATE TABLE numbers (n integer NOT NULL, CONSTRAINT once EXCLUDE (lies(n) WITH =));
"""


def test_conflicts_are_refused_and_neighbours_accepted(each_cluster: Cluster):
    found = decide(each_cluster, KEPT, Exclude)
    assert set(outcomes(found).values()) == {"passed"}
    assert {name for name in found if name.startswith("rooms")} == {
        f"rooms::free::{aspect}" for aspect in ("conflict", "apart", "touching", "empty", "null")
    }
    assert answers(found["rooms::free::conflict"]).count("23P01: ") > 2
    assert "during = empty" in answers(found["rooms::free::empty"])
    assert "during = NULL" in answers(found["rooms::free::null"])
    assert '"late_n"' in answers(found["late::late_n::conflict"])
    assert 'constraint "once"' in answers(found["bookings::once::conflict"])


def test_touching_ranges_are_accepted(cluster: Cluster):
    evidence = decide(cluster, KEPT, Exclude)["rooms::free::touching"].evidence
    inserts = [step for step in evidence if step.sql.startswith("INSERT")]
    assert "2024-01-20 00:00:00" in inserts[-1].sql + inserts[-2].sql
    assert not any("23P01" in step.answer for step in inserts)


def test_other_operators_and_keys_without_overlaps(cluster: Cluster):
    found = decide(cluster, SEVERAL, Exclude)
    assert set(outcomes(found).values()) == {"passed"}
    assert "one_kind" in answers(found["cages::one_kind::conflict"])
    assert "23P01" in answers(found["stays::stays_pkey::conflict"])
    assert "empty WITHOUT OVERLAPS value" in answers(found["stays::stays_pkey::empty"])


def test_what_is_compared_must_not_depend_on_the_hour(cluster: Cluster):
    assert decide(cluster, LIES, Exclude)["numbers::once::conflict"].outcome is not PASSED


def test_a_violation_that_is_swallowed_is_failed(cluster: Cluster):
    swallow = (
        "IF EXISTS (SELECT FROM rooms r WHERE r.during && NEW.during) THEN RETURN NULL; END IF;"
    )
    found = decide(cluster, EMPTIED.format(swallow), Exclude)
    assert found["rooms::free::conflict"].outcome is FAILED
    assert "something discards it" in found["rooms::free::conflict"].reason
    assert found["rooms::free::touching"].outcome is PASSED


def test_a_trigger_that_rewrites_is_put_out_of_the_way(cluster: Cluster):
    empty = "IF EXISTS (SELECT FROM rooms) THEN NEW.during := 'empty'; END IF;"
    found = decide(cluster, EMPTIED.format(empty), Exclude)["rooms::free::conflict"]
    assert (found.outcome, found.reason) == (PASSED, "shown without the triggers rewrite")
