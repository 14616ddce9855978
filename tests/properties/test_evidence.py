"""Evidence is a script that psql runs: whole, short, with the same answers, and nothing left."""

from __future__ import annotations

import re
import subprocess

import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.properties.base import Decision, Role, Step
from harness.properties.check_context import Tools
from harness.properties.checks.check_constraint import Check
from harness.properties.checks.default import Default
from harness.properties.checks.foreign_key import ForeignKey
from harness.properties.checks.generated import Generated
from harness.properties.checks.not_null import NotNull
from harness.properties.checks.trigger import MaintainedTimes
from harness.properties.checks.unique import Unique
from harness.properties.evidence import essential, replayed, script
from harness.properties.results import of_table
from tests.properties.against import against
from tests.properties.support import FAILED

TEAM = """
CREATE TABLE team (id int PRIMARY KEY);
CREATE TABLE member (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    team_id int NOT NULL REFERENCES team ON DELETE CASCADE,
    email text NOT NULL UNIQUE,
    name varchar(20) NOT NULL CHECK (name <> ''),
    doubled int GENERATED ALWAYS AS (length(name) * 2) STORED,
    state text NOT NULL DEFAULT 'new',
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON member (team_id);
CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.name = '' THEN RETURN NULL; END IF; RETURN NEW; END $$;
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.state := 'old'; RETURN NEW; END $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.updated_at := OLD.updated_at; RETURN NEW; END $$;
"""
WIDE = (
    "CREATE TABLE wide (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    + ", ".join(f'"a column with a long name, {n}" text NOT NULL' for n in range(30))
    + ", amount int NOT NULL CHECK (amount >= 0));"
)
BEFORE = "BEFORE INSERT ON member FOR EACH ROW EXECUTE FUNCTION"
BROKEN = [
    (TEAM, "ALTER TABLE member DISABLE TRIGGER ALL", ForeignKey, "member_team_id_fkey::orphan", 1),
    (TEAM, "ALTER TABLE team DISABLE TRIGGER ALL", ForeignKey, "team_id_fkey::on_delete", 4),
    (TEAM, "ALTER TABLE member DROP CONSTRAINT member_email_key", Unique, "email_key::dup", 4),
    (TEAM, f"CREATE TRIGGER eat {BEFORE} eat()", Check, "name_check::refused", 2),
    (TEAM, f"CREATE TRIGGER fill {BEFORE} fill()", Default, "state::default", 3),
    (TEAM, "ALTER TABLE member ALTER email DROP NOT NULL", NotNull, "email::not_null", 2),
    (
        TEAM,
        "CREATE TRIGGER t BEFORE UPDATE ON member FOR EACH ROW EXECUTE FUNCTION touch()",
        None,
        "updated_at::moves",
        5,
    ),
    (
        TEAM,
        "ALTER TABLE member DROP doubled; ALTER TABLE member ADD doubled int",
        Generated,
        "doubled::computed",
        3,
    ),
    (WIDE, "ALTER TABLE wide DROP CONSTRAINT wide_amount_check", Check, "check::refused", 1),
]


def failure(cluster: Cluster, schema: str, change: str, check: type | None, name: str) -> Decision:
    if check is None:  # the trigger itself declares it
        found = against(cluster, f"{schema};{change}", "SELECT 1", MaintainedTimes)
    else:
        found = against(cluster, schema, change, check)
    decision = next(one for prop, one in found.items() if name in prop)
    assert decision.outcome is FAILED, decision.reason
    return decision


def in_psql(cluster: Cluster, schema: str, text: str) -> tuple[list[str], int]:
    """The SQLSTATEs that psql reports, and how many rows all tables have afterwards."""
    template = build_template(cluster, lambda connection: connection.execute(schema.encode()))  # type: ignore[arg-type, return-value]
    try:
        with template.cloned() as database:
            psql = ["psql", "-X", "-q", "-v", "VERBOSITY=sqlstate", database.dsn]
            done = subprocess.run(psql, input=text, capture_output=True, text=True, check=False)
            with database.connect() as connection:
                names = connection.execute(
                    "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'"
                    " AND relnamespace = 'public'::regnamespace"
                ).fetchall()
                counts = [connection.execute(f"SELECT 1 FROM {n}").rowcount for (n,) in names]
    finally:
        template.close()
        template.drop()
    return re.findall(r"ERROR:\s+(\w{5})", done.stderr), sum(counts)


