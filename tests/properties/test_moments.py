"""Values of another moment, and searches that end: neither is a verdict."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks.check_constraint import Check
from harness.properties.checks.trigger import MaintainedTimes
from harness.properties.checks.unique import Unique
from tests.properties.against import against
from tests.properties.support import FAILED, PASSED, UNDECIDED, decide

# What an INSERT leaves out has another value in the next one: clocks, sequences, chance.
VOLATILE = """
CREATE SEQUENCE ticket_seq;
CREATE FUNCTION fresh() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT md5(random()::text) $$;
CREATE DOMAIN moment AS timestamptz DEFAULT clock_timestamp();
CREATE TABLE visit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    CONSTRAINT visit_ends CHECK (ended_at >= started_at)
);
CREATE TABLE ticket (
    number bigint NOT NULL DEFAULT nextval('ticket_seq'),
    code text NOT NULL DEFAULT 'T' || currval('ticket_seq'),
    CONSTRAINT ticket_code CHECK (code = 'T' || number)
);
CREATE TABLE lottery (
    id integer PRIMARY KEY,
    draw float8 NOT NULL DEFAULT random(), low float8, high float8,
    CONSTRAINT lottery_between CHECK (draw BETWEEN low AND high)
);
CREATE TABLE node (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, next_id bigint,
    CONSTRAINT node_later CHECK (next_id > id)
);
CREATE TABLE secret (
    token text NOT NULL DEFAULT fresh(), copy text, CONSTRAINT secret_copy CHECK (copy <> token)
);
CREATE TABLE job (
    queued moment NOT NULL, done_at timestamptz,
    seconds double precision GENERATED ALWAYS AS (extract(epoch FROM done_at - queued)) STORED,
    CONSTRAINT job_lasts CHECK (seconds >= 0)
);
"""
CHECKS = {"visit_ends", "ticket_code", "lottery_between", "node_later", "secret_copy", "job_lasts"}


def test_a_row_of_one_moment_is_not_judged_by_another(cluster: Cluster):
    found = decide(cluster, VOLATILE, Check)
    assert {i.split("::")[1] for i in found} == CHECKS
    assert {one.outcome for one in found.values()} == {PASSED}, found


@pytest.mark.parametrize(
    ("table", "name", "stricter"),
    [
        ("visit", "visit_ends", "ended_at >= started_at + interval '1 year'"),
        ("lottery", "lottery_between", "draw BETWEEN low AND high AND high > 1e300"),
        ("node", "node_later", "next_id > id + 1000"),
        ("job", "job_lasts", "seconds IS NOT NULL AND seconds >= 0"),
    ],
)
def test_a_check_that_refuses_more_than_it_says_fails(
    cluster: Cluster, table: str, name: str, stricter: str
):
    change = (
        f"ALTER TABLE {table} DROP CONSTRAINT {name};"
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({stricter})"
    )
    assert against(cluster, VOLATILE, change, Check)[f"{table}::{name}::accepted"].outcome is FAILED


def test_a_condition_that_changes_by_itself_is_undecided(cluster: Cluster):
    schema = "CREATE TABLE a (id int PRIMARY KEY, CONSTRAINT c CHECK (id > 0 AND random() < 0.5));"
    found = decide(cluster, schema, Check)
    assert found["a::c::accepted"].outcome is not FAILED


def test_a_predicate_over_a_volatile_default(cluster: Cluster):
    schema = """
        CREATE TABLE draw (id int PRIMARY KEY, name text NOT NULL, luck float8 DEFAULT random());
        CREATE UNIQUE INDEX draw_lucky ON draw (name) WHERE luck > 0.5;
    """
    found = decide(cluster, schema, Unique)
    kept = {i: one.outcome for i, one in found.items() if "draw_lucky" in i}
    assert set(kept.values()) == {PASSED}, kept
    assert len(kept) == 3


POST = """
CREATE TABLE author (id int PRIMARY KEY);
CREATE TABLE post (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text, b text, c text, d text, e text,
    f text, g text, h text, author_id int REFERENCES author, body text,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE FUNCTION edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {body}
    RETURN NEW;
END $$;
CREATE TRIGGER edited BEFORE UPDATE ON post FOR EACH ROW EXECUTE FUNCTION edited();
"""
STAMP = "NEW.updated_at := clock_timestamp();"
BACK = "NEW.updated_at := OLD.updated_at;"


@pytest.mark.parametrize(
    ("guard", "stamp", "outcome"),
    [
        ("NEW.body IS DISTINCT FROM OLD.body", STAMP, PASSED),
        ("NEW.body IS DISTINCT FROM OLD.body", BACK, FAILED),
        ("(NEW.h <> OLD.h) OR NEW.g IS DISTINCT FROM OLD.g", STAMP, PASSED),
        ("(NEW.h <> OLD.h) OR NEW.g IS DISTINCT FROM OLD.g", BACK, FAILED),
        ("NEW.author_id IS DISTINCT FROM OLD.author_id", STAMP, PASSED),
        ("NEW.author_id IS DISTINCT FROM OLD.author_id", BACK, FAILED),
        ("md5(NEW.body) = 'no text has this hash'", STAMP, UNDECIDED),
        ("length(NEW.body) > 700 AND NEW.a LIKE '%q%'", STAMP, UNDECIDED),
    ],
)
def test_a_time_moves_with_a_column_beyond_the_first_few(
    cluster: Cluster, guard: str, stamp: str, outcome: object
):
    body = f"IF {guard} THEN {stamp} END IF;"
    found = decide(cluster, POST.format(body=body), MaintainedTimes)
    assert found["post::updated_at::moves"].outcome is outcome


def test_a_time_that_nothing_moves_fails(cluster: Cluster):
    found = decide(cluster, POST.format(body=BACK), MaintainedTimes)
    assert found["post::updated_at::moves"].outcome is FAILED


SWALLOWING = """
CREATE TABLE t (id int PRIMARY KEY, body text NOT NULL);
CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$;
CREATE TRIGGER eat BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION eat();
"""


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("RETURN NULL;", FAILED),
        ("IF md5(NEW.body) = 'no such hash' THEN RETURN NEW; END IF; RETURN NULL;", UNDECIDED),
        ("RETURN CASE WHEN md5(NEW.body) = 'no such hash' THEN NEW END;", UNDECIDED),
    ],
)
def test_rows_that_are_swallowed_always_or_by_choice(cluster: Cluster, body: str, outcome: object):
    from harness.properties.checks.not_null import NotNull

    found = decide(cluster, SWALLOWING.format(body), NotNull)
    assert found["t::body::not_null"].outcome is outcome
