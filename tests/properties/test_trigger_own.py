"""The trigger's own function is run where it is called, and not only a probe in its place."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks.trigger import Triggers
from tests.properties.support import FAILED, PASSED, decide

TABLE = "CREATE TABLE t (id int PRIMARY KEY, state text, n int);"


def schema(when: str, text: str, declare: str = "") -> str:
    return (
        f"{TABLE} CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" DECLARE {declare} BEGIN {text} RETURN NEW; END $$;"
        f"CREATE TRIGGER x {when} EXECUTE FUNCTION f();"
    )


ROW = "FOR EACH ROW"
CASES = [
    (f"AFTER UPDATE ON t {ROW}", "EXECUTE 'DELETE FROM ' || 'gone';", "PERFORM 1;", "fires"),
    (
        f"AFTER UPDATE ON t {ROW} WHEN (NEW.state = 'done' AND OLD.state <> 'done')",
        "NEW.finished := now();",
        "NEW.state := 'x';",
        "when",
    ),
    (
        f"AFTER INSERT ON t {ROW} WHEN (NEW.n > 100)",
        "PERFORM alert(NEW.n);",
        "PERFORM pg_notify('alert', 'n');",
        "when",
    ),
    ("AFTER DELETE ON t FOR EACH STATEMENT", "PERFORM gone();", "PERFORM now();", "fires"),
    ("BEFORE TRUNCATE ON t FOR EACH STATEMENT", "INSERT INTO g VALUES (1);", "PERFORM 1;", "fires"),
    (f"BEFORE INSERT ON t {ROW}", "NEW.gone := 1;", "NEW.n := 1;", "fires"),
    (
        "AFTER UPDATE ON t REFERENCING NEW TABLE AS rows FOR EACH STATEMENT",
        "PERFORM count(gone) FROM rows;",
        "PERFORM count(n) FROM rows;",
        "fires",
    ),
]


@pytest.mark.parametrize(("when", "broken", "right", "aspect"), CASES)
def test_a_broken_body_fails_behind_the_probe(
    when: str, broken: str, right: str, aspect: str, cluster: Cluster
):
    decision = decide(cluster, schema(when, broken), Triggers)[f"t::x::{aspect}"]
    assert decision.outcome is FAILED
    assert "its own function ends in an error: 42" in decision.reason
    assert decision.evidence[-1].answer in decision.reason
    decision = decide(cluster, schema(when, right), Triggers)[f"t::x::{aspect}"]
    assert decision.outcome is PASSED, decision.reason


@pytest.mark.parametrize("code", ["", "SQLSTATE '42703'", "undefined_table"])
def test_a_rule_is_no_broken_body(code: str, cluster: Cluster):
    raising = f"RAISE EXCEPTION {code or repr('no')};"
    decisions = decide(cluster, schema(f"BEFORE UPDATE ON t {ROW}", raising), Triggers)
    assert {one.outcome for one in decisions.values()} == {PASSED}
    assert "refuses it" in decisions["t::x::changes"].reason


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        ("NEW.gone := 1;", "NEW.n := 1;"),
        ("NEW.n := r.n;", "r := OLD; NEW.n := r.n;"),
        ("NEW.n := (SELECT x FROM generate_series(1, 2) AS x);", "NEW.n := (SELECT 1);"),
        ("CASE WHEN false THEN NULL; END CASE;", "CASE WHEN true THEN NULL; END CASE;"),
    ],
)
def test_changes_tells_a_broken_function_from_one_that_refuses(
    broken: str, right: str, cluster: Cluster
):
    for text, outcome in ((broken, FAILED), (right, PASSED)):
        made = schema(f"BEFORE UPDATE ON t {ROW}", text, "r record;")
        assert decide(cluster, made, Triggers)["t::x::changes"].outcome is outcome


def test_changes_that_depend_on_the_values_are_no_refusal(cluster: Cluster):
    text = "NEW.n := NEW.state::int;"
    found = "SELECT rate INTO STRICT NEW.n FROM tax LIMIT 1;"
    made = "CREATE TABLE tax (rate int NOT NULL);" + schema(f"BEFORE UPDATE ON t {ROW}", found)
    assert decide(cluster, made, Triggers)["t::x::changes"].outcome is PASSED
    decision = decide(cluster, schema(f"BEFORE UPDATE ON t {ROW}", text), Triggers)["t::x::changes"]
    assert "refuses it" not in decision.reason


def test_what_fails_is_said_before_what_is_undecided(cluster: Cluster):
    text = "IF TG_OP = 'INSERT' THEN NEW.n := 'none'::text; ELSE NEW.gone := 1; END IF;"
    decisions = decide(cluster, schema(f"BEFORE INSERT OR UPDATE ON t {ROW}", text), Triggers)
    assert decisions["t::x::changes"].outcome is FAILED
    assert "at UPDATE" in decisions["t::x::changes"].reason


def test_a_change_to_a_state_is_seen_whatever_the_generated_row_holds(cluster: Cluster):
    """A row that happens to have NULL has no other state: ``OLD.state <> 'done'`` is NULL."""
    names = ["t__2", "t__9", "t__13", "t__90053"]  # the names decide what rows are generated
    broken = "BEGIN NEW.finished := now(); RETURN NEW; END"
    made = f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $${broken}$$;" + "".join(
        f"CREATE TABLE {name} (id int PRIMARY KEY, state text, n int);"
        f"CREATE TRIGGER x AFTER UPDATE ON {name} {ROW}"
        " WHEN (NEW.state = 'done' AND OLD.state <> 'done') EXECUTE FUNCTION f();"
        for name in names
    )
    found = decide(cluster, made, Triggers)
    assert {found[f"{name}::x::when"].outcome for name in names} == {FAILED}