@pytest.mark.parametrize(("schema", "change", "check", "name", "most"), BROKEN)
def test_psql_gives_the_answers_that_are_printed(
    cluster: Cluster, schema: str, change: str, check: type | None, name: str, most: int
):
    decision = failure(cluster, schema, change, check, name)
    text = script(decision.evidence)
    states, rows = in_psql(cluster, f"{schema};{change}", text)
    assert states == re.findall(r"^--> (\w{5}): ", text, re.MULTILINE)
    commits = "COMMIT;" in text
    assert commits == ("This script commits" in text)
    assert commits or rows == 0
    statements = [step for step in decision.evidence if step.sql.strip() not in ("BEGIN", "COMMIT")]
    assert len(statements) <= most, text


def test_statements_are_whole_however_wide_the_table(cluster: Cluster):
    schema, change, check, name, _ = BROKEN[-1]
    decision = failure(cluster, schema, change, check, name)
    text = script(decision.evidence)
    statements = [line for line in text.splitlines() if not line.startswith("--")]
    assert not any("characters)" in line for line in statements)
    assert max(map(len, text.splitlines())) > 1000
    shown = of_table([decision], {}, {}).results[0]
    assert shown.evidence == text


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([Step("SELECT 1", "(x = 1)", count=1)], ""),
        ([Step("INSERT INTO nothing VALUES (1)", "1 row", count=1)], "INSERT gave 1 row, now"),
        ([Step("SELECT 1 WHERE false", "(x = 1)", count=1)], "SELECT gave"),
        ([Step("SELECT 1/0", "23505: duplicate", "23505")], "SELECT gave 23505"),
        ([Step("SELECT 1/0", "22012: division by zero", "22012")], ""),
        ([Step("SELECT 'a", "(x = 1)", count=1)], "psql would"),
        ([Step("SELECT 1; SELECT 2", "(x = 1)", count=1)], "psql would read 4 statements"),
        ([Step("SELECT 1 AS n", "(n = 2)", count=1, role=Role.LOOK)], "SELECT gave (n = 2)"),
        ([Step("SELECT now() AS n", "(n = 2024-01-01 10:00:00+00)", "", 1, Role.LOOK)], ""),
    ],
)
def test_what_gives_other_answers_is_no_evidence(cluster: Cluster, steps: list[Step], why: str):
    template = build_template(cluster, lambda connection: None)
    try:
        said = replayed(steps, Tools(template.cloned))
    finally:
        template.close()
        template.drop()
    assert why in said if why else not said


def test_what_was_undone_before_is_left_out():
    steps = [
        Step("parent", "1 row", role=Role.SETUP),
        Step("refused", "23505: no", "23505", undone=True),
        Step("lifted elsewhere", "0 rows", role=Role.SETUP, block=(1,)),
        Step("kept", "1 row", block=()),
        Step("asked", "(a = 1)", role=Role.ASIDE),
        Step("tried", "1 row", undone=True, block=(2,)),
        Step("looked", "(a = 1)", role=Role.LOOK, block=(2,)),
    ]
    assert [step.sql for step in essential(steps)] == ["parent", "kept", "tried", "looked"]


def test_several_sessions_are_several_scripts_with_numbered_steps():
    steps = [Step(f"SELECT {n}", f"({n})", session=n % 2 + 1) for n in range(4)]
    text = script(steps)
    assert text.startswith("-- 2 sessions: take the steps in the order of their numbers")
    first, second = text.split("-- Session 2")
    assert re.findall(r"-- Step (\d)", first) == ["1", "3"]
    assert re.findall(r"-- Step (\d)", second) == ["2", "4"]


LATE = """
CREATE TABLE item (
    id int PRIMARY KEY, note text UNIQUE DEFERRABLE INITIALLY DEFERRED,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.updated_at = OLD.updated_at THEN NEW.updated_at := clock_timestamp(); END IF;
RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION touch();
"""


def test_the_row_that_is_changed_is_in_the_script_where_constraints_are_deferrable(
    cluster: Cluster,
):
    found = against(cluster, LATE, "SELECT 1", MaintainedTimes)["item::updated_at::not_spoofed"]
    assert found.outcome is FAILED
    text = script(found.evidence)
    assert 'INSERT INTO "public"."item"' in text
    assert re.search(r"UPDATE [^;]*;\n--> \(id = ", text), text
