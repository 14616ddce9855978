"""The runner, on real files that break each other where isolation has a hole."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.errors import ScriptError
from harness.core.results import Group, Outcome
from harness.instance import Instance, open_instance
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE, Session, wire
from harness.sqltests.runner import Runner, runner_of

SCHEMA = """
CREATE TABLE parent (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE TABLE child (id serial PRIMARY KEY, parent int REFERENCES parent (id));
CREATE TABLE filled AS SELECT generate_series(1, 50) AS n;
CREATE SEQUENCE counter START 10 INCREMENT 5;
SELECT nextval('counter');
"""


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    schema = tmp_path_factory.mktemp("schema") / "schema.sql"
    schema.write_text(SCHEMA)
    with open_instance(Config(schema=schema)) as instance:
        yield instance


@pytest.fixture
def runner(instance: Instance) -> Runner:
    return runner_of(instance)


def script(folder: Path, text: str, name: str = "test.sql") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def tap(body: str, plan: int = 1) -> str:
    return f"BEGIN;\nSELECT plan({plan});\n{body}\nSELECT * FROM finish();\nROLLBACK;\n"


def failures(file: Group) -> list[str]:
    return [f"{f.location.line}: {f.title}" for f in file.failures]


def test_a_passing_file(runner: Runner, tmp_path: Path):
    file = runner.run(script(tmp_path, tap("SELECT ok(true, 'fine');")))
    assert file.passed
    assert [result.title for result in file.results] == ["fine"]


def test_a_failing_assertion_has_its_line_and_the_rest_of_the_file_runs(
    runner: Runner, tmp_path: Path
):
    file = runner.run(
        script(tmp_path, tap("SELECT is(1, 2,\n  'one');\nSELECT ok(true, 'two');", 2))
    )
    assert [result.outcome for result in file.results] == [Outcome.FAILED, Outcome.PASSED]
    assert failures(file) == ["3: one"]
    assert "have: 1" in file.failures[0].message


def test_an_sql_error_ends_the_file_at_its_own_line(runner: Runner, tmp_path: Path):
    body = "SELECT ok(true, 'before');\nSELECT\n  nonsense;\nSELECT ok(true, 'after');"
    file = runner.run(script(tmp_path, tap(body, 2)))
    assert failures(file) == ['5: 42703: column "nonsense" does not exist']
    assert [result.title for result in file.results] == ["before"]


def test_an_error_inside_a_function_shows_its_context(runner: Runner, tmp_path: Path):
    body = (
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN RETURN 1/0; END $$;\n"
        "SELECT f();"
    )
    file = runner.run(script(tmp_path, tap(body)))
    assert file.failures[0].location.line == 5
    assert "PL/pgSQL function f()" in file.failures[0].title


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SELECT ok(true);", "without a plan"),
        ("SELECT 1;", "no tests and no plan"),
        ("", "no tests and no plan"),
        ("SELECT plan(3);\nSELECT ok(true);", "planned 3 tests but ran 1"),
        ("SELECT no_plan();\nSELECT ok(true);", "no plan"),
    ],
)
def test_a_plan_is_asked_for(runner: Runner, tmp_path: Path, text: str, problem: str):
    file = runner.run(script(tmp_path, text))
    assert not file.passed
    assert any(problem in failure for failure in failures(file)), failures(file)


def test_a_statement_that_never_returns_is_cancelled(instance: Instance, tmp_path: Path):
    hasty = Runner(instance.template, instance.baseline, instance.server_state, timeout=0.5)
    file = hasty.run(script(tmp_path, tap("SELECT pg_sleep(60);")))
    assert failures(file) == ["3: the statement did not return within 0.5 s and was cancelled"]


def test_a_statement_that_will_not_be_cancelled_fails_its_file(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wire, "CANCEL_GRACE", 0.3)
    hasty = Runner(instance.template, instance.baseline, instance.server_state, timeout=0.3)
    deaf = (
        "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(9);"
        " EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$;"
    )
    pipelined = deaf.replace("DO $$", "CREATE FUNCTION pg_temp.f() RETURNS void AS $$").replace(
        "$$;", "$$ LANGUAGE plpgsql;\nSELECT pg_temp.f();"
    )
    for body, line in ((deaf, 3), (pipelined, 4)):
        file = hasty.run(script(tmp_path, tap(body)))
        assert failures(file) == [
            f"{line}: the connection was lost: it did not end when it was cancelled"
        ]


def test_a_backend_that_dies_fails_the_file(runner: Runner, tmp_path: Path):
    body = "SELECT ok(true, 'x');\nSELECT pg_terminate_backend(pg_backend_pid());"
    file = runner.run(script(tmp_path, tap(body)))
    assert not file.passed
    assert failures(file)[0].startswith("4: ")
    assert runner.run(script(tmp_path, tap("SELECT ok(true, 'alive');"))).passed


def test_a_refused_command_runs_nothing(runner: Runner, tmp_path: Path):
    marker = tmp_path / "executed"
    path = script(tmp_path, f"SELECT plan(1);\nSELECT ok(true);\n\\! touch {marker}\n")
    with pytest.raises(ScriptError, match=r"test\.sql:3: "):
        runner.run(path)
    assert not marker.exists()


def test_a_file_that_is_not_utf8_is_refused(runner: Runner, tmp_path: Path):
    path = tmp_path / "test.sql"
    path.write_bytes(b"SELECT plan(1);\nSELECT ok(true, 'caf\xe9');\n")
    with pytest.raises(ScriptError, match=r"test\.sql:2: "):
        runner.run(path)


def test_variables_from_results_reach_later_statements(runner: Runner, tmp_path: Path):
    body = "SELECT 41 + 1 AS answer \\gset my_\nSELECT is(:my_answer, 42, 'gset');"
    assert runner.run(script(tmp_path, tap(body))).passed


def test_variables_tell_of_the_connection(runner: Runner, tmp_path: Path):
    body = (
        "SELECT :SERVER_VERSION_NUM >= 140000 AND '18.' = left(:'SERVER_VERSION_NAME', 3) AS new"
        " \\gset\n\\if :new\n"
        "SELECT is(ARRAY[:'DBNAME', :'USER', :'PORT'],"
        " ARRAY[current_database(), current_user, current_setting('port')]::text[]);\n\\endif"
    )
    file = runner.run(script(tmp_path, tap(body)))
    assert file.passed, failures(file)


def test_variables_tell_of_the_last_statement(runner: Runner, tmp_path: Path):
    body = (
        "CREATE TEMP TABLE three AS SELECT generate_series(1, 3);\n"
        "SELECT is(:ROW_COUNT, 3, :'SQLSTATE');\n"
        "\\set ON_ERROR_STOP 0\nSELECT 1 / 0;\n"
        "SELECT is(:'ERROR' || :'SQLSTATE' || :'LAST_ERROR_MESSAGE',"
        " 'true22012division by zero', :'ERROR');\n"
        "SELECT is(:'ERROR' || :'LAST_ERROR_SQLSTATE' || :ROW_COUNT, 'false220121');"
    )
    file = runner.run(script(tmp_path, tap(body).replace("plan(1)", "plan(3)")))
    assert [r.outcome.ok for r in file.results] == [True] * 3, failures(file)
    assert [r.title for r in file.results[:2]] == ["00000", "true"]


TOLD = r"""
\set ON_ERROR_STOP 0
\set ON_ERROR_ROLLBACK 1
\set tells '\\echo :ROW_COUNT :ERROR :SQLSTATE :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE'
\echo :DBNAME :USER :HOST :PORT :SERVER_VERSION_NAME :SERVER_VERSION_NUM :VERSION_NUM :ENCODING
:tells
BEGIN;
CREATE TEMP TABLE three AS SELECT generate_series(1, 3) AS n;
:tells
SELECT 1 / 0;
:tells
UPDATE three SET n = 4 WHERE false;
:tells
SELECT n FROM three \gset
:tells
SELECT n FROM three LIMIT 1 \gset
:tells
SELECT 'SELECT n FROM three' \gexec
:tells
ROLLBACK;
:tells
"""


def test_variables_tell_what_psql_tells(instance: Instance, tmp_path: Path):
    path = script(tmp_path, TOLD)
    assert instance.cluster.server is not None
    psql = instance.cluster.server.binaries.program("psql")
    with instance.template.cloned() as database:
        command = [psql, "-XqAt", "-d", database.dsn, "-f", str(path)]
        theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        read = Script.open(path, PG_PROVE)
        read.check()
        with database.connect() as connection:
            ours = [row for answer in Session(connection, 60).run(read) for row in answer.rows]
    assert [str(line) for (line,) in ours] == theirs.splitlines()
    assert len(ours) == 9 + 3  # and the rows of \\gexec


def test_results_that_go_nowhere_are_no_tap(runner: Runner, tmp_path: Path):
    body = (
        "\\o /dev/null\nSELECT fail('silent');\nSELECT 41 AS answer \\gset\n\\o\n"
        "SELECT 'not ok 1' \\g /dev/null\nSELECT is(:answer, 41, 'after it');"
    )
    file = runner.run(script(tmp_path, tap(body).replace("plan(1)", "plan(2)")))
    assert [(r.outcome.ok, r.title) for r in file.results] == [(True, "after it")]
    assert "out of sequence" in file.problems[0].title


def test_copy_from_stdin_and_several_statements_in_one_message(runner: Runner, tmp_path: Path):
    body = (
        "COPY filled FROM stdin;\n51\n52\n\\.\n"
        "SELECT 1\\; SELECT 2;\n"
        "SELECT is(count(*)::int, 52, 'copied') FROM filled;"
    )
    file = runner.run(script(tmp_path, tap(body)))
    assert file.passed, failures(file)


def test_with_on_error_stop_off_a_file_goes_on_behind_an_error(runner: Runner, tmp_path: Path):
    text = "\\set ON_ERROR_STOP 0\n" + tap("SELECT 1/0;\nSELECT ok(true, 'still here');")
    file = runner.run(script(tmp_path, text))
    assert [result.title for result in file.results] == ["still here"]
    assert failures(file) == ["4: 22012: division by zero"]


def test_create_extension_in_existing_files_is_served(runner: Runner, tmp_path: Path):
    text = "CREATE EXTENSION IF NOT EXISTS pgtap;\n" + tap("SELECT ok(true, 'x');")
    assert runner.run(script(tmp_path, text)).passed


def test_todo_and_skip_pass_and_a_file_of_nothing_but_skips_does_not_assert(
    runner: Runner, tmp_path: Path
):
    body = "SELECT todo('later', 1);\nSELECT ok(false, 'x');\nSELECT skip('why', 1);"
    file = runner.run(script(tmp_path, tap(body, 2)))
    assert file.passed, failures(file)
    assert [result.outcome for result in file.results] == [Outcome.TODO, Outcome.SKIPPED]
    assert runner.run(script(tmp_path, tap("SELECT skip('why', 1);"))).all_skipped


# --- isolation ---------------------------------------------------------------------------

PRISTINE = """
SELECT plan(8);
SELECT is(nextval('parent_id_seq'), 1::bigint, 'identity starts at 1');
SELECT is(nextval('child_id_seq'), 1::bigint, 'serial starts at 1');
SELECT is(nextval('counter'), 15::bigint, 'counter goes on from 10');
SELECT is((SELECT count(*) FROM parent), 0::bigint, 'no parents');
SELECT is((SELECT count(*) FROM filled), 50::bigint, 'fifty rows');
SELECT is(pg_relation_size('parent'), 0::bigint, 'no pages');
SELECT hasnt_table('leftover'::name);
SELECT is(current_setting('work_mem'), '4MB', 'settings are fresh');
SELECT * FROM finish();
"""

RUDE = {
    "rolls_back_rows": tap(
        "INSERT INTO parent (name) SELECT repeat('x', 500) FROM generate_series(1, 500);\n"
        "INSERT INTO child (parent) SELECT id FROM parent;\n"
        "SELECT setval('counter', 1000);\nSELECT ok(true, 'x');"
    ),
    "fills_a_filled_table": tap(
        "INSERT INTO filled SELECT 1 FROM generate_series(1, 9999);\nSELECT ok(true, 'x');"
    ),
    "commits": "SELECT plan(1);\nINSERT INTO parent (name) VALUES ('x');\n"
    "CREATE TABLE leftover (a int);\nDELETE FROM filled;\nSELECT ok(true, 'x');\n",
    "commits_inside": "BEGIN;\nSELECT plan(1);\nCREATE TABLE leftover ();\nSELECT ok(true, 'x');\n"
    "COMMIT;\n",
    "leaves_session_state": "SET work_mem = '64kB';\nLISTEN x;\nPREPARE p AS SELECT 1;\n"
    + tap(
        "CREATE TEMP TABLE leftover (a int);\nSELECT pg_advisory_lock(1);\nSELECT ok(true, 'x');"
    ),
    "analyzes": tap("ANALYZE filled;\nSELECT ok(true, 'x');"),
    "fails_half_way": "SELECT plan(1);\nINSERT INTO parent (name) VALUES ('x');\nSELECT 1/0;\n",
    "kills_itself": "SELECT plan(1);\nCREATE TABLE leftover ();\n"
    "SELECT pg_terminate_backend(pg_backend_pid());\n",
}
CONTROL = ("kills_itself", "fails_half_way")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_file_sees_the_template_whatever_runs_before_or_beside_it(
    instance: Instance, tmp_path: Path, seed: int
):
    runner = runner_of(instance)
    rude = [script(tmp_path, text, f"{name}.sql") for name, text in RUDE.items()]
    pristine = [
        script(tmp_path, f"BEGIN;{PRISTINE}ROLLBACK;\n", "rolls_back.sql"),
        script(tmp_path, PRISTINE, "in_a_clone.sql"),
    ]
    order = rude * 2 + pristine * len(rude)
    random.Random(seed).shuffle(order)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(runner.run, order))
    for file in runs:
        expected = file.path.stem not in CONTROL
        assert file.passed is expected, (file.path.name, failures(file))


def test_a_database_that_was_used_is_used_again_when_it_can_be_put_back(
    instance: Instance, tmp_path: Path
):
    runner = runner_of(instance)
    which = tap("SELECT ok(true, current_database());")
    first = runner.run(script(tmp_path, which)).results[0].title
    runner.run(script(tmp_path, RUDE["rolls_back_rows"], "rude.sql"))
    assert runner.run(script(tmp_path, which)).results[0].title == first
    runner.run(script(tmp_path, RUDE["fills_a_filled_table"], "rude.sql"))
    assert runner.run(script(tmp_path, which)).results[0].title != first


def test_with_autocommit_off_a_transaction_begins_by_itself(runner: Runner, tmp_path: Path):
    text = (
        "\\set AUTOCOMMIT off\nSELECT plan(1);\nCOMMIT;\n"
        "INSERT INTO parent (name) VALUES ('x');\nROLLBACK;\n"
        "SELECT is((SELECT count(*) FROM parent), 0::bigint, 'gone');\nCOMMIT;\n"
    )
    file = runner.run(script(tmp_path, text))
    assert file.passed, failures(file)


def test_the_time_limit_is_for_each_statement_and_not_for_several(
    instance: Instance, tmp_path: Path
):
    hasty = Runner(instance.template, instance.baseline, instance.server_state, timeout=0.8)
    body = "SELECT pg_sleep(0.4);\n" * 5 + "SELECT ok(true, 'x');"
    file = hasty.run(script(tmp_path, tap(body)))
    assert file.passed, failures(file)


def test_of_several_statements_the_one_that_never_returns_is_named(
    instance: Instance, tmp_path: Path
):
    hasty = Runner(instance.template, instance.baseline, instance.server_state, timeout=0.5)
    body = "SELECT ok(true, 'x');\nSELECT ok(true, 'y');\nSELECT pg_sleep(60);\nSELECT 1;"
    file = hasty.run(script(tmp_path, tap(body, 2)))
    assert failures(file) == ["5: the statement did not return within 0.5 s and was cancelled"]
    assert [result.title for result in file.results] == ["x", "y"]


@pytest.mark.parametrize("rollback", ["on", "off"])
def test_a_backend_that_dies_ends_the_file_even_with_on_error_stop_off(
    runner: Runner, tmp_path: Path, rollback: str
):
    text = f"\\set ON_ERROR_STOP 0\n\\set ON_ERROR_ROLLBACK {rollback}\n" + tap(
        "SELECT pg_terminate_backend(pg_backend_pid());\nSELECT ok(true, 'x');"
    )
    file = runner.run(script(tmp_path, text))
    assert len(file.failures) == 1
    assert file.failures[0].location.line == 5


@pytest.mark.parametrize("word", ["off", "OFF", "f", "no", "0", "oF"])
def test_psql_decides_what_is_off(runner: Runner, tmp_path: Path, word: str):
    text = f"\\set ON_ERROR_STOP {word}\n" + tap("SELECT 1/0;\nSELECT ok(true, 'still here');")
    file = runner.run(script(tmp_path, text))
    assert [result.title for result in file.results] == ["still here"]


@pytest.mark.parametrize("word", ["on", "TRUE", "t", "y", "1"])
def test_psql_decides_what_is_on(runner: Runner, tmp_path: Path, word: str):
    text = f"\\set ON_ERROR_STOP {word}\n" + tap("SELECT 1/0;\nSELECT ok(true, 'still here');")
    assert runner.run(script(tmp_path, text)).results == ()
