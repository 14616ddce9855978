"""``harness migrations`` and the gate's step, as a user runs them; docs/migrations.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.migrations.rules import IDS
from tests.project import ONLY_TESTS, PYPROJECT, Project, output

PAGE = (Path(__file__).parents[1] / "docs/migrations.md").read_text("utf-8")
REWRITE = "SELECT 1;\nALTER TABLE notes\n    ALTER COLUMN body TYPE varchar(20);\n"
UNWRITE = "ALTER TABLE notes ALTER COLUMN body TYPE text;\n"


@pytest.fixture
def rewriting(project: Project) -> Project:
    project.write("sql/migrations/0002_short.up.sql", REWRITE)
    project.write("sql/migrations/0002_short.down.sql", UNWRITE)
    return project


def test_a_line_for_each_revision_and_a_sum(project: Project, tmp: Path):
    done = project.run("migrations", HARNESS_TEMP_DIR=str(tmp))
    assert done.returncode == 0, output(done)
    assert re.search(r"✓ 0001_notes +\d+\.\d\d s\n    up, down, up; down leaves", done.stdout)
    assert "1 revision up, down, up" in done.stdout
    assert list(tmp.iterdir()) == []


def test_a_finding_has_file_line_source_and_squawk_and_advice_fails_nothing(rewriting: Project):
    done = rewriting.run("migrations", "-v", "--json", "found.jsonl")
    assert done.returncode == 0, output(done)
    assert (
        "sql/migrations/0002_short.up.sql:2: migrations:rewrite: public.notes (2 rows)"
        in done.stdout
    )
    assert "> ALTER TABLE notes" in done.stdout
    assert "squawk: changing-column-type" in done.stdout
    assert re.search(r"ACCESS EXCLUSIVE +public\.notes +sql/migrations/0002_short", done.stdout)
    assert "1 advice" in done.stdout
    lines = (rewriting.root / "found.jsonl").read_text().splitlines()
    found = {one["id"]: one for one in map(json.loads, lines)}
    rewrite = found["migrations:rewrite"]
    assert found["0001_notes::migration"]["outcome"] == "passed"
    assert (rewrite["outcome"], rewrite["line"]) == ("advice", 2)
    facts = found["0002_short::migration"]["facts"]
    (lock,) = [one for one in facts["locks"] if one["rewritten"]]
    assert (lock["relation"], lock["mode"]) == ("public.notes", "ACCESS EXCLUSIVE")


def test_a_table_without_rows_is_named_once(project: Project):
    never = "CREATE TABLE never (i int NOT NULL CHECK (i <> i));\n"
    project.write("sql/migrations/0002_never.up.sql", never)
    project.write("sql/migrations/0002_never.down.sql", "DROP TABLE never;\n")
    for number in (3, 4):
        project.write(f"sql/migrations/000{number}_more.up.sql", "SELECT 1;\n")
    done = project.run("migrations")
    assert done.returncode == 0, output(done)
    assert done.stdout.count("public.never: no rows") == 1
    assert "2 revisions up, down, up, 2 irreversible" in done.stdout


def test_json_may_go_to_standard_output_alone(project: Project):
    done = project.run("migrations", "--json", "-")
    assert done.returncode == 0, output(done)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert results[0]["facts"]["revision"] == "0001_notes"
    assert "1 revision up, down, up" in done.stderr


def test_the_gate_shows_findings_and_accepts_what_is_allowed_and_so_does_lint(rewriting: Project):
    strict = '[tool.harness]\nfail_on = ["migrations:rewrite"]\n'
    rewriting.write("pyproject.toml", strict + PYPROJECT + ONLY_TESTS)
    done = rewriting.run("gate")
    assert done.returncode == 1
    assert "✗ migrations  1 of 2 revisions failed" in done.stdout
    assert "migrations:rewrite" in done.stdout
    comments = "".join(
        f"-- harness: allow {rule} it is small\n"
        for rule in ("migrations:rewrite", "changing-column-type")
    )
    allowed = REWRITE.replace("ALTER TABLE", f"{comments}ALTER TABLE")
    rewriting.write("sql/migrations/0002_short.up.sql", allowed)
    done = rewriting.run("migrations")
    assert done.returncode == 0, output(done)
    assert "0002_short.up.sql:4: migrations:rewrite: it is small" in done.stdout
    done = rewriting.run("lint")
    assert done.returncode == 0, output(done)


def test_migrations_that_make_roles_are_tried_beside_a_schema_that_has_them(project: Project):
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    project.write("sql/migrations/0002_role.up.sql", "CREATE ROLE keeper;\n")
    project.write("sql/migrations/0002_role.down.sql", "DROP ROLE keeper;\n")
    done = project.run("migrations")
    assert done.returncode == 0, output(done)
    done = project.run("gate")
    assert "✓ migrations  2 revisions up, down, up" in done.stdout, output(done)


def test_the_step_can_be_turned_off_and_is_not_run_without_a_schema(project: Project):
    off = "[tool.harness.migrations]\nenabled = false\n"
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS + off)
    assert "– migrations" in project.run("gate").stdout
    assert project.run("migrations").returncode == 0
    assert project.run("migrations", "--schema", "none").returncode == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("block = 1.0", "unknown key 'block'; did you mean 'blocked'?"),
        ("blocked = 'long'", "blocked: a number of seconds such as 1.0 is expected"),
        ("allow = ['x']", "allow: a table of revision::rule = reason is expected"),
    ],
)
def test_a_wrong_setting_ends_in_2(project: Project, line: str, message: str):
    project.write("pyproject.toml", f"{PYPROJECT}[tool.harness.migrations]\n{line}\n")
    done = project.run("migrations")
    assert done.returncode == 2
    assert message in done.stderr


def test_a_whole_number_of_seconds_is_one_too(project: Project):
    project.write("pyproject.toml", f"{PYPROJECT}[tool.harness.migrations]\nblocked = 2\n")
    assert project.run("migrations").returncode == 0


def test_the_page_names_every_rule_and_no_other():
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) - {"rule"} == IDS


def test_revisions_that_are_not_run_are_no_pass(project: Project):
    project.write("sql/migrations/0002_bad.up.sql", "SELECT absent;\n")
    project.write("sql/migrations/0003_more.up.sql", "SELECT 1;\n")
    allow = '[tool.harness.migrations]\nallow = { "0002_bad::up" = "known" }\n'
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS + allow)
    done = project.run("migrations")
    assert done.returncode == 1, output(done)
    assert "not run, and that is not a pass" in done.stdout


def test_what_lies_beside_the_migrations_is_named(project: Project):
    project.write("sql/migrations/seeds/rows.sql", "SELECT 1;\n")
    project.write("sql/migrations/run.py", "")
    done = project.run("apply")
    assert done.returncode == 0, output(done)
    assert "2 files beside the migrations are not applied" in done.stdout
    assert "migrations/seeds/rows.sql" in done.stdout
    project.write("sql/migrations/2024_users/up.sql", "CREATE TABLE users ();\n")
    for command in ("apply", "migrations", "lint"):
        done = project.run(command)
        assert done.returncode == 2, output(done)
        assert "2024_users/up.sql" in output(done)


def test_a_migration_that_fails_shows_its_statement_and_a_relative_path(project: Project):
    project.write(
        "sql/migrations/0002_bad.up.sql", "SELECT 1;\nCREATE INDEX i\n    ON notes (no);\n"
    )
    for command in ("migrations", "apply"):
        done = project.run(command)
        assert done.returncode == 1
        assert "sql/migrations/0002_bad.up.sql:2: " in done.stdout
        assert "\n    CREATE INDEX i\n        ON notes (no);\n" in done.stdout
        assert "> CREATE INDEX" not in done.stdout, "it stands there in whole"
        assert str(project.root) not in output(done)


def test_advice_fails_where_the_configuration_says_so(rewriting: Project):
    fail_on = '[tool.harness]\nfail_on = ["rewrite"]\n'
    rewriting.write("pyproject.toml", fail_on + PYPROJECT)
    done = rewriting.run("migrations")
    assert done.returncode == 1, output(done)
    rewriting.write("pyproject.toml", fail_on.replace("rewrite", "*:scan") + PYPROJECT)
    assert rewriting.run("migrations").returncode == 0
    assert rewriting.run("migrations", "--strict").returncode == 1


@pytest.mark.parametrize("command", ["apply", "migrations"])
def test_a_statement_that_does_not_return_in_time_says_nothing_of_the_migration(
    project: Project, command: str
):
    down = command == "migrations"
    file = "sql/migrations/0001_notes.down.sql" if down else "sql/migrations/0001_notes.up.sql"
    project.write(file, "SELECT 1;\nSELECT pg_sleep(60);\n")
    done = project.run(command, "--timeout", "0.3")
    assert done.returncode == 2, output(done)
    assert f"{file}:2: the statement did not return within 0.3 s" in output(done)
    assert "--timeout SECONDS" in output(done)
    assert "Traceback" not in output(done)
