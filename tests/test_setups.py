"""Setups: the first files of a suite, whose effects all others start from."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from harness.postgres.cluster import Cluster
from harness.sqltests.files import named_as_setup
from tests.project import ONLY_TESTS, PYPROJECT, Project, output

SETUP = """CREATE SCHEMA tests;
CREATE TABLE tests.people (name text);
INSERT INTO tests.people VALUES ('alice'), ('bob');
SELECT plan(1);
SELECT pass('the helpers are there');
SELECT * FROM finish();
"""
USES = """BEGIN;
SELECT plan(1);
DELETE FROM tests.people WHERE name = 'alice';
SELECT is((SELECT string_agg(name, ',') FROM tests.people), 'bob', 'people are as they were');
SELECT * FROM finish();
ROLLBACK;
"""
COMMITS = USES.replace("BEGIN;\n", "").replace("ROLLBACK;\n", "")
NAME = "000-setup-tests-hooks.sql"
PYTEST = "[tool.harness]\n"


@pytest.fixture
def suite(project: Project) -> Project:
    """A setup, and two files that need it and spoil it for each other."""
    for name in ("notes.sql", "test_notes.py"):
        (project.root / "pgtap_tests" / name).unlink()
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    project.write(f"pgtap_tests/{NAME}", SETUP)
    project.write("pgtap_tests/010-uses.sql", USES)
    project.write("pgtap_tests/020-commits.sql", COMMITS)
    return project


def passes(project: Project, *arguments: str, says: str = "all passed", **environ: str) -> str:
    done = project.run("test", *arguments, **environ)
    assert done.returncode == 0, output(done)
    assert says in done.stdout
    return done.stdout


def test_all_files_start_from_what_a_setup_leaves(suite: Project):
    shown = passes(suite, "--shuffle", says="3 assertions in 3 SQL files: all passed")
    assert f"pgtap_tests/{NAME}: a setup: all other files start from what it leaves" in shown
    assert shown.index(NAME) < shown.index("0-")  # it is the first that is shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["pgtap_tests/010-uses.sql"],
        ["pgtap_tests/010-uses.sql:4"],
        ["-k", "people and uses"],
        ["--tag", "slow"],
    ],
)
def test_whatever_is_selected_is_set_up(suite: Project, arguments: list[str]):
    suite.write("pgtap_tests/010-uses.sql", "-- harness: tags=slow\n" + USES)
    assert "commits" not in passes(suite, *arguments)


def test_what_failed_last_time_is_set_up(suite: Project):
    suite.write("pgtap_tests/010-uses.sql", USES.replace("'bob',", "'eve',"))
    assert suite.run("test").returncode == 1
    suite.write("pgtap_tests/010-uses.sql", USES)
    assert "commits" not in passes(suite, "--last-failed")


def test_a_comment_makes_a_setup(suite: Project):
    (suite.root / "pgtap_tests" / NAME).rename(suite.root / "pgtap_tests" / "people.sql")
    assert suite.run("test").returncode == 1
    suite.write("pgtap_tests/people.sql", "-- harness: setup\n" + SETUP)
    passes(suite)
    passes(suite, "pgtap_tests/010-uses.sql")


def test_a_file_that_asks_for_a_clone_is_none(suite: Project):
    suite.write(f"pgtap_tests/{NAME}", "-- harness: isolation=clone\n" + SETUP)
    done = suite.run("test")
    assert done.returncode == 1
    assert 'relation "tests.people" does not exist' in done.stdout
    assert "1 assertion " in done.stdout.partition(NAME)[2].splitlines()[0]


def test_a_setup_need_not_test_anything(suite: Project):
    suite.write(f"pgtap_tests/{NAME}", SETUP.partition("SELECT plan")[0])
    shown = passes(suite, says="2 assertions in 2 SQL files: all passed")
    assert shown.startswith(f"– pgtap_tests/{NAME} ")
    suite.write("pyproject.toml", PYPROJECT + PYTEST + ONLY_TESTS)
    done = suite.run("--harness-junit", "out.xml", program="pytest")
    assert done.returncode == 0, output(done)
    assert "2 assertions in 2 SQL files" in done.stdout
    assert (suite.root / "out.xml").read_text().count("<testcase ") == 2


def test_a_setup_alone_is_not_a_pass(suite: Project):
    for name in ("010-uses.sql", "020-commits.sql"):
        (suite.root / "pgtap_tests" / name).unlink()
    suite.write(f"pgtap_tests/{NAME}", SETUP.partition("SELECT plan")[0])
    done = suite.run("test")
    assert done.returncode == 1, output(done)
    assert "nothing was asserted" in done.stdout


@pytest.mark.parametrize("broken", ["SELECT nonsense;\n", "SELECT fail('no');\n"])
def test_a_setup_that_fails_is_the_last_that_runs(suite: Project, broken: str):
    suite.write(f"pgtap_tests/{NAME}", f"SELECT plan(1);\n{broken}")
    suite.write("pgtap_tests/test_people.py", "def test_it(database):\n    assert False\n")
    done = suite.run("test")
    assert done.returncode == 1, output(done)
    assert f"pgtap_tests/{NAME}:2: " in done.stdout
    assert "2 SQL files were not run: the setup failed" in done.stdout
    assert "010" not in done.stdout
    assert "test_people" not in done.stdout


@pytest.mark.parametrize(
    ("makes", "misses"),
    [
        ("CREATE SCHEMA IF NOT EXISTS tests;", "CREATE TABLE tests.t ();"),
        ("CREATE TABLE public.people (n int);", "INSERT INTO people VALUES (1);"),
        ('CREATE TABLE "My people" (n int);', 'INSERT INTO "My people" VALUES (1);'),
        ("CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql RETURN 1;", "SELECT public.f(1);"),
        ("CREATE TYPE mood AS ENUM ();", "SELECT NULL::mood;"),
    ],
)
def test_a_file_that_misses_what_another_makes_is_told(suite: Project, makes: str, misses: str):
    (suite.root / "pgtap_tests" / NAME).unlink()
    suite.write("pgtap_tests/010-uses.sql", USES.replace("DELETE", f"{misses}\nDELETE"))
    suite.write("pgtap_tests/020-commits.sql", "SELECT plan(1);\nSELECT pass();\n")
    done = suite.run("test")
    assert "does not exist" in done.stdout
    assert "-- harness: setup" not in done.stdout
    suite.write("pgtap_tests/020-commits.sql", f"{makes}\nSELECT plan(1);\nSELECT pass();\n")
    assert "write '-- harness: setup' in 020-commits.sql" in suite.run("test").stdout


CHECK = """
def test_people(database, postgresql):
    for connection in (database, postgresql):
        assert connection.execute("SELECT count(*) FROM tests.people").fetchone() == (2,)
