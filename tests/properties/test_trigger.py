"""Triggers: when they fire, in the words of the server, and when they do not."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks.trigger import MaintainedTimes, Triggers
from tests.properties.support import FAILED, PASSED, UNDECIDED, decide

TABLE = "CREATE TABLE t (id int PRIMARY KEY, a int, b int);\n"
FUNCTION = """
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;
END $$;
"""
START = TABLE + FUNCTION
EVERY = "INSERT OR UPDATE OR DELETE"
SWALLOWS = """
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER a_first BEFORE INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION g();
"""


def trigger(rest: str, name: str = "x") -> str:
    return f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION f();\n"


def found(cluster: Cluster, schema: str, name: str = "x") -> dict[str, object]:
    decisions = decide(cluster, schema, Triggers)
    start = f"t::{name}::"
    return {n.removeprefix(start): one for n, one in decisions.items() if n.startswith(start)}


@pytest.mark.parametrize("timing", ["BEFORE", "AFTER"])
@pytest.mark.parametrize("level", ["ROW", "STATEMENT"])
@pytest.mark.parametrize("events", [EVERY, "INSERT", "UPDATE", "DELETE", "UPDATE OF a"])
def test_triggers_that_fire_as_declared_are_passed(
    cluster: Cluster, timing: str, level: str, events: str
):
    decisions = found(cluster, START + trigger(f"{timing} {events} ON t FOR EACH {level}"))
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions
    assert ("update_of" in decisions) == (events == "UPDATE OF a")
    assert ("copy" in decisions) == ("INSERT" in events)


def test_truncate_is_an_event(cluster: Cluster):
    decisions = found(cluster, START + trigger("AFTER TRUNCATE ON t FOR EACH STATEMENT"))
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


@pytest.mark.parametrize("condition", ["NEW.a > 5", "NEW.a IS DISTINCT FROM OLD.a"])
def test_when_is_seen_true_false_and_null(cluster: Cluster, condition: str):
    one = found(cluster, START + trigger(f"BEFORE UPDATE ON t FOR EACH ROW WHEN ({condition})"))
    assert one["when"].outcome is PASSED, one


def test_when_on_insert(cluster: Cluster):
    one = found(cluster, START + trigger("AFTER INSERT ON t FOR EACH ROW WHEN (NEW.a > 5)"))
    assert one["when"].outcome is PASSED, one


def test_a_condition_that_is_never_true_is_undecided(cluster: Cluster):
    text = "AFTER UPDATE ON t FOR EACH ROW WHEN (NEW.a > NEW.a)"
    one = found(cluster, START + trigger(text))
    assert one["when"].outcome is UNDECIDED
    assert "is true" in one["when"].reason


def test_when_is_asked_of_what_a_trigger_in_front_has_made_of_the_row(cluster: Cluster):
    before = (
        "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.a := 0; RETURN NEW; END $$;\n"
        "CREATE TRIGGER a_first BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION g();\n"
    )
    text = trigger("AFTER UPDATE ON t FOR EACH ROW WHEN (NEW.a > 5)")
    one = found(cluster, START + before + text)["when"]
    assert one.outcome is UNDECIDED
    assert "after what a_first makes of it" in one.reason
    text = trigger("AFTER UPDATE ON t FOR EACH ROW WHEN (NEW.a = 0)")
    one = found(cluster, START + before + text)["when"]
    assert one.outcome is PASSED


def test_a_trigger_that_swallows_rows_is_switched_off(cluster: Cluster):
    schema = START + SWALLOWS + trigger(f"AFTER {EVERY} ON t FOR EACH ROW")
    one = found(cluster, schema)["fires"]
    assert one.outcome is PASSED
    assert "shown without a_first" in one.reason


def test_the_order_is_that_of_the_names_in_bytes(cluster: Cluster):
    names = ("b", '"A"', "a")
    schema = START + "".join(trigger("AFTER INSERT ON t FOR EACH ROW", name) for name in names)
    decisions = decide(cluster, schema, Triggers)
    assert decisions["t::a::order"].outcome is PASSED
    assert decisions["t::a::order"].reason == "INSERT: A before a before b"


def test_what_is_disabled_does_not_fire(cluster: Cluster):
    schema = START + trigger("AFTER INSERT ON t FOR EACH ROW")
    decisions = found(cluster, schema + "ALTER TABLE t DISABLE TRIGGER x;")
    assert {n: one.outcome for n, one in decisions.items()} == {"disabled": PASSED}


def test_a_trigger_that_the_database_switches_off_is_failed(cluster: Cluster):
    switch = (
        "DO $$ BEGIN EXECUTE format('ALTER ROLE %I IN DATABASE %I SET session_replication_role"
        " = replica', current_user, current_database()); END $$;"
    )
    schema = START + trigger("AFTER INSERT ON t FOR EACH ROW") + switch
    one = found(cluster, schema)["fires"]
    assert one.outcome is FAILED
    assert "called 0 times, not 1" in one.reason


def test_rows_that_reach_a_partition_call_the_triggers_of_the_whole(cluster: Cluster):
    schema = (
        "CREATE TABLE t (id int, a int) PARTITION BY RANGE (id);\n"
        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10000);\n" + FUNCTION
    )
    decisions = found(cluster, schema + trigger(f"AFTER {EVERY} ON t FOR EACH ROW"))
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


def test_deferred_constraint_triggers_fire(cluster: Cluster):
    text = (
        "CREATE CONSTRAINT TRIGGER x AFTER INSERT OR UPDATE ON t DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION f();"
    )
    decisions = found(cluster, START + text)
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


def test_a_function_of_the_server_is_not_needed_to_see_calls(cluster: Cluster):
    text = (
        "CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger();"
    )
    decisions = found(cluster, TABLE + text)
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions
    assert decisions["fires"].reason == "UPDATE of 2 rows: 2 calls"
    assert decisions["changes"].reason == "UPDATE: suppresses it"


# --- times ---------------------------------------------------------------------------------

STAMPED = """
CREATE TABLE t (id int PRIMARY KEY, a int, created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now());
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE UPDATE {} ON t FOR EACH ROW EXECUTE FUNCTION stamp();
"""
CLOCK = "NEW.updated_at := clock_timestamp();"


def times(cluster: Cluster, body: str, of: str = "") -> dict[str, object]:
    decisions = decide(cluster, STAMPED.format(body, of), MaintainedTimes)
    return {n.rpartition("::")[2]: one for n, one in decisions.items()}


def test_a_time_that_is_kept_is_passed(cluster: Cluster):
    decisions = times(cluster, CLOCK)
    assert set(decisions) == {"moves", "moves_within", "no_op", "not_spoofed", "others_stay"}
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


@pytest.mark.parametrize(
    ("body", "of", "failed"),
    [
        ("", "", {"moves", "not_spoofed"}),
        ("NEW.updated_at := now();", "", set()),
        ("IF NEW.updated_at = OLD.updated_at THEN " + CLOCK + " END IF;", "", {"not_spoofed"}),
        (CLOCK + " NEW.created_at := clock_timestamp();", "", {"others_stay"}),
        (
            "IF NEW.updated_at IS NULL THEN " + CLOCK + " END IF;",
            "",
            {"not_spoofed"},
        ),
    ],
)
def test_a_time_that_is_not_kept_is_failed(cluster: Cluster, body: str, of: str, failed: set[str]):
    decisions = times(cluster, body, of)
    assert {n for n, one in decisions.items() if one.outcome is FAILED} == failed


def test_another_time_that_moves_along_is_failed(cluster: Cluster):
    schema = STAMPED.format(CLOCK, "") + (
        "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE r t; BEGIN\n"
        "r := NEW; r.created_at := clock_timestamp(); RETURN r; END $$;\n"
        "CREATE TRIGGER other BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION other();"
    )
    one = decide(cluster, schema, MaintainedTimes)["t::updated_at::others_stay"]
    assert one.outcome is FAILED
    assert "created_at moves, too" in one.reason
