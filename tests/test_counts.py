"""A failure that the library counted and nobody was shown fails the file all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.results import Group
from harness.instance import Instance, open_instance
from harness.postgres.cluster import Cluster
from harness.sqltests.runner import Runner, runner_of

VOID = (
    "CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE plpgsql AS $$"
    " BEGIN PERFORM ok({0}, 'b'); END $$; SELECT pg_temp.f();"
)
UNDONE = "DO $$ BEGIN PERFORM ok({0}, 'b'); RAISE 'x'; EXCEPTION WHEN raise_exception THEN END $$;"
LOST = {
    "PERFORM": "DO $$ BEGIN PERFORM ok({0}, 'b'); END $$;",
    "a function that returns nothing": VOID,
    "a subtransaction": UNDONE,
    "a savepoint": "SAVEPOINT s; SELECT count(ok({0}, 'b')); ROLLBACK TO s;",
    "INSERT": "CREATE TEMP TABLE r (t text); INSERT INTO r SELECT ok({0}, 'b');",
    "a second column": "SELECT 1, ok({0}, 'b');",
    "an aggregate": "SELECT count(ok({0}, 'b'));",
    "WHERE": "SELECT 1 WHERE ok({0}, 'b') IS NOT NULL;",
    "a comment": "SELECT diag(ok({0}, 'b'));",
    "indentation": "SELECT '    ' || ok({0}, 'b');",
    "a notice": "DO $$ BEGIN RAISE NOTICE '%', ok({0}, 'b'); END $$;",
    r"\o": "\\o /dev/null\nSELECT ok({0}, 'b');\n\\o",
    r"\g": "SELECT ok({0}, 'b') \\g /dev/null",
    r"\gset": "SELECT ok({0}, 'b') AS b \\gset",
    "COPY to a table": "CREATE TEMP TABLE r AS SELECT ok({0}, 'b');",
    "another path": "DO $$ BEGIN PERFORM ok({0}, 'b'); END $$; SET search_path = pg_catalog;",
    "RESET ALL": "DO $$ BEGIN PERFORM ok({0}, 'b'); END $$; RESET ALL;",
    "an EXCEPTION role": "CREATE ROLE count_nobody; DO $$ BEGIN PERFORM ok({0}, 'b'); END $$;"
    " SET LOCAL ROLE count_nobody;",
}


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with open_instance(Config(schemaless=True)) as instance:
        yield runner_of(instance)


@pytest.fixture(scope="module")
def theirs(oracle: Cluster) -> Iterator[Runner]:
    instance = Instance(Config(pgtap="extension", pgtap_schema="public"), oracle, None)
    yield runner_of(instance)
    instance.close()


def run(runner: Runner, folder: Path, text: str) -> Group:
    path = folder / "t.sql"
    path.write_text(text)
    return runner.run(path)


def planned(body: str, plan: int = 1) -> str:
    """A file whose plan is the number of its results that are printed."""
    return f"BEGIN;\nSELECT plan({plan});\nSELECT ok(true, 'a');\n{body}\nROLLBACK;\n"


def problems(file: Group) -> list[str]:
    return [problem.title.splitlines()[0] for problem in file.problems]


@pytest.mark.parametrize("way", LOST)
def test_a_lost_failure_fails_the_file(runner: Runner, tmp_path: Path, way: str):
    file = run(runner, tmp_path, planned(LOST[way].format("false")))
    assert not file.passed
    (problem,) = problems(file)
    assert problem.startswith("1 test failed without being printed")
    assert way in ("a savepoint", "a subtransaction", "RESET ALL") or 'test 2 ("b")' in problem


@pytest.mark.parametrize("way", LOST)
def test_a_lost_test_that_passed_is_a_note(runner: Runner, tmp_path: Path, way: str):
    file = run(runner, tmp_path, planned(LOST[way].format("true")))
    assert file.passed, problems(file)
    assert file.notes == ("1 test passed without being printed",)


def test_a_plan_of_the_extension_is_told_from_the_one_before(theirs: Runner, tmp_path: Path):
    hidden = "BEGIN;\nSELECT plan(1) AS p \\gset\nSELECT ok(false) AS o \\gset\nROLLBACK;\n"
    file = run(theirs, tmp_path, planned("") + hidden)
    assert not any("without being printed" in problem for problem in problems(file))


@pytest.mark.parametrize("way", sorted(LOST.keys() - {"a savepoint", "a subtransaction"}))
def test_so_it_is_with_the_real_extension(theirs: Runner, tmp_path: Path, way: str):
    lost, shown = (run(theirs, tmp_path, planned(LOST[way].format(b))) for b in ("false", "true"))
    assert not lost.passed
    assert shown.passed, problems(shown)


def test_psql_prints_what_copy_gives(runner: Runner, tmp_path: Path):
    copy = "COPY (SELECT ok(false, 'b')) TO STDOUT;"
    file = run(runner, tmp_path, planned(copy, plan=2))
    assert not problems(file)
    assert [(r.outcome.value, r.location.line) for r in file.results] == [
        ("passed", 3),
        ("failed", 4),
    ]


SHOWN = {
    "failures that are read": planned("SELECT ok(false, 'b');\nSELECT ok(false);", 3),
    "a TODO": planned("SELECT todo('x', 1);\nSELECT ok(false, 'b');", 2),
    "a lost TODO": planned("SELECT todo('x', 1);\nDO $$ BEGIN PERFORM ok(false); END $$;"),
    "check_test()": planned("SELECT * FROM check_test(ok(false, 'b'), false, 'c', 'b');", 3),
    "check_test() of what was kept": "SELECT plan(3);\nBEGIN;\nSELECT ok(true);\n"
    "CREATE TEMP TABLE r AS SELECT ok(false, 'b') AS t;\nSAVEPOINT s;\nROLLBACK TO s;\nCOMMIT;\n"
    "SELECT * FROM check_test((SELECT t FROM r), false, 'c', 'b');\n",
    "a failure that is undone": planned("SAVEPOINT s;\nSELECT ok(false);\nROLLBACK TO s;", 2),
    "runtests()": "BEGIN;\nCREATE SCHEMA s;\nCREATE FUNCTION s.test_a() RETURNS SETOF text"
    " LANGUAGE sql AS $$ SELECT ok(false, 'b') $$;\n"
    "SELECT * FROM runtests('s'::name);\nROLLBACK;\n",
    "another plan that is not shown": "BEGIN;\nSELECT plan(1) AS p \\gset\n"
    "SELECT ok(false) AS o \\gset\nROLLBACK;\n" + planned(""),
    "transactions of one plan": "SELECT plan(2);\nBEGIN;\nSELECT ok(false);\nROLLBACK;\n"
    "BEGIN;\nSELECT ok(false);\nCOMMIT;\n",
    "no_plan()": "BEGIN;\nSELECT * FROM no_plan();\nSELECT ok(false);\n"
    "SELECT * FROM finish();\nROLLBACK;\n",
    "a transaction that failed": "\\set ON_ERROR_STOP 0\n"
    + planned("SELECT ok(false);\nSELECT 1/0;", 2),
}


@pytest.mark.parametrize("what", SHOWN)
def test_what_was_shown_is_no_lost_failure(runner: Runner, tmp_path: Path, what: str):
    file = run(runner, tmp_path, SHOWN[what])
    assert not any("without being printed" in problem for problem in problems(file))
    assert file.results


@pytest.mark.parametrize(
    "text",
    [
        "SELECT plan(1);\nSELECT ok(true);\nDO $$ BEGIN PERFORM ok(false); END $$;\n",
        "SELECT plan(1);\nSELECT ok(true);\nDO $$ BEGIN PERFORM ok(false); END $$;\nDISCARD ALL;\n",
        "SELECT plan(1);\nSELECT ok(true);\nDO $$ BEGIN PERFORM ok(false); END $$;\n\\c -\n",
        "\\set ON_ERROR_STOP 0\n" + planned("DO $$ BEGIN PERFORM ok(false); END $$;"),
        planned("DO $$ BEGIN PERFORM ok(false); END $$;").replace("ROLLBACK", "/* it's */ ABORT"),
        planned("DO $$ BEGIN PERFORM ok(false); END $$;\nSELECT 1\\; ROLLBACK;"),
        planned("DO $$ BEGIN PERFORM ok(false); END $$;").replace("ROLLBACK", "COMMIT"),
        planned("DO $$ BEGIN PERFORM ok(false); END $$;\nSELECT 'ROLLBACK' \\gexec"),
        planned("DO $$ BEGIN PERFORM ok(false); END $$;\nROLLBACK TO s;").replace(
            "BEGIN;", "BEGIN;\nSAVEPOINT s;", 1
        ),
    ],
    ids=[
        *("autocommit", "DISCARD ALL", r"\c", "ON_ERROR_STOP off", "ABORT", r"\;", "COMMIT"),
        *(r"\gexec", "a plan in a savepoint"),
    ],
)
def test_the_count_is_taken_before_it_is_forgotten(runner: Runner, tmp_path: Path, text: str):
    (problem,) = problems(run(runner, tmp_path, text))
    assert problem.startswith("1 test failed without being printed")


DEFERRED = """
CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM ok(false, 'b'); RETURN NULL; END $$;
CREATE TEMP TABLE d (i int);
CREATE CONSTRAINT TRIGGER d AFTER INSERT ON d DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION pg_temp.f();
"""


@pytest.mark.parametrize("ending", ["COMMIT;", "END;\nDISCARD ALL;", "COMMIT;\n\\c -"])
def test_a_deferred_trigger_is_counted_that_fires_at_commit(
    runner: Runner, tmp_path: Path, ending: str
):
    text = DEFERRED + planned("INSERT INTO d VALUES (1);").replace("ROLLBACK;", ending)
    (problem,) = problems(run(runner, tmp_path, text))
    assert problem == '1 test failed without being printed: test 2 ("b")'


def test_each_lost_failure_is_told_once(runner: Runner, tmp_path: Path):
    lose = "BEGIN;\nDO $$ BEGIN PERFORM ok(false); END $$;\nCOMMIT;\n"
    file = run(runner, tmp_path, f"SELECT plan(1);\nSELECT ok(true);\n{lose * 3}")
    assert [problem.location.line for problem in file.problems] == [5, 8, 11]
    assert len(file.problems) == 3
