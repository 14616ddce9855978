"""The locks of migrations, and how long others wait for them, on a real server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.migrations import Limits, Locked, RevisionResult
from harness.postgres.cluster import Cluster
from harness.postgres.schema_model import Name
from tests.migrations import Together, Try, rules, run, together, tried
from tests.test_migrations import A

__all__ = ["together", "tried"]

DROP_B = "ALTER TABLE a DROP b;\n"
ANY_INT = "CHECK (id > -3000000000)"


def of_a(revision: RevisionResult, schema: str = "public") -> list[Locked]:
    return [one for one in revision.locks if one.relation == Name(schema, "a")]


HELD = [
    ("ALTER TABLE a ADD b int;", DROP_B, "ACCESS EXCLUSIVE"),
    ("CREATE INDEX i ON a (name);", "DROP INDEX i;", "SHARE"),
    ("CREATE TABLE b (a int REFERENCES a);", "DROP TABLE b;", "SHARE ROW EXCLUSIVE"),
    ("UPDATE a SET name = name;", "SELECT 1;", "ROW EXCLUSIVE"),
    ("COMMENT ON TABLE a IS 'x';", "COMMENT ON TABLE a IS NULL;", "SHARE UPDATE EXCLUSIVE"),
    ("SELECT count(*) FROM a;", "SELECT 1;", "ACCESS SHARE"),
]
THIRD_LINES = tuple((f"SELECT 1;\n\n{one}\n", f"{undo}\n") for one, undo, _ in HELD)


@pytest.mark.parametrize(("statement", "undo", "mode"), HELD)
def test_each_statements_lock_is_read_while_it_is_held(
    together: Together, statement: str, undo: str, mode: str
):
    case = (f"SELECT 1;\n\n{statement}\n", f"{undo}\n")
    schema, revision = together(A[1], THIRD_LINES)[case]
    assert rules(revision) == []
    (lock,) = of_a(revision, schema)
    assert lock.words == mode
    assert lock.location is not None
    assert (lock.location.path.name, lock.location.line) == (f"2_{schema}.up.sql", 3)
    assert lock.rows == 3


def test_of_several_locks_each_stronger_one_is_noted_at_its_own_statement(tried: Try):
    up = "SELECT count(*) FROM a;\nCREATE INDEX i ON a (id);\nALTER TABLE a ADD b int;\n"
    _, revision = tried(A, ("2_b", up, f"DROP INDEX i;\n{DROP_B}"))
    found = [(one.words, one.location.line) for one in of_a(revision) if one.location]
    assert found == [("ACCESS SHARE", 1), ("SHARE", 2), ("ACCESS EXCLUSIVE", 3)]


LONG = [
    ("ALTER TABLE a ALTER id TYPE bigint;", "ALTER TABLE a ALTER id TYPE int;", "rewrite"),
    ("ALTER TABLE a ADD b uuid DEFAULT gen_random_uuid();", DROP_B, "rewrite"),
    (f"ALTER TABLE a ADD CONSTRAINT c {ANY_INT};", "ALTER TABLE a DROP CONSTRAINT c;", "scan"),
    ("ALTER TABLE a ADD b int;\nUPDATE a SET b = 1;", DROP_B, "scan"),
    ("ALTER TABLE a ADD b int DEFAULT 1;", DROP_B, ""),
    (
        f"ALTER TABLE a ADD CONSTRAINT c {ANY_INT} NOT VALID;",
        "ALTER TABLE a DROP CONSTRAINT c;",
        "",
    ),
    ("ALTER TABLE a ALTER name TYPE varchar;", "ALTER TABLE a ALTER name TYPE text;", ""),
    ("CREATE INDEX i ON a (id);", "DROP INDEX i;", ""),
    ("UPDATE a SET name = name;", "SELECT 1;", ""),
    # What was read before the lock was taken was not read under it.
    (
        "UPDATE a SET name = name;\nALTER TABLE a ALTER name SET DEFAULT '';",
        "ALTER TABLE a ALTER name DROP DEFAULT;",
        "",
    ),
    ("SELECT count(*) FROM a;\nALTER TABLE a ADD b int;", DROP_B, ""),
]
READ = tuple((f"{up}\n", f"{down}\n") for up, down, _ in LONG)


@pytest.mark.parametrize(("up", "down", "rule"), LONG)
def test_a_table_that_nobody_can_read_for_long_is_found_at_its_statement(
    together: Together, up: str, down: str, rule: str
):
    schema, revision = together(A[1], READ)[f"{up}\n", f"{down}\n"]
    assert rules(revision) == [rule] * bool(rule)
    if rule:
        assert revision.findings[0].line == up.count("\n") + 1
        assert f"{schema}.a (3 rows)" in revision.findings[0].message


def test_squawks_rule_stands_beside(tried: Try):
    up = "SELECT 1;\nALTER TABLE a\n    ALTER id TYPE bigint;\n"
    _, revision = tried(A, ("2_b", up, "ALTER TABLE a ALTER id TYPE int;\n"))
    assert revision.findings[0].message.endswith("squawk: changing-column-type")
    assert of_a(revision)[-1].squawk == ("changing-column-type",)


def test_a_migration_that_blocks_others_for_too_long_is_found_with_the_time(tried: Try):
    slow = ("2_b", "SELECT 1;\nALTER TABLE a ADD b int;\nSELECT pg_sleep(0.5);\n", DROP_B)
    _, revision = tried(A, slow, blocked=0.2)
    assert rules(revision) == ["blocked"]
    assert revision.findings[0].line == 2
    assert "waited more than 0.2 s to" in revision.findings[0].message
    assert "holds ACCESS EXCLUSIVE on public.a (3 rows)" in revision.findings[0].message
    _, revision = tried(A, slow, blocked=5.0)
    assert revision.passed
    assert 0.3 < revision.blocked < 5.0


def test_writers_are_blocked_by_less(tried: Try):
    up = "CREATE INDEX i ON a (name);\nSELECT pg_sleep(0.4);\n"
    _, revision = tried(A, ("2_b", up, "DROP INDEX i;\n"), blocked=0.2)
    assert rules(revision) == ["blocked"]
    assert "to write public.a: the migration holds SHARE" in revision.findings[0].message


def test_without_a_way_down_the_second_session_works_during_the_only_up(tried: Try):
    up = "ALTER TABLE a ADD b int;\nSELECT pg_sleep(0.4);\n"
    _, revision = tried(A, ("2_b", up, None), blocked=0.2)
    assert rules(revision) == ["blocked"]


def test_a_table_that_is_read_through_has_many_rows_by_then(tried: Try):
    up = "DO $$ BEGIN PERFORM pg_sleep(0.002 * count(*)) FROM a; END $$;\n"
    lock = "LOCK TABLE a IN SHARE MODE;\n"
    migration = ("2_b", lock + up, "SELECT 1;\n")
    _, revision = tried(A, migration, blocked=0.5, many=400)
    assert rules(revision) == ["blocked"], "0.8 s, with 400 rows"
    _, revision = tried(A, migration, blocked=0.5, many=10)
    assert revision.passed


def test_a_migration_that_would_rather_fail_than_wait_is_given_way(tried: Try):
    migration = ("2_b", impatient(300) + "ALTER TABLE a ADD b int;\n", DROP_B)
    _, revision = tried(A, migration)
    assert revision.passed, revision.findings


def impatient(times: int) -> str:
    """Wants a lock, at once or not at all, and gives it back, so many times."""
    return f"""DO $$ BEGIN
    FOR i IN 1..{times} LOOP
        BEGIN
            LOCK TABLE a IN ACCESS EXCLUSIVE MODE NOWAIT;
            RAISE EXCEPTION 'enough';
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
        PERFORM pg_sleep(0.001);
    END LOOP;
