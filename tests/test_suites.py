"""Suites as others wrote them: where they are, what their files are called, what psql is told."""

from __future__ import annotations

import psycopg
import pytest

from tests.project import ONLY_TESTS, PYPROJECT, TEST, Project, output

WITH_VARIABLES = """BEGIN;
SELECT plan(2);
SELECT is(:'owner'::text, 'it''s alice', 'as a value');
SELECT is((SELECT count(*) FROM :"schema".notes), 0::bigint, 'as a name');
SELECT * FROM finish();
ROLLBACK;
"""


@pytest.fixture
def bare(project: Project) -> Project:
    """A project without tests."""
    for name in ("notes.sql", "test_notes.py"):
        (project.root / "pgtap_tests" / name).unlink()
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    return project


def passes(project: Project, *arguments: str, program: str = "harness") -> str:
    done = project.run(*arguments, program=program)
    assert done.returncode == 0, output(done)
    return done.stdout


def with_variables(project: Project, table: str = "") -> Project:
    project.write("pgtap_tests/notes.sql", WITH_VARIABLES)
    if table:
        project.write(
            "pyproject.toml", f"[tool.harness]\n{ONLY_TESTS}[tool.harness.variables]\n{table}"
        )
    return project


def test_variables_of_psql_are_set(bare: Project):
    with_variables(bare)
    passes(bare, "test", "--set", "owner=it's alice", "--set", "schema=public")
    bare.write("tasks.py", "from harness.tasks import namespace\n")
    passes(bare, "test", "--set", "owner=it's alice", "--set", "schema=public", program="invoke")


def test_a_variable_that_is_not_set_is_hinted_at(bare: Project):
    with_variables(bare)
    done = bare.run("test")
    assert done.returncode == 1
    assert "--set NAME=VALUE sets one" in done.stdout


@pytest.mark.parametrize("command", [["harness", "test"], ["pytest"], ["pytest", "-n", "1"]])
def test_variables_of_a_project_are_set(bare: Project, command: list[str]):
    with_variables(bare, "owner = \"it's alice\"\nschema = 'public'\n")
    passes(bare, *command[1:], program=command[0])


def test_the_command_line_sets_on_top_of_the_project(bare: Project):
    with_variables(bare, "owner = 'bob'\nschema = 'public'\n")
    passes(bare, "test", "--set", "owner=it's alice")


def test_how_psql_treats_errors_is_a_variable_too(bare: Project):
    bare.write("pgtap_tests/notes.sql", TEST.replace("ROLLBACK", "SELECT nonsense;\nROLLBACK"))
    assert bare.run("test").returncode == 1
    done = bare.run("test", "--set", "ON_ERROR_STOP=0")
    assert "2 assertions" in done.stdout  # what comes after an error is read again
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "table", "message"),
    [
        (["--set", "owner"], "", "--set: NAME=VALUE is expected, not 'owner'"),
        (["--set", "a b=1"], "", "variables: 'a b' cannot be the name of a variable"),
        ([], "owner = []", "variables: a table of strings is expected"),
    ],
)
def test_what_is_no_variable_is_refused(
    bare: Project, arguments: list[str], table: str, message: str
):
    with_variables(bare, table)
    done = bare.run("test", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize("command", [["harness", "test", "--tests"], ["pytest"]])
def test_files_may_be_called_as_pg_prove_wants(bare: Project, command: list[str]):
    bare.write("pyproject.toml", f"[tool.harness]\n{ONLY_TESTS}")
    bare.write("pgtap_tests/notes.pg", TEST)
    program, *arguments = command
    for place in ("pgtap_tests", "pgtap_tests/notes.pg", "pgtap_tests/notes.pg:4"):
        shown = passes(bare, *arguments, place, program=program)
        assert f"{1 if place[-1] == '4' else 2} assertion" in shown


def test_supabase_projects_keep_their_tests_in_a_place_of_their_own(bare: Project):
    (bare.root / "pgtap_tests").rmdir()
    bare.write("supabase/tests/database/notes.test.sql", TEST)
    assert "2 assertions in 1 SQL file" in passes(bare, "test")


STEPS = {
    "01_create.sql": "CREATE TABLE people AS SELECT 'alice' AS name;\nCREATE ROLE harness_step;\n",
    "02_insert.sql": "INSERT INTO people VALUES ('bob');\n",
    "03_check.sql": "",
}


@pytest.fixture
def steps(bare: Project) -> Project:
    """Files each of which goes on from what the one before it has left."""
    for number, (name, text) in enumerate(STEPS.items()):
        names = ["alice", "alice,bob", "alice,bob"][number]
        is_there = f"SELECT is(string_agg(name, ','), '{names}', '{name[3:-4]}') FROM people;\n"
        body = f"{text}SELECT plan(1);\n{is_there}SELECT * FROM finish();\n"
        bare.write(f"pgtap_tests/{name}", body)
    return bare


def test_files_that_build_on_each_other_run_in_one_database(steps: Project):
    done = steps.run("test")
    assert done.returncode == 1
    assert "01_create.sql creates it" in done.stdout
    assert "--one-database" in done.stdout
    assert "3 assertions in 3 SQL files" in passes(steps, "test", "--one-database")
    assert "✓ test        3 assertions: all passed" in passes(steps, "gate", "--one-database")


def test_in_one_database_all_files_run_whatever_is_selected(steps: Project):
    shown = passes(steps, "test", "--one-database", "-k", "check")
    assert "1 assertion in 1 SQL file" in shown


def test_one_database_is_not_for_python_checks(steps: Project):
    check = (
        "def test_it(database):\n"
        "    query = \"SELECT to_regclass('people'), to_regrole('harness_step')\"\n"
        "    assert database.execute(query).fetchone() == (None, None)\n"
    )
    steps.write("pgtap_tests/test_people.py", check)
    passes(steps, "test", "--one-database")


def test_one_database_of_files_that_fail_is_kept(steps: Project):
    path = steps.root / "pgtap_tests" / "02_insert.sql"
    path.write_text(path.read_text().replace("alice,bob", "eve"))
    done = steps.run("test", "--one-database", "--keep-failed")
    assert done.returncode == 1
    assert "1 failed" in done.stdout  # the last file ran, too
    dsn = done.stdout.partition("kept: ")[2].splitlines()[0]
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (2,)
    passes(steps, "psql", "--drop")


def test_one_database_ends_at_the_first_failure_when_asked_to(steps: Project):
    path = steps.root / "pgtap_tests" / "01_create.sql"
    path.write_text(path.read_text().replace("'alice',", "'eve',"))
    done = steps.run("test", "--one-database", "-x")
    assert done.returncode == 1
    assert "1 assertion in 1 SQL file: 1 failed" in done.stdout
