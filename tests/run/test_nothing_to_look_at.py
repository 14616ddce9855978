"""A step that had nothing to look at says so, and what lies beside what it reads is named."""

from __future__ import annotations

import json
import sys

import pytest

from tests.project import Project, output


def ids(project: Project, *arguments: str) -> tuple[int, dict[str, str]]:
    done = project.run(*arguments, "--json", "-")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {f"{one['id']} {one['file'] or ''}": one["outcome"] for one in found}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "pgtap_tests/test_nothing.py",
            "def check_that_is_called_otherwise():\n    assert False\n",
        ),
        ("pgtap_tests/more/rights.psql", "SELECT ok(false);\n"),
        ("pgtap_tests/RIGHTS.SQL", "SELECT ok(false);\n"),
    ],
)
def test_a_file_that_looks_like_a_test_and_is_not_run_is_named(
    project: Project, name: str, text: str
):
    project.write(name, text)
    code, found = ids(project, "test")
    assert (code, found[f"harness:not-run {name}"]) == (0, "advice")
    assert project.run("test", "--strict").returncode == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pgtap_tests/test_something.py", "def test_one():\n    assert True\n"),
        ("pgtap_tests/factories.py", "def make():\n    return 1\n"),
        ("pgtap_tests/README.md", "not a test\n"),
    ],
)
def test_what_is_run_or_is_none_is_not(project: Project, name: str, text: str):
    project.write(name, text)
    code, found = ids(project, "test")
    assert code == 0, found
    assert not [one for one in found if one.startswith("harness:not-run")]


@pytest.mark.parametrize(
    ("up", "told"),
    [
        ("-- to be written\n", True),
        ("INSERT INTO pg_temp.x SELECT 1 WHERE false;\n", None),
        ("SELECT 1;\n", True),
        ("CREATE SCHEMA app;\n", False),
    ],
)
def test_migrations_that_create_nothing(project: Project, up: str, told: bool | None):
    for path in (project.root / "sql/migrations").iterdir():
        path.unlink()
    project.write("sql/migrations/0001_a.up.sql", up)
    code, found = ids(project, "apply")
    if told is None:
        assert code == 1, found
        return
    assert any(one.startswith("harness:nothing-created") for one in found) == told
    assert code == 0, found


def test_a_schema_without_properties_is_told_where_tests_are_run(project: Project):
    for path in (project.root / "sql/migrations").iterdir():
        path.unlink()
    project.write("sql/migrations/0001_a.up.sql", "CREATE SCHEMA app;\n")
    for path in (project.root / "pgtap_tests").iterdir():
        path.unlink()
    project.write("pgtap_tests/a.sql", "SELECT plan(1);\nSELECT has_schema('app');\n")
    code, found = ids(project, "test")
    assert (code, found["harness:properties "]) == (0, "skipped")


def test_a_tools_own_table_that_a_view_reads_is_none_of_the_schemas(project: Project):
    script = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as c:\n"
        "    c.execute('CREATE TABLE knex_migrations (id serial PRIMARY KEY, name text);'\n"
        "        'CREATE TABLE mine (id serial PRIMARY KEY);'\n"
        "        'CREATE VIEW applied AS SELECT name FROM knex_migrations')\n"
    )
    project.write("schema/make.py", script)
    project.write(
        "pyproject.toml",
        '[tool.harness]\nsource = "command"\nschema = "schema"\n'
        f'command = ["{sys.executable}", "schema/make.py"]\n',
    )
    done = project.run("apply")
    assert done.returncode == 0, output(done)
    assert "1 sequence" in done.stdout
    assert "1 table" in done.stdout
    code, found = ids(project, "properties")
    assert code == 0, found
    assert any(one.startswith("mine::") for one in found)
    assert not any(one.startswith("knex_migrations") for one in found)