"""


@pytest.mark.parametrize("command", [["harness", "test"], ["pytest"], ["pytest", "-n", "2"]])
def test_python_checks_and_plain_pytest_are_set_up(suite: Project, command: list[str]):
    suite.write("pyproject.toml", PYPROJECT + PYTEST + ONLY_TESTS)
    suite.write("pgtap_tests/test_people.py", CHECK)
    program, *arguments = command
    done = suite.run(*arguments, program=program)
    assert done.returncode == 0, output(done)
    assert "3 assertions in 3 SQL files" in done.stdout


def test_properties_are_those_of_the_schema_alone(suite: Project):
    suite.write("pyproject.toml", PYPROJECT)
    shown = passes(suite)
    assert "notes" in shown
    assert "tests.people" not in shown


def test_roles_of_a_setup_stay_for_the_others(suite: Project):
    add_role(suite, "harness_test_staff")
    passes(suite)


def test_roles_of_a_setup_are_taken_from_a_named_server(suite: Project, cluster: Cluster):
    add_role(suite, "harness_test_staff")
    before = roles_and_databases(cluster)
    passes(suite, "--server", cluster.dsn("postgres"))
    assert roles_and_databases(cluster) == before


def roles_and_databases(cluster: Cluster) -> set[str]:
    with psycopg.connect(cluster.dsn("postgres")) as connection:
        query = "SELECT rolname FROM pg_roles UNION ALL SELECT datname FROM pg_database"
        return {name for (name,) in connection.execute(query)}


def test_a_database_that_is_kept_outlives_both_templates(suite: Project, cluster: Cluster):
    suite.write("pgtap_tests/010-uses.sql", USES.replace("'bob',", "'eve',"))
    done = suite.run("test", "--keep-failed", "--server", cluster.dsn("postgres"))
    dsn = done.stdout.partition("kept: ")[2].splitlines()[0]
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM tests.people").fetchone() == (2,)
    assert suite.run("psql", "--drop").returncode == 0


def add_role(suite: Project, name: str) -> None:
    suite.write(f"pgtap_tests/{NAME}", f"CREATE ROLE {name};\n{SETUP}")
    uses = USES.replace("plan(1)", "plan(2)").replace(
        "DELETE", f"SELECT has_role('{name}', 'the role is there');\nDELETE"
    )
    suite.write("pgtap_tests/010-uses.sql", uses)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("000-setup-tests-hooks.sql", True),
        ("00000-supabase_test_helpers.sql", True),
        ("01_set_up.sql", True),
        ("0.init.sql", True),
        ("00setup.sql", True),
        ("setup.sql", False),
        ("02-setup.sql", False),
        ("010-setup.sql", False),
        ("01_prepare_statement.sql", False),
        ("01_initial_rows.sql", False),
        ("010-users.sql", False),
        ("010-setups_of_users.sql", False),
    ],
)
def test_names_of_setups(tmp_path: Path, name: str, expected: bool):
    assert named_as_setup(tmp_path / name) is expected


def test_a_test_before_it_makes_a_name_mean_nothing(tmp_path: Path):
    for name in ("000-init.sql", "001-users.sql"):
        (tmp_path / name).touch()
    assert named_as_setup(tmp_path / "000-setup.sql")
    assert not named_as_setup(tmp_path / "002-account-setup.sql")
