"""Tenants: rows that are apart, and rows that are not."""

from __future__ import annotations

from harness.postgres.cluster import Cluster
from harness.properties.checks.tenant import Tenant
from tests.properties.support import FAILED, PASSED, UNDECIDED, answers, decide

USERS = "CREATE TABLE users (id text PRIMARY KEY);\n"
TASKS = USERS + (
    "CREATE TABLE tasks (id int PRIMARY KEY, user_id text NOT NULL REFERENCES users"
    " ON DELETE CASCADE, title text);\n"
)
CHECK = Tenant("user_id")
SECURED = TASKS + "ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;\n"


def test_rows_that_are_apart_are_passed(cluster: Cluster):
    decisions = decide(cluster, TASKS, CHECK)
    assert {name: one.outcome for name, one in decisions.items()} == {
        "tasks::user_id::deletes": PASSED
    }
    statements = [step.sql for step in decisions["tasks::user_id::deletes"].evidence]
    assert sum("DELETE FROM" in text for text in statements) == 2


def test_without_a_tenant_nothing_is_declared(cluster: Cluster):
    assert decide(cluster, TASKS, Tenant()) == {}


def test_a_delete_that_takes_others_along_is_failed(cluster: Cluster):
    schema = TASKS + (
        "CREATE FUNCTION clean() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN DELETE FROM tasks; RETURN NULL; END $$;\n"
        "CREATE TRIGGER clean AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION clean();"
    )
    one = decide(cluster, schema, CHECK)["tasks::user_id::deletes"]
    assert one.outcome is FAILED
    assert "rows of another tenant are not what they were" in one.reason


def test_a_reference_across_tenants_is_failed_unless_the_key_holds_the_tenant(cluster: Cluster):
    loose = TASKS + "ALTER TABLE tasks ADD parent int CONSTRAINT across REFERENCES tasks;"
    one = decide(cluster, loose, CHECK)["tasks::across::refers"]
    assert one.outcome is FAILED
    assert "can refer to another's row" in one.reason
    held = TASKS + (
        "ALTER TABLE tasks ADD UNIQUE (user_id, id), ADD parent int,"
        " ADD CONSTRAINT within FOREIGN KEY (user_id, parent) REFERENCES tasks (user_id, id);"
    )
    assert "tasks::within::refers" not in decide(cluster, held, CHECK)
    guarded = loose + (
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
        "IF NEW.user_id <> (SELECT user_id FROM tasks WHERE id = NEW.parent) THEN\n"
        "RAISE EXCEPTION 'another user''s'; END IF; RETURN NEW; END $$;\n"
        "CREATE TRIGGER guard BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION guard();"
    )
    one = decide(cluster, guarded, CHECK)["tasks::across::refers"]
    assert one.outcome is PASSED
    assert "another user's" in answers(one)


def test_row_level_security_is_looked_at_as_a_role_that_it_is_for(cluster: Cluster):
    mine = "CREATE POLICY own ON tasks USING (user_id = current_setting('app.user', true));"
    one = decide(cluster, SECURED + mine, CHECK)["tasks::user_id::sees"]
    assert one.outcome is PASSED, one
    assert any("SET LOCAL ROLE" in step.sql for step in one.evidence)
    every = mine.replace("USING (", "USING (true OR ")
    one = decide(cluster, SECURED + every, CHECK)["tasks::user_id::sees"]
    assert one.outcome is FAILED
    assert "a tenant sees another's row" in one.reason


def test_policies_that_ask_a_function_for_the_claims(cluster: Cluster):
    schema = SECURED + (
        "CREATE FUNCTION uid() RETURNS text STABLE LANGUAGE sql AS"
        " $$ SELECT current_setting('request.jwt.claims', true)::json ->> 'sub' $$;\n"
        "CREATE POLICY own ON tasks USING (user_id = uid());"
    )
    assert decide(cluster, schema, CHECK)["tasks::user_id::sees"].outcome is PASSED


def test_a_policy_that_tells_nobody_who_the_tenant_is_decides_nothing(cluster: Cluster):
    schema = SECURED + "CREATE POLICY own ON tasks USING (user_id = 'alice');"
    one = decide(cluster, schema, CHECK)["tasks::user_id::sees"]
    assert one.outcome is UNDECIDED
    assert "no policy reads a setting" in one.reason
