"""Times that triggers keep: which columns are held to it, and by which updates."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.base import Decision
from harness.properties.checks.trigger import MaintainedTimes
from tests.properties.support import ADVICE, FAILED, PASSED, UNDECIDED, answers, decide

TABLE = """
CREATE TABLE t (id int PRIMARY KEY, a int, title text, created_at timestamptz DEFAULT now(),
    updated_at {} DEFAULT now(), completed_at timestamptz);
"""
U = "UPDATE"
CLOCK = "NEW.updated_at := clock_timestamp();"
DISTINCT = "WHEN (OLD.* IS DISTINCT FROM NEW.*)"
ASPECTS = {"moves", "moves_within", "no_op", "not_spoofed", "others_stay"}


def function(name: str, body: str) -> str:
    start = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
    return f"{start} $$ BEGIN {body} RETURN NEW; END $$;"


def times(
    cluster: Cluster,
    body: str,
    events: str = "UPDATE",
    when: str = "",
    type_: str = "timestamptz",
    more: str = "",
) -> dict[str, Decision]:
    """What becomes of each aspect, by ``updated_at::moves``."""
    schema = TABLE.format(type_) + function("stamp", body) + more
    rest = f"BEFORE {events} ON t FOR EACH ROW {when} EXECUTE FUNCTION stamp();"
    decisions = decide(cluster, f"{schema}CREATE TRIGGER stamp {rest}", MaintainedTimes)
    return {name.removeprefix("t::"): one for name, one in decisions.items()}


def failed(decisions: dict[str, Decision]) -> set[str]:
    return {n.rpartition("::")[2] for n, one in decisions.items() if one.outcome is FAILED}


@pytest.mark.parametrize(
    ("body", "events", "when"),
    [
        (CLOCK, U, DISTINCT),
        ("IF NEW IS DISTINCT FROM OLD THEN " + CLOCK + " END IF;", U, ""),
        ("NEW.created_at := OLD.created_at; " + CLOCK, U, ""),
        (
            "IF TG_OP = 'INSERT' THEN NEW.created_at := now(); END IF; " + CLOCK,
            "INSERT OR " + U,
            "",
        ),
        ("IF NEW.a = 1 THEN NEW.completed_at := now(); END IF; " + CLOCK, U, ""),
        ("SELECT clock_timestamp() INTO NEW.updated_at;", U, ""),
    ],
)
def test_times_that_are_kept_in_many_ways(cluster: Cluster, body: str, events: str, when: str):
    decisions = times(cluster, body, events, when)
    assert {name.partition("::")[0] for name in decisions} == {"updated_at"}
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


def test_an_update_that_changes_nothing_is_told(cluster: Cluster):
    always, distinct = times(cluster, CLOCK), times(cluster, CLOCK, when=DISTINCT)
    assert always["updated_at::no_op"].reason == "an UPDATE that changes nothing moves it, too"
    assert distinct["updated_at::no_op"].reason == "an UPDATE that changes nothing does not move it"


def test_a_trigger_in_front_that_makes_every_update_a_change_is_failed(cluster: Cluster):
    more = function("counts", "NEW.a := coalesce(OLD.a, 0) + 1;")
    more += "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION counts();"
    decisions = times(cluster, CLOCK, when=DISTINCT, more=more)
    assert failed(decisions) == {"no_op"}


def test_a_suppressed_update_moves_nothing(cluster: Cluster):
    more = (
        "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger();"
    )
    decisions = times(cluster, CLOCK, more=more)
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions
    assert decisions["updated_at::no_op"].reason == "an UPDATE that changes nothing is suppressed"


@pytest.mark.parametrize(
    ("events", "when"),
    [("UPDATE OF title", ""), ("UPDATE", "WHEN (OLD.title IS DISTINCT FROM NEW.title)")],
)
def test_only_updates_that_call_it_have_to_move_it(cluster: Cluster, events: str, when: str):
    found = times(cluster, CLOCK, events, when)
    assert not failed(found)
    # Another update may set it to what it likes; that one calls nothing.
    assert found["updated_at::not_spoofed"].outcome is ADVICE
    assert sum("INSERT" in step.sql for step in found["updated_at::not_spoofed"].evidence) == 1
    broken = times(cluster, "NEW.updated_at := OLD.updated_at;", events, when)
    assert failed(broken) == {"moves"}
    assert broken["updated_at::moves_within"].outcome is ADVICE
    spoofed = "IF NEW.updated_at = OLD.updated_at THEN " + CLOCK + " END IF;"
    assert failed(times(cluster, spoofed, events, when)) == {"not_spoofed"}


def test_a_when_that_asks_for_the_time_alone_moves_it_at_no_update(cluster: Cluster):
    backwards = "WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)"
    assert "moves" in failed(times(cluster, CLOCK, "UPDATE", backwards))
    forwards = "WHEN (OLD.updated_at IS NOT DISTINCT FROM NEW.updated_at)"
    assert "moves" not in failed(times(cluster, CLOCK, "UPDATE", forwards))


@pytest.mark.parametrize(
    "asked",
    [
        "IF NEW.id < OLD.id THEN RAISE EXCEPTION 'id'; END IF;",
        "IF NEW.title = 'done' THEN NEW.title := 'Done'; END IF;",
        "NEW.title := CASE WHEN NEW.title = '' THEN 'none' ELSE NEW.title END;",
    ],
)
def test_what_is_asked_for_something_else_decides_nothing(cluster: Cluster, asked: str):
    still = "NEW.updated_at := OLD.updated_at;"
    assert failed(times(cluster, f"{still} {asked}")) == {"moves"}
    assert failed(times(cluster, f"{asked} {still}")) == {"moves"}
    assert not failed(times(cluster, f"{asked} {CLOCK}"))
    chosen = f"IF NEW.title = 'sent' THEN {CLOCK} ELSE NEW.updated_at := OLD.updated_at; END IF;"
    assert "moves" not in failed(times(cluster, f"{asked} {chosen}"))


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("NEW.updated_at := now();", PASSED),
        ("NEW.updated_at = current_timestamp;", PASSED),
        ("NEW.updated_at := statement_timestamp() - interval '0';", PASSED),
        ("NEW.updated_at := OLD.updated_at; PERFORM now();", FAILED),
        ("NEW.updated_at := '2020-01-01'::timestamptz; PERFORM now();", FAILED),
        ("NEW.updated_at := OLD.created_at; PERFORM current_timestamp;", FAILED),
    ],
)
def test_one_time_for_a_transaction_is_advice_and_one_that_never_moves_fails(
    cluster: Cluster, body: str, outcome: object
):
    decisions = times(cluster, body)
    assert failed(decisions) - {"not_spoofed"} == ({"moves"} if outcome is FAILED else set())
    assert decisions["updated_at::moves_within"].outcome in (ADVICE, PASSED)


def test_created_at_that_the_same_function_moves_is_failed(cluster: Cluster):
    assert failed(times(cluster, "NEW.created_at := now(); " + CLOCK)) == {"others_stay"}


def test_a_value_a_little_off_does_not_get_through(cluster: Cluster):
    near = "IF NEW.updated_at NOT BETWEEN now() - interval '1 year' AND now() + interval '1 year'"
    body = f"{near} OR NEW.updated_at = OLD.updated_at THEN {CLOCK} END IF;"
    one = times(cluster, body)["updated_at::not_spoofed"]
    assert one.outcome is FAILED
    assert "updated_at takes any value that an UPDATE gives it" in one.reason


def test_a_time_of_whole_seconds_is_waited_for(cluster: Cluster):
    decisions = times(cluster, CLOCK, type_="timestamptz(1)")
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


def test_a_time_that_is_rounded_may_stand_still(cluster: Cluster):
    decisions = times(cluster, "NEW.updated_at := date_trunc('hour', clock_timestamp());")
    assert decisions["updated_at::moves"].outcome is PASSED
    assert decisions["updated_at::moves_within"].outcome is UNDECIDED


@pytest.mark.parametrize(
    "body",
    [
        "IF NEW.id <> OLD.id THEN RAISE EXCEPTION 'id'; END IF;",
        "IF NEW.title = 'done' THEN NEW.completed_at := now(); END IF;",
        "NEW.title := lower(NEW.title);",
    ],
)
def test_triggers_that_keep_no_time_property_none(cluster: Cluster, body: str):
    schema = TABLE.format("timestamptz") + function("guard", body)
    rest = "BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION guard();"
    assert not decide(cluster, f"{schema}CREATE TRIGGER guard {rest}", MaintainedTimes)


def test_a_column_of_any_name_that_is_always_set(cluster: Cluster):
    schema = "CREATE TABLE t (id int PRIMARY KEY, a int, seen timestamp);"
    schema += function("note", "NEW.seen := clock_timestamp();")
    schema += "CREATE TRIGGER n BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION note();"
    decisions = decide(cluster, schema, MaintainedTimes)
    assert {name.rpartition("::")[2] for name in decisions} == ASPECTS
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


def test_moddatetime_names_its_column(cluster: Cluster):
    schema = (
        "CREATE EXTENSION moddatetime; CREATE TABLE t (id int PRIMARY KEY, a int, m timestamptz);"
        "CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION moddatetime(m);"
    )
    decisions = decide(cluster, schema, MaintainedTimes)
    assert failed(decisions) == set()
    assert decisions["t::m::moves_within"].outcome is ADVICE
    assert "COMMIT" in [step.sql for step in decisions["t::m::moves"].evidence]
    assert "m = 2001-02-03" in answers(decisions["t::m::moves"])


def test_rows_that_are_there_already_are_not_mistaken_for_the_one_that_is_updated(
    cluster: Cluster,
):
    schema = (
        "CREATE TABLE t (id int, created_at timestamptz, a int, updated_at timestamptz)"
        " PARTITION BY RANGE (id);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (1000);"
        "CREATE TABLE t2 PARTITION OF t DEFAULT; INSERT INTO t VALUES (-1, '1999-01-01', 1);"
        + function("stamp", CLOCK)
        + "CREATE TRIGGER s BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION stamp();"
    )
    decisions = decide(cluster, schema, MaintainedTimes)
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


def test_a_time_that_the_function_keeps_at_some_updates_is_held_to_those(cluster: Cluster):
    schema = """
    CREATE TABLE page (id int PRIMARY KEY, n int, body text, edited_at timestamptz DEFAULT now());
    CREATE FUNCTION edited() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.body <> OLD.body THEN NEW.edited_at := {}; END IF; RETURN NEW; END $$;
    CREATE TRIGGER edited BEFORE UPDATE ON page FOR EACH ROW EXECUTE FUNCTION edited();
    """
    key = "page::edited_at::not_spoofed"
    assert decide(cluster, schema.format("now()"), MaintainedTimes)[key].outcome is ADVICE
    theirs = "coalesce(nullif(NEW.edited_at, OLD.edited_at), now())"
    assert decide(cluster, schema.format(theirs), MaintainedTimes)[key].outcome is FAILED
