"""Schemas on which a hasty look would go wrong, and what is seen there."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.base import Decision
from harness.properties.checks.trigger import Triggers
from tests.properties.support import PASSED, UNDECIDED, answers, decide

TABLE = "CREATE TABLE t (id int PRIMARY KEY, a int, b text);\n"
FUNCTION = """
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;
END $$;
"""
START = TABLE + FUNCTION
EVERY = "INSERT OR UPDATE OR DELETE"


def body(name: str, text: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {text} END $$;\n"


def trigger(name: str, rest: str, function: str = "f") -> str:
    return f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION {function}();\n"


def passed(decisions: dict[str, Decision]) -> None:
    assert {one.outcome for one in decisions.values()} == {PASSED}, [
        one for one in decisions.values() if one.outcome is not PASSED
    ]


# --- calls that are not the statement's own --------------------------------------------------


def test_what_a_cascade_or_another_trigger_calls_is_not_counted(cluster: Cluster):
    schema = (
        "CREATE TABLE par (id int PRIMARY KEY, n int);"
        "CREATE TABLE kid (id serial PRIMARY KEY, par int REFERENCES par ON DELETE CASCADE, v int);"
        + FUNCTION
        + body(
            "bump",
            "UPDATE par SET n = coalesce(n, 0) + 1; UPDATE kid SET v = 1 WHERE"
            " pg_trigger_depth() < 2; RETURN NULL;",
        )
        + trigger("x", f"AFTER {EVERY} ON par FOR EACH ROW")
        + trigger("x", f"AFTER {EVERY} ON kid FOR EACH ROW")
        + trigger("bump", f"AFTER {EVERY} ON kid FOR EACH ROW", "bump")
    )
    passed(decide(cluster, schema, Triggers))


def test_a_truncate_that_reaches_another_table_counts_once(cluster: Cluster):
    schema = (
        "CREATE TABLE par (id int PRIMARY KEY); CREATE TABLE kid (par int REFERENCES par);"
        + FUNCTION
        + trigger("x", "AFTER TRUNCATE ON par FOR EACH STATEMENT")
        + trigger("x", "AFTER TRUNCATE ON kid FOR EACH STATEMENT")
    )
    passed(decide(cluster, schema, Triggers))


def test_a_tree_that_is_deleted_calls_once_for_the_row_that_was_named(cluster: Cluster):
    schema = (
        "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t ON DELETE CASCADE);"
        + FUNCTION
        + trigger("x", "AFTER DELETE ON t FOR EACH ROW")
        + trigger("s", "AFTER DELETE ON t FOR EACH STATEMENT")
    )
    passed(decide(cluster, schema, Triggers))


def test_rows_of_tables_that_inherit_have_triggers_of_their_own(cluster: Cluster):
    schema = (
        "CREATE TABLE t (id int, a int); CREATE TABLE kid () INHERITS (t);"
        + FUNCTION
        + trigger("x", f"AFTER {EVERY} ON t FOR EACH ROW")
        + "INSERT INTO kid VALUES (1, 2);"
    )
    passed(decide(cluster, schema, Triggers))


# --- what stands in the way ------------------------------------------------------------------


def test_a_soft_delete_in_front_is_switched_off(cluster: Cluster):
    schema = (
        START
        + body("soft", "UPDATE t SET a = 1 WHERE id = OLD.id; RETURN NULL;")
        + trigger("soft", "BEFORE DELETE ON t FOR EACH ROW", "soft")
        + trigger("x", "AFTER DELETE ON t FOR EACH ROW")
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    assert decisions["t::x::fires"].reason == "DELETE of 2 rows: 2 calls; shown without soft"
    assert decisions["t::soft::changes"].reason == "DELETE: suppresses it"


def test_triggers_that_refuse_every_change_are_seen_to_fire(cluster: Cluster):
    schema = (
        TABLE
        + body("no", "RAISE EXCEPTION 'append only';")
        + trigger("x", "BEFORE UPDATE OR DELETE ON t FOR EACH ROW", "no")
        + trigger("y", "BEFORE UPDATE OR DELETE OR TRUNCATE ON t FOR EACH STATEMENT", "no")
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    assert decisions["t::x::changes"].reason == (
        "UPDATE: refuses it: P0001: append only; DELETE: refuses it: P0001: append only;"
        " shown without y"
    )


def test_a_table_that_holds_one_row_only(cluster: Cluster):
    schema = "CREATE TABLE t (id int PRIMARY KEY CHECK (id = 1), a int);" + FUNCTION
    passed(decide(cluster, schema + trigger("x", f"BEFORE {EVERY} ON t FOR EACH ROW"), Triggers))


def test_a_table_with_an_identity_alone(cluster: Cluster):
    schema = "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);" + FUNCTION
    of_id = trigger("y", "AFTER UPDATE OF id ON t FOR EACH ROW")
    schema += trigger("x", "AFTER INSERT ON t FOR EACH ROW") + of_id
    passed(decide(cluster, schema, Triggers))


def test_what_is_generated_is_updated_with_what_it_is_computed_from(cluster: Cluster):
    schema = (
        "CREATE TABLE t (id int PRIMARY KEY, a int, b int,"
        " c int GENERATED ALWAYS AS (a * 2) STORED);"
    )
    of_c = trigger("x", "AFTER UPDATE OF c ON t FOR EACH ROW")
    decisions = decide(cluster, schema + FUNCTION + of_c, Triggers)
    passed(decisions)
    assert decisions["t::x::update_of"].reason == "not at b, id"
    before = trigger("y", "BEFORE UPDATE ON t FOR EACH ROW")
    passed(decide(cluster, schema + FUNCTION + of_c + before, Triggers))


def test_a_key_that_a_trigger_gives_does_not_conflict(cluster: Cluster):
    schema = (
        START
        + "CREATE SEQUENCE s;"
        + body("give", "NEW.id := nextval('s'); RETURN NEW;")
        + trigger("give", "BEFORE INSERT ON t FOR EACH ROW", "give")
        + trigger("x", "AFTER INSERT ON t FOR EACH ROW")
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    assert "shown without give" in decisions["t::x::on_conflict"].reason


def test_a_schema_that_forbids_ddl_leaves_triggers_undecided(cluster: Cluster):
    schema = (
        START
        + trigger("x", "AFTER INSERT ON t FOR EACH ROW")
        + "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no ddl'; END $$;"
        "CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION no();"
    )
    decisions = decide(cluster, schema, Triggers)
    assert {one.outcome for one in decisions.values()} == {UNDECIDED}
    assert "cannot be replaced to see its calls: P0001: no ddl" in decisions["t::x::fires"].reason


# --- WHEN ------------------------------------------------------------------------------------

CONDITIONS = {
    "NEW.m = 'happy'": "INSERT OR UPDATE",
    "OLD.m = 'sad' AND NEW.m <> 'sad'": "UPDATE",
    "OLD.m = 'sad'": "DELETE",
    "NEW.e IS NOT NULL": "INSERT",
    "'x' = ANY (NEW.tags)": "INSERT OR UPDATE",
    "NEW.doc ? 'k'": "INSERT",
    "NEW.r @> 5": "UPDATE",
    "OLD.ok IS FALSE AND NEW.ok": "UPDATE",
    "OLD.* IS DISTINCT FROM NEW.*": "UPDATE",
    "NEW.n > 100 AND NEW.e IS NULL": "INSERT",
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_rows_of_which_when_is_true_are_found(cluster: Cluster, condition: str):
    schema = (
        "CREATE TYPE mood AS ENUM ('ok', 'sad', 'happy');"
        "CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), m mood NOT NULL DEFAULT"
        " 'ok', e text, r int4range, tags text[], doc jsonb, n int, ok bool NOT NULL);" + FUNCTION
    )
    rest = f"AFTER {CONDITIONS[condition]} ON t FOR EACH ROW WHEN ({condition})"
    decisions = decide(cluster, schema + trigger("x", rest), Triggers)
    passed(decisions)
    assert decisions["t::x::when"].reason.startswith("seen true, false")


def test_a_setting_that_nobody_has_made_leaves_when_undecided(cluster: Cluster):
    condition = "WHEN (current_setting('app.x', true) = 'on')"
    schema = START + trigger("x", f"AFTER UPDATE ON t FOR EACH STATEMENT {condition}")
    decisions = decide(cluster, schema, Triggers)
    assert decisions["t::x::when"].outcome is UNDECIDED
    assert decisions["t::x::zero_rows"].outcome is PASSED


def test_a_name_as_long_as_names_can_be(cluster: Cluster):
    rest = "BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.a IS NULL)"
    passed(decide(cluster, START + trigger("n" * 63, rest), Triggers))


# --- order, transition tables, COMMIT, what is changed -----------------------------------------


def test_triggers_with_conditions_are_seen_in_order(cluster: Cluster):
    schema = (
        START
        + trigger("b", "AFTER UPDATE OF b ON t FOR EACH ROW WHEN (NEW.b = 'done')")
        + trigger('"C"', "AFTER UPDATE ON t FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)")
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    assert decisions["t::b::order"].reason == "UPDATE: C before b"


def test_triggers_that_never_meet_have_no_order(cluster: Cluster):
    schema = (
        START
        + trigger("x", "AFTER UPDATE ON t FOR EACH ROW WHEN (NEW.a > 5)")
        + trigger("y", "AFTER UPDATE ON t FOR EACH ROW WHEN (NEW.a < 5)")
    )
    one = decide(cluster, schema, Triggers)["t::x::order"]
    assert one.outcome is UNDECIDED
    assert "no order is seen" in one.reason


def test_transition_tables_are_counted(cluster: Cluster):
    tables = 'REFERENCING OLD TABLE AS "Old rows" NEW TABLE AS fresh'
    schema = (
        START
        + trigger("x", f"AFTER UPDATE ON t {tables} FOR EACH STATEMENT")
        + trigger("y", "AFTER DELETE ON t REFERENCING OLD TABLE AS gone FOR EACH ROW")
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    assert decisions["t::x::transition"].reason == (
        "UPDATE of 2: OLD TABLE has 2; UPDATE of 2: NEW TABLE has 2"
    )


def test_what_is_deferred_is_seen_after_commit(cluster: Cluster):
    schema = (
        START + "CREATE CONSTRAINT TRIGGER x AFTER DELETE ON t DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW WHEN (OLD.a = 17) EXECUTE FUNCTION f();"
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    one = decisions["t::x::deferred"]
    assert one.reason == "DELETE of 1 row: 1 call at COMMIT"
    assert [step.sql for step in one.evidence].count("COMMIT") == 2


def test_what_a_function_of_its_own_changes_is_told(cluster: Cluster):
    schema = (
        "CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL, slug text, at timestamptz);"
        + body("s", "NEW.slug := 's' || NEW.id; NEW.at := now(); RETURN NEW;")
        + trigger("x", "BEFORE INSERT OR UPDATE ON t FOR EACH ROW", "s")
    )
    one = decide(cluster, schema, Triggers)["t::x::changes"]
    assert one.outcome is PASSED
    assert "INSERT: sets slug, at; UPDATE: sets at" in one.reason
    assert "slug = s" in answers(one)


def test_a_trigger_that_keeps_every_row_out_is_told(cluster: Cluster):
    schema = (
        TABLE + body("r", "RETURN NULL;") + trigger("x", "BEFORE INSERT ON t FOR EACH ROW", "r")
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    assert decisions["t::x::changes"].reason == "INSERT: suppresses it"


def test_a_suppressed_no_op_reaches_no_after_trigger(cluster: Cluster):
    schema = (
        START
        + trigger("s", "BEFORE UPDATE ON t FOR EACH ROW", "suppress_redundant_updates_trigger")
        + trigger("x", "AFTER UPDATE ON t FOR EACH ROW")
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    assert decisions["t::x::no_op"].reason == (
        "an UPDATE that changes nothing is suppressed; does not fire"
    )
    assert decisions["t::s::no_op"].reason == "fires"
