"""A name that is matched against something and fits nothing is an error, with the nearest one."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.text import LISTED, matching_nothing, nearest
from harness.migrations.rules import IDS
from tests.project import Project, output

OWNED = """CREATE TABLE users (id text PRIMARY KEY);
CREATE TABLE lists (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ON lists (user_id);
CREATE VIEW seen AS SELECT id AS viewer_id FROM users;
"""
PASSES = "SELECT plan(1);\nSELECT pass('it');\n"


@pytest.fixture
def owned(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write("sql/migrations/0001_a.sql", OWNED)
    project.write("pgtap_tests/a.sql", f"-- harness: tags=slow\n{PASSES}")
    return project


def settings(project: Project, table: str, text: str) -> None:
    project.write("pyproject.toml", f"[tool.harness.{table}]\n{text}\n")


def test_the_nearest_name_is_said_and_long_lists_are_not():
    assert nearest("user_ids", ["user_id", "x"]) == "; did you mean 'user_id'?"
    assert nearest("zzz", ["b", "a"]) == "; known: a, b"
    assert nearest("zzz", [f"n{number}" for number in range(LISTED + 1)]) == ""
    assert matching_nothing(["a*", "b"], ["ab", "b"]) is None
    assert matching_nothing(["a*", "bb"], ["ab", "b"]) == "'bb' matches nothing; did you mean 'b'?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'tenant = "user_ids"',
            "tenant: no table has a column 'user_ids'; did you mean 'user_id'?",
        ),
        ('tenant = "viewer_id"', "tenant: no table has a column 'viewer_id'"),
        (
            'allow = { "list::*" = "why" }',
            "allow: 'list::*' matches nothing; did you mean 'lists::",
        ),
    ],
)
@pytest.mark.parametrize("command", ["properties", "test", "gate"])
def test_a_name_that_no_property_has(owned: Project, command: str, text: str, said: str):
    settings(owned, "properties", text)
    done = owned.run(command)
    assert done.returncode == 2, output(done)
    assert said in output(done)


def test_plain_pytest_says_it_too(owned: Project):
    settings(owned, "properties", 'tenant = "user_ids"')
    done = owned.run(program="pytest")
    assert done.returncode == 2, output(done)
    assert "did you mean 'user_id'?" in output(done)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('tenant = "user_id"', []),
        ('tenant = "user_id"', ["lists"]),
        ('tenant = "user_id"', ["--only", "unique"]),
        ('allow = { "lists::*" = "why" }', []),
        ('allow = { "lists::user_id::*" = "why" }', ["--only", "unique"]),
        ('allow = { "lists::*" = "why" }', ["users"]),
    ],
)
def test_names_that_fit_something_are_not_spoken_of(
    owned: Project, text: str, arguments: list[str]
):
    settings(owned, "properties", text)
    done = owned.run("properties", *arguments)
    assert done.returncode == 0, output(done)


def test_where_there_is_no_table_there_is_nothing_to_fit(owned: Project):
    owned.write("sql/migrations/0001_a.sql", "CREATE FUNCTION f() RETURNS int RETURN 1;\n")
    settings(owned, "properties", 'tenant = "user_id"\nallow = { "lists::*" = "why" }')
    done = owned.run("gate")
    assert done.returncode != 2, output(done)
    assert "declares nothing to try" in output(done)


def test_another_schema_than_the_projects_knows_other_names(owned: Project):
    settings(owned, "properties", 'tenant = "user_id"\nallow = { "lists::*" = "why" }')
    owned.write("other/0001_a.sql", "CREATE TABLE t (id int PRIMARY KEY);\n")
    done = owned.run("properties", "--schema", "other")
    assert done.returncode == 0, output(done)


def test_what_was_declared_once_can_be_allowed_to_be_gone(owned: Project):
    settings(owned, "properties", 'record = "properties.json"')
    assert owned.run("properties", "--record").returncode == 0
    owned.write("sql/migrations/0002_b.sql", "DROP INDEX lists_user_id_idx;\n")
    owned.write("sql/migrations/0003_c.sql", "ALTER TABLE lists ALTER user_id DROP NOT NULL;\n")
    done = owned.run("properties")
    assert done.returncode == 1, output(done)
    allow = '\nallow = { "lists::user_id::*" = "why", "lists::*::*" = "why" }'
    settings(owned, "properties", f'record = "properties.json"{allow}')
    done = owned.run("properties")
    assert done.returncode == 0, output(done)


@pytest.mark.parametrize(
    ("pattern", "near"),
    [("0002_*::scan", ""), ("0001_a::scann", "; did you mean '0001_a::scan'?"), ("scan", "")],
)
def test_an_allowed_revision_or_rule_that_there_is_not(owned: Project, pattern: str, near: str):
    settings(owned, "migrations", f'allow = {{ "{pattern}" = "why" }}')
    done = owned.run("migrations")
    assert done.returncode == 2, output(done)
    assert f"allow: '{pattern}' matches nothing{near}" in output(done)


@pytest.mark.parametrize("pattern", ["*::scan", "0001_a::*", "0001_a::irreversible"])
def test_an_allowed_rule_that_finds_nothing_today_is_no_error(owned: Project, pattern: str):
    settings(owned, "migrations", f'allow = {{ "{pattern}" = "why" }}')
    done = owned.run("migrations")
    assert done.returncode == 0, output(done)


@pytest.mark.parametrize(("rule", "code"), [("migrations:scann", 2), ("migrations:scan", 0)])
def test_a_comment_that_allows_a_rule_of_migrations(owned: Project, rule: str, code: int):
    owned.write("sql/migrations/0001_a.sql", f"{OWNED}-- harness: allow {rule} ten rows\n")
    done = owned.run("migrations")
    assert done.returncode == code, output(done)
    assert ("0001_a.sql:8: allow: there is no" in output(done)) == (code == 2)


def test_every_rule_in_the_documentation_is_known_and_no_other():
    rows = Path("docs/migrations.md").read_text("utf-8").splitlines()
    documented = {row.split("`")[1] for row in rows if row.startswith("| `")}
    assert documented == IDS


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (["slow"], 0),
        (["slow", "quick"], 0),
        (["slo"], 2),
        (["slow", "quik"], 2),
    ],
)
@pytest.mark.parametrize("keyword", [[], ["-k", "a"]])
def test_a_tag_that_nothing_has(owned: Project, tags: list[str], code: int, keyword: list[str]):
    settings(owned, "properties", "enabled = false")
    owned.write(
        "pgtap_tests/test_a.py",
        "import pytest\n@pytest.mark.quick\ndef test_x(): pass\ndef test_y(): pass\n",
    )
    done = owned.run("test", *keyword, *[word for tag in tags for word in ("--tag", tag)])
    assert done.returncode == code, output(done)
    assert ("did you mean" in output(done)) == (code == 2)


def test_leaving_out_what_nothing_has_leaves_nothing_out(owned: Project):
    done = owned.run("test", "--not-tag", "nightly")
    assert done.returncode == 0, output(done)


def test_a_place_without_tests_is_said_beside_one_with_tests(owned: Project):
    owned.write("other/readme.txt", "none here")
    done = owned.run("test", "--tests", "pgtap_tests", "--tests", "other")
    assert done.returncode == 1, output(done)
    assert "no tests in" in output(done)
    assert "other" in output(done)
