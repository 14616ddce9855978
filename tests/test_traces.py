"""No command leaves anything in a project but what it is asked to write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import sources
from tests.project import Project, output
from tests.support.places import short_directory

# Each kind of value for which Hypothesis keeps something: Unicode's tables, constants.
SCHEMA = """CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name ~ '^[[:alpha:]]+$'),
    mail varchar(40) CHECK (mail ~ '^[a-z]+@[a-z]+$'),
    score numeric(8, 2) CHECK (score > 3), born date, seen timestamptz DEFAULT now(), extra jsonb
);
"""
TESTS = "SELECT plan(1);\nSELECT has_table('people');\n"
CHECK = "def test_rows(rows):\n    assert rows('people', 3)\n"
PYTESTS_OWN = {"pgtap_tests/__pycache__", ".pytest_cache"}

COMMANDS = [
    "apply",
    "lint",
    "test",
    "gate",
    "gate -k people",
    "properties",
    "properties people --seed 3 --examples 4",
    "migrations",
    "diff sql/migrations sql/migrations",
    "snapshot",
    "assertions --sql",
    "psql --drop",
    "test --keep-failed --last-failed",
    "lint --fix",
]


def tree(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


@pytest.fixture(scope="module")
def warm() -> Iterator[Path]:
    """Where a server's account can run binaries from: pytest's own directories are closed to it."""
    with short_directory() as folder:
        yield folder


@pytest.fixture
def cache(warm: Path) -> str:
    """A cache with servers, in which Hypothesis has left nothing yet."""
    shutil.rmtree(warm / "hypothesis", ignore_errors=True)
    return str(warm)


@pytest.fixture
def peopled(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    project.write("sql/migrations/0001_a.up.sql", SCHEMA)
    project.write("sql/migrations/0001_a.down.sql", "DROP TABLE people;\n")
    project.write("pgtap_tests/people.sql", TESTS)
    project.write("pyproject.toml", "[tool.harness]\n")
    return project


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_leaves_the_project_as_it_was(peopled: Project, cache: str, command: str):
    before = tree(peopled.root)
    done = peopled.run(*command.split(), HARNESS_CACHE_DIR=cache)
    assert done.returncode in (0, 1), output(done)
    assert tree(peopled.root) == before


@pytest.mark.parametrize("arguments", [("harness", "test"), ("harness", "gate"), ("pytest",)])
def test_python_checks_leave_what_pytest_leaves_and_nothing_else(
    peopled: Project, cache: str, arguments: tuple[str, ...]
):
    peopled.write("pgtap_tests/test_people.py", CHECK)
    before = tree(peopled.root)
    program, *rest = arguments
    done = peopled.run(*rest, program=program, HARNESS_CACHE_DIR=cache)
    assert done.returncode in (0, 1), output(done)
    left = tree(peopled.root) - before
    assert {path for path in left if not path.startswith(tuple(PYTESTS_OWN))} == set()


@pytest.mark.parametrize("command", ["apply", "lint", "properties", "migrations", "gate"])
def test_an_alembic_project_stays_as_it_was(tmp_path: Path, cache: str, command: str):
    project = Project(tmp_path / "project")
    files = sources.alembic([(1, SCHEMA, "DROP TABLE people;")])
    for name, text in {**files, "pyproject.toml": '[tool.harness]\nschema = "."\n'}.items():
        project.write(name, text)
    before = tree(project.root)
    done = project.run(command, HARNESS_CACHE_DIR=cache)
    assert done.returncode in (0, 1), output(done)
    assert tree(project.root) == before


def test_a_project_that_uses_hypothesis_keeps_its_directory(peopled: Project, cache: str):
    (peopled.root / ".hypothesis").mkdir()
    peopled.run("migrations", HARNESS_CACHE_DIR=cache)
    assert (peopled.root / ".hypothesis").is_dir()
    assert not Path(cache, "hypothesis").exists()


def test_the_reports_that_are_asked_for_are_all_that_is_written(peopled: Project):
    before = tree(peopled.root)
    done = peopled.run("gate", "--junit", "a.xml", "--json", "b.jsonl", "--sarif", "c.sarif")
    assert done.returncode in (0, 1), output(done)
    assert tree(peopled.root) - before == {"a.xml", "b.jsonl", "c.sarif"}