END $$;
"""


def test_a_statement_that_no_transaction_holds_is_tried_as_well(tried: Try):
    up = "CREATE INDEX CONCURRENTLY i ON a (name);\n"
    _, revision = tried(A, ("2_b", up, "DROP INDEX CONCURRENTLY i;\n"))
    assert revision.passed
    assert "twice: refused (42P07)" in revision.evidence


INI = "[alembic]\nscript_location = {}\n"
ENV = """from alembic import context
from sqlalchemy import create_engine, pool

with create_engine(context.config.get_main_option("sqlalchemy.url") or "postgresql+psycopg://",
                   poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """from alembic import op
revision, down_revision = {0!r}, {1!r}


def upgrade():
    op.execute({2!r})
    op.execute("SELECT pg_sleep(0.05)")


def downgrade():
    op.execute({3!r})
"""


def test_of_another_tools_migrations_the_locks_are_seen_per_revision(
    cluster: Cluster, tmp_path: Path
):
    (tmp_path / "m/versions").mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text(INI.format(tmp_path / "m"))
    (tmp_path / "m/env.py").write_text(ENV)
    steps = [("a1", None, A[1], A[2]), ("b2", "a1", "ALTER TABLE a ADD b int", DROP_B)]
    for step in steps:
        (tmp_path / f"m/versions/{step[0]}.py").write_text(REVISION.format(*step))
    _, revision = run(cluster, tmp_path, {}, Limits())
    assert revision.passed, revision
    assert "on 3 rows in 1 table" in revision.evidence
    assert [(one.words, one.location) for one in of_a(revision)] == [("ACCESS EXCLUSIVE", None)]


def test_a_command_is_tried_as_a_whole(cluster: Cluster, tmp_path: Path):
    (tmp_path / "up.sql").write_text(A[1])
    script = "import os, psycopg, sys; c = psycopg.connect(os.environ['DATABASE_URL']);"
    script += " c.execute(sys.argv[1]); c.commit()"
    (revision,) = run(
        cluster,
        tmp_path,
        {},
        Limits(),
        source="command",
        command=[sys.executable, "-c", script, A[1]],
        command_down=[sys.executable, "-c", script, A[2]],
    )
    assert revision.passed, revision
    assert revision.name == "everything"
    assert revision.reversible
