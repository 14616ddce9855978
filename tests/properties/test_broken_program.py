"""A broken program fails every property that meets it: it is neither a refusal nor in the way."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.base import PropertyCheck
from harness.properties.checks.foreign_key import ForeignKey
from harness.properties.checks.tenant import Tenant
from harness.properties.checks.trigger import MaintainedTimes, Triggers
from harness.properties.checks.usable import Usable
from tests.properties.support import FAILED, PASSED, UNDECIDED, decide, outcomes


def body(name: str, text: str, declare: str = "") -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" DECLARE {declare} BEGIN {text} END $$;"
    )


def trigger(when: str, text: str) -> str:
    return f"{body('f', text)} CREATE TRIGGER x {when} FOR EACH ROW EXECUTE FUNCTION f();"


# --- as they were reported -------------------------------------------------------------------

CONFIRMATION = "CREATE TABLE confirmation (id int PRIMARY KEY, confirmed_at timestamptz{});"
SET_UPDATED_AT = (
    body("set_updated_at", "_new := NEW; _new.updated_at = now(); RETURN _new;", "_new record;")
    + "CREATE TRIGGER set_updated_at BEFORE UPDATE ON confirmation"
    " FOR EACH ROW EXECUTE FUNCTION set_updated_at();"
)
AUDIT = (
    "CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL);"
    + body(
        "audit_it",
        "EXECUTE format('INSERT INTO %I_audit VALUES ($1)', tg_table_name) USING OLD.id;"
        " RETURN NULL;",
    )
    + "CREATE TRIGGER audit_it AFTER UPDATE OR DELETE ON orders"
    " FOR EACH ROW EXECUTE FUNCTION audit_it();"
)
ROLE = "broken_app"
MEMBERS = f"""
CREATE ROLE {ROLE};
CREATE TABLE team (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE member (team_id int NOT NULL REFERENCES team ON DELETE CASCADE, user_id text NOT NULL,
    PRIMARY KEY (team_id, user_id));
GRANT SELECT, INSERT, UPDATE, DELETE ON team, member TO {ROLE};
ALTER TABLE team ENABLE ROW LEVEL SECURITY; ALTER TABLE member ENABLE ROW LEVEL SECURITY;
"""
MINE = "SELECT m.team_id FROM member AS m WHERE m.user_id = current_setting('app.user', true)"
RECURSIVE = f"""
CREATE POLICY m ON member USING (team_id IN ({MINE}));
CREATE POLICY t ON team USING (id IN ({MINE}));
"""
PLAIN = f"""
CREATE POLICY m ON member USING (user_id = current_setting('app.user', true));
CREATE POLICY t ON team USING (id IN ({MINE}));
"""


@pytest.fixture(autouse=True)
def no_role(cluster: Cluster):
    yield
    with cluster.connect("postgres") as connection:
        connection.execute(f"DROP ROLE IF EXISTS {ROLE}")


def failed(cluster: Cluster, schema: str, *checks: type[PropertyCheck] | PropertyCheck) -> set[str]:
    decisions = decide(cluster, schema, *checks)
    assert UNDECIDED not in {one.outcome for one in decisions.values()}, outcomes(decisions)
    return {name for name, one in decisions.items() if one.outcome is FAILED}


def test_a_trigger_that_assigns_a_field_which_is_not_there(cluster: Cluster):
    broken = CONFIRMATION.format("") + SET_UPDATED_AT
    name = "confirmation::set_updated_at"
    found = failed(cluster, broken, Triggers, Usable)
    assert found == {f"{name}::changes", f"{name}::fires", "confirmation::owner::update"}
    right = CONFIRMATION.format(", updated_at timestamptz") + SET_UPDATED_AT
    assert not failed(cluster, right, Triggers, Usable)


def test_an_after_trigger_that_always_fails(cluster: Cluster):
    found = failed(cluster, AUDIT, Triggers, Usable)
    assert found == {"orders::audit_it::fires", "orders::owner::update", "orders::owner::delete"}
    assert not failed(cluster, "CREATE TABLE orders_audit (id int);" + AUDIT, Triggers, Usable)


def test_policies_that_read_themselves(cluster: Cluster):
    found = failed(cluster, MEMBERS + RECURSIVE, Usable, Tenant("user_id"))
    commands = ("insert", "update", "delete", "select")
    every = {f"{table}::{ROLE}::{one}" for table in ("team", "member") for one in commands}
    assert found == {*every, "member::user_id::sees"}


def test_policies_that_do_not(cluster: Cluster):
    assert not failed(cluster, MEMBERS + PLAIN, Usable, Tenant("user_id"))


# --- where something used to be put out of the way ------------------------------------------


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_what_a_foreign_key_leads_to(action: str, cluster: Cluster):
    tables = (
        "CREATE TABLE par (id int PRIMARY KEY);"
        f"CREATE TABLE kid (id int PRIMARY KEY, par int REFERENCES par ON DELETE {action});"
    )
    event = "DELETE" if action == "CASCADE" else "UPDATE"
    wrong = trigger(f"AFTER {event} ON kid", "PERFORM gone(OLD.id); RETURN NULL;")
    right = trigger(f"AFTER {event} ON kid", "PERFORM abs(OLD.id); RETURN NULL;")
    key = "kid::kid_par_fkey::on_delete"
    assert decide(cluster, tables + wrong, ForeignKey)[key].outcome is FAILED
    assert decide(cluster, tables + right, ForeignKey)[key].outcome is PASSED


def test_a_rule_in_the_way_of_a_foreign_key_is_none(cluster: Cluster):
    tables = (
        "CREATE TABLE par (id int PRIMARY KEY);"
        "CREATE TABLE kid (id int PRIMARY KEY, par int REFERENCES par ON DELETE CASCADE);"
    )
    rule = trigger("BEFORE DELETE ON kid", "RAISE undefined_table; RETURN OLD;")
    decision = decide(cluster, tables + rule, ForeignKey)["kid::kid_par_fkey::on_delete"]
    assert decision.outcome is not FAILED


def test_a_time_that_cannot_be_kept(cluster: Cluster):
    table = "CREATE TABLE t (id int PRIMARY KEY, a text, updated_at timestamptz DEFAULT now());"
    stamp = "NEW.updated_at := clock_timestamp(); {} RETURN NEW;"
    wrong = trigger("BEFORE UPDATE ON t", stamp.format("NEW.updated_by := 1;"))
    decisions = decide(cluster, table + wrong, MaintainedTimes)
    assert {one.outcome for one in decisions.values()} == {FAILED}, outcomes(decisions)
    right = trigger("BEFORE UPDATE ON t", stamp.format(""))
    decisions = decide(cluster, table + right, MaintainedTimes)
    assert {one.outcome for one in decisions.values()} == {PASSED}, outcomes(decisions)


def test_deleting_a_tenant(cluster: Cluster):
    table = "CREATE TABLE t (id int PRIMARY KEY, owner text NOT NULL);"
    wrong = trigger("AFTER DELETE ON t", "DELETE FROM gone; RETURN NULL;")
    right = trigger("AFTER DELETE ON t", "DELETE FROM t WHERE false; RETURN NULL;")
    assert failed(cluster, table + wrong, Tenant("owner")) == {"t::owner::deletes"}
    assert not failed(cluster, table + right, Tenant("owner"))
