"""Foreign keys: what is kept, what is broken, and what is neither."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks.foreign_key import ForeignKey
from tests.properties.support import ADVICE, FAILED, PASSED, UNDECIDED, answers, decide

PARENT = "CREATE TABLE users (id int PRIMARY KEY, name text);\n"
CHILD = PARENT + (
    "CREATE TABLE tasks (id int PRIMARY KEY, user_id int CONSTRAINT fk REFERENCES users {});\n"
    "CREATE INDEX ON tasks (user_id);\n"
)
NAME = "tasks::fk::"


def found(cluster: Cluster, schema: str, aspect: str, name: str = NAME):
    return decide(cluster, schema, ForeignKey)[f"{name}{aspect}"]


def test_every_aspect_of_a_key_that_is_kept_is_passed(cluster: Cluster):
    decisions = decide(cluster, CHILD.format("ON DELETE CASCADE"), ForeignKey)
    aspects = ("orphan", "orphan_update", "null", "on_delete", "on_update", "index")
    assert set(decisions) == {f"{NAME}{aspect}" for aspect in aspects}
    assert {one.outcome for one in decisions.values()} == {PASSED}
    assert "23503" in answers(decisions[f"{NAME}orphan"])
    assert "23503" in answers(decisions[f"{NAME}orphan_update"])


@pytest.mark.parametrize("action", ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"])
def test_every_action_is_observed(cluster: Cluster, action: str):
    schema = CHILD.format(f"ON DELETE {action} ON UPDATE {action}")
    decisions = decide(cluster, schema, ForeignKey)
    for aspect in ("on_delete", "on_update"):
        one = decisions[f"{NAME}{aspect}"]
        assert one.outcome is PASSED, one
        refused = "23503" in answers(one) or "23001" in answers(one)
        assert refused == (action in ("NO ACTION", "RESTRICT"))


@pytest.mark.parametrize(
    ("table", "failed"),
    [("tasks", {"orphan", "orphan_update"}), ("users", {"on_delete", "on_update"})],
)
def test_triggers_that_are_switched_off_are_noticed(cluster: Cluster, table: str, failed: set[str]):
    schema = CHILD.format("ON DELETE CASCADE") + f"ALTER TABLE {table} DISABLE TRIGGER ALL;"
    decisions = decide(cluster, schema, ForeignKey)
    broken = {n.removeprefix(NAME) for n, one in decisions.items() if one.outcome is FAILED}
    assert broken == failed


def test_a_cascade_goes_down_to_the_last_level(cluster: Cluster):
    schema = CHILD.format("ON DELETE CASCADE") + (
        "CREATE TABLE notes (task_id int REFERENCES tasks ON DELETE CASCADE);"
    )
    one = found(cluster, schema, "on_delete")
    assert one.outcome is PASSED
    assert any('INSERT INTO "public"."notes"' in step.sql for step in one.evidence)
    broken = found(cluster, schema + "ALTER TABLE tasks DISABLE TRIGGER ALL;", "on_delete")
    assert broken.outcome is FAILED
    assert "rows of public.notes still refer" in broken.reason


def test_set_null_on_a_column_that_is_not_null_does_not_work(cluster: Cluster):
    schema = CHILD.format("ON DELETE SET NULL") + "ALTER TABLE tasks ALTER user_id SET NOT NULL;"
    one = found(cluster, schema, "on_delete")
    assert one.outcome is FAILED
    assert "SET NULL does not work: 23502" in one.reason


COMPUTED = """
CREATE TABLE things (id int, kind text, PRIMARY KEY (id, kind));
CREATE TABLE bikes (
    id int PRIMARY KEY, kind text GENERATED ALWAYS AS ('bike') STORED, note text,
    FOREIGN KEY (id, kind) REFERENCES things ON DELETE CASCADE
);
"""


@pytest.mark.parametrize("table", ["", "bikes", "things"])
def test_a_key_of_which_a_column_is_computed(cluster: Cluster, table: str):
    disabled = f"ALTER TABLE {table} DISABLE TRIGGER ALL;" if table else ""
    decisions = decide(cluster, COMPUTED + disabled, ForeignKey)
    failed = {name.split("::")[-1] for name, one in decisions.items() if one.outcome is FAILED}
    assert failed == {"": set(), "bikes": {"orphan"}, "things": {"on_delete", "on_update"}}[table]
    assert UNDECIDED not in {one.outcome for one in decisions.values()}


CHECKED = """
CREATE TABLE kinds (kind text PRIMARY KEY);
CREATE TABLE coins (id int, kind text, PRIMARY KEY (id, kind));
CREATE TABLE gone (
    id int PRIMARY KEY, kind text REFERENCES kinds ON DELETE SET NULL, open bool NOT NULL, {gone}
);
CREATE TABLE one (
    id int PRIMARY KEY, "Kind" text REFERENCES kinds ON UPDATE CASCADE, CHECK ({one})
);
CREATE TABLE copied (
    id int PRIMARY KEY, kind varchar(20) REFERENCES kinds ON UPDATE CASCADE, was text NOT NULL,
    CHECK ({copied})
);
CREATE TABLE both (
    coin int, kind text CHECK (kind = 'gold'), PRIMARY KEY (coin, kind),
    FOREIGN KEY (coin, kind) REFERENCES coins ON UPDATE CASCADE
);
""".replace("TABLE both", 'TABLE "both"')


@pytest.mark.parametrize(
    ("checks", "failed"),
    [
        (
            {
                "gone": "CHECK (kind IS NOT NULL)",
                "one": "\"Kind\" IN ('a')",
                "copied": "was = kind",
            },
            {"gone::on_delete", "one::on_update", "copied::on_update"},
        ),
        (
            {
                "gone": "CHECK (open OR kind IS NOT NULL)",
                "one": "\"Kind\" IN ('a', 'b')",
                "copied": "was <= kind",
            },
            set(),
        ),
    ],
)
def test_an_action_that_a_check_always_refuses_does_not_work(
    cluster: Cluster, checks: dict[str, str], failed: set[str]
):
    decisions = decide(cluster, CHECKED.format(**checks), ForeignKey)
    found = {name: one for name, one in decisions.items() if one.outcome is FAILED}
    assert {f"{name.split('::')[0]}::{name.split('::')[-1]}" for name in found} == failed
    assert all("never works: 23514" in one.reason for one in found.values())


def test_set_default_needs_a_target_for_the_default(cluster: Cluster):
    schema = (
        CHILD.format("ON DELETE SET DEFAULT") + "ALTER TABLE tasks ALTER user_id SET DEFAULT -9;"
    )
    one = found(cluster, schema, "on_delete")
    assert one.outcome is UNDECIDED
    assert "no target has the default's key" in one.reason


@pytest.mark.parametrize("match", ["SIMPLE", "FULL"])
def test_null_beside_a_value(cluster: Cluster, match: str):
    schema = (
        "CREATE TABLE users (a int, b int, PRIMARY KEY (a, b));\n"
        "CREATE TABLE tasks (a int, b int, CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES users"
        f" MATCH {match});"
    )
    one = found(cluster, schema, "partly_null")
    assert one.outcome is PASSED
    assert ("23503" in answers(one)) == (match == "FULL")


@pytest.mark.parametrize("initially", ["DEFERRED", "IMMEDIATE"])
def test_a_deferrable_key(cluster: Cluster, initially: str):
    decisions = decide(cluster, CHILD.format(f"DEFERRABLE INITIALLY {initially}"), ForeignKey)
    assert {one.outcome for one in decisions.values()} == {PASSED}
    assert decisions[f"{NAME}deferred"].reason == f"initially {initially.lower()}"


@pytest.mark.parametrize(
    ("index", "outcome"),
    [
        ("", ADVICE),
        ("CREATE INDEX ON tasks (user_id);", PASSED),
        ("CREATE INDEX ON tasks (id, user_id);", ADVICE),
        ("CREATE INDEX ON tasks (user_id, id);", PASSED),
        ("CREATE INDEX ON tasks (user_id) WHERE user_id IS NOT NULL;", PASSED),
        ("CREATE INDEX ON tasks (user_id) WHERE id > 5;", ADVICE),
        ("CREATE INDEX ON tasks ((user_id + 1));", ADVICE),
        ("CREATE UNIQUE INDEX ON tasks (user_id) INCLUDE (id);", PASSED),
    ],
)
def test_an_index_has_to_lead_with_the_columns(cluster: Cluster, index: str, outcome):
    schema = CHILD.format("").partition("CREATE INDEX")[0] + index
    assert found(cluster, schema, "index").outcome is outcome


def test_rows_of_partitions_and_targets_in_partitions(cluster: Cluster):
    schema = (
        "CREATE TABLE users (id int PRIMARY KEY) PARTITION BY RANGE (id);\n"
        "CREATE TABLE users_1 PARTITION OF users FOR VALUES FROM (0) TO (10000);\n"
        "CREATE TABLE tasks (user_id int, day int, CONSTRAINT fk FOREIGN KEY (user_id)"
        " REFERENCES users ON DELETE CASCADE) PARTITION BY RANGE (day);\n"
        "CREATE TABLE tasks_1 PARTITION OF tasks FOR VALUES FROM (0) TO (10000);\n"
        "CREATE INDEX ON tasks (user_id);"
    )
    decisions = decide(cluster, schema, ForeignKey)
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


def test_a_table_that_refers_to_itself(cluster: Cluster):
    schema = (
        "CREATE TABLE nodes (id int PRIMARY KEY, parent int CONSTRAINT fk REFERENCES nodes"
        " ON DELETE CASCADE);\nCREATE INDEX ON nodes (parent);"
    )
    decisions = decide(cluster, schema, ForeignKey)
    assert {one.outcome for one in decisions.values()} == {PASSED}, decisions


def test_a_trigger_that_keeps_the_target_is_out_of_the_way(cluster: Cluster):
    schema = CHILD.format("ON DELETE CASCADE") + (
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NULL; END $$;\n"
        "CREATE TRIGGER keep BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep();"
    )
    one = found(cluster, schema, "on_delete")
    assert one.outcome is PASSED
    assert "shown without the triggers keep" in one.reason


def test_a_trigger_that_swallows_orphans_is_noticed(cluster: Cluster):
    schema = CHILD.format("") + (
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
        "IF NOT EXISTS (SELECT FROM users WHERE id = NEW.user_id) THEN RETURN NULL; END IF;\n"
        "RETURN NEW; END $$;\n"
        "CREATE TRIGGER swallow BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION swallow();"
    )
    one = found(cluster, schema, "orphan")
    assert one.outcome is FAILED
    assert "discards it" in one.reason


def test_a_key_that_is_not_enforced_properties_nothing(cluster: Cluster):
    if cluster.version < 180000:
        pytest.skip("NOT ENFORCED is PostgreSQL 18's")
    schema = CHILD.format("NOT ENFORCED")
    assert decide(cluster, schema, ForeignKey) == {}


def test_a_key_with_period_is_kept_by_stretches_of_time(cluster: Cluster):
    if cluster.version < 180000:
        pytest.skip("PERIOD is PostgreSQL 18's")
    schema = """CREATE EXTENSION btree_gist;
        CREATE TABLE rates (id int, at daterange, PRIMARY KEY (id, at WITHOUT OVERLAPS));
        INSERT INTO rates VALUES (1, '[2020-01-01,2021-01-01)'), (1, '[2021-01-01,2022-01-01)');
        CREATE TABLE uses (id int NOT NULL, at daterange NOT NULL,
            CONSTRAINT fk FOREIGN KEY (id, PERIOD at) REFERENCES rates (id, PERIOD at));
        CREATE INDEX ON uses (id, at);"""
    decisions = decide(cluster, schema, ForeignKey)
    aspects = ("orphan", "orphan_update", "on_delete", "on_update", "index")
    assert {n: one.outcome for n, one in decisions.items()} == {
        f"uses::fk::{aspect}": PASSED for aspect in aspects
    }
    off = decide(cluster, schema + "ALTER TABLE uses DISABLE TRIGGER ALL;", ForeignKey)
    assert off["uses::fk::orphan"].outcome is FAILED


UNLINKS = """
CREATE FUNCTION unlink() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN OLD; END $$;
CREATE TRIGGER unlink BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION unlink();
"""


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("", "UPDATE tasks SET user_id = NULL WHERE user_id = OLD.id;"),
        ("ON DELETE RESTRICT", "DELETE FROM tasks WHERE user_id = OLD.id;"),
        (
            "ON DELETE SET NULL",
            "INSERT INTO users VALUES (0) ON CONFLICT DO NOTHING;"
            " UPDATE tasks SET user_id = 0 WHERE user_id = OLD.id;",
        ),
        ("ON DELETE SET NULL", "DELETE FROM tasks WHERE user_id = OLD.id;"),
    ],
)
def test_a_trigger_that_unlinks_what_refers_is_no_failure(cluster: Cluster, action: str, body: str):
    """The action has nothing left to do: what it does is looked at without the trigger."""
    one = found(cluster, CHILD.format(action) + UNLINKS.format(body), "on_delete")
    assert one.outcome is PASSED, one.reason
    assert "shown without the triggers unlink" in one.reason


def test_a_trigger_of_the_target_does_not_hide_an_orphan(cluster: Cluster):
    """The child's trigger undoes what SET NULL does, and the row is left with its reference."""
    schema = CHILD.format("ON DELETE SET NULL") + UNLINKS.format("PERFORM 1;")
    keeps = (
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NULL; END $$;\n"
        "CREATE TRIGGER keep BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION keep();"
    )
    assert found(cluster, schema, "on_delete").outcome is PASSED
    one = found(cluster, schema + keeps, "on_delete")
    assert (one.outcome, one.reason) == (FAILED, "the row that refers keeps its reference")
