"""``harness access`` and the gate's step, as a user runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.access.support import DATA
from tests.project import ONLY_TESTS, PYPROJECT, Project, output

RECORD = '[tool.harness.access]\nrecord = "sql/access.json"\n'
OWNER = (DATA / "owner.sql").read_text("utf-8")
WIDER = "\nCREATE POLICY seen ON tasks FOR SELECT TO app USING (body <> '');\n"


def with_schema(project: Project, schema: str, more: str = "") -> Project:
    project.write("pyproject.toml", PYPROJECT + more)
    for name in ("0001_notes.up.sql", "0001_notes.down.sql"):
        (project.root / "sql" / "migrations" / name).unlink(missing_ok=True)
    project.write("sql/migrations/0001_tasks.up.sql", schema)
    project.write("sql/migrations/0001_tasks.down.sql", "DROP TABLE tasks;\nDROP ROLE app;\n")
    return project


def test_a_grid_is_shown_and_written_as_json(project: Project):
    done = with_schema(project, OWNER).run("access", "--json", "out.jsonl")
    assert done.returncode == 0, output(done)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["one,", "two,", "three", *["own"] * 5, "tasks_pkey"] in lines
    assert ["nobody,", "expired", "none", "policy", *["none"] * 4] in lines
    found = [json.loads(one) for one in (project.root / "out.jsonl").read_text().splitlines()]
    assert [one["id"] for one in found] == ["access::public.tasks::app"]
    assert found[0]["facts"]["cells"]["one"]["SELECT"] == "own"
    assert found[0]["facts"]["privileges"]["DELETE"] == "yes"


def test_a_jobs_summary_has_the_grids(project: Project):
    place = project.root / "summary.md"
    on_github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(place)}
    done = with_schema(project, OWNER).run("access", **on_github)
    assert done.returncode == 0, output(done)
    lines = place.read_text("utf-8").splitlines()
    assert "| one, two, three | own | own | own | own | own | tasks_pkey |" in lines
    heading = next(line for line in lines if line.startswith("| public.tasks as app |"))
    assert lines[lines.index(heading) + 1] == "|" + "---|" * heading.count(" | ") + "---|"


def test_a_contradiction_fails_at_the_table_with_the_statement_that_shows_it(project: Project):
    broken = OWNER.replace("::integer);", "::integer) WITH CHECK (true);")
    done = with_schema(project, broken).run("access")
    assert done.returncode == 1, output(done)
    assert "0001_tasks.up.sql:2: app: UPDATE gives a row away" in done.stdout
    assert 'UPDATE "public"."tasks" SET "owner"' in done.stdout


def test_with_a_record_any_change_fails_until_it_is_recorded(project: Project):
    with_schema(project, OWNER, RECORD)
    assert project.run("access", "--record").returncode == 0
    path = Path(project.root, "sql", "access.json")
    assert '["rows of public.tasks", "app", "one: SELECT", "own"]' in path.read_text()
    assert project.run("access").returncode == 0
    with_schema(project, OWNER + WIDER, RECORD)
    done = project.run("access")
    assert done.returncode == 1
    assert "rows of public.tasks, app: one: SELECT" in done.stdout
    project.run("access", "--record")
    assert project.run("access").returncode == 0


def test_the_gate_has_the_step_where_there_are_roles(project: Project):
    with_schema(project, OWNER, ONLY_TESTS)
    project.write("pgtap_tests/notes.sql", "SELECT plan(1);\nSELECT has_table('tasks');\n")
    project.write("pgtap_tests/test_notes.py", "")
    done = project.run("gate")
    assert done.returncode == 0, output(done)
    steps = re.findall(r"^[✓–] ([a-z]+) ", done.stdout, re.MULTILINE)
    assert steps == ["lint", "apply", "migrations", "properties", "access", "test"]


def test_a_schema_without_roles_is_no_pass(project: Project):
    done = project.run("access")
    assert done.returncode == 1
    assert "no role is granted anything" in done.stdout


CHECKS = """
import pytest

@pytest.mark.parametrize("user", [1, 2])
def test_own(database, connect, user):
    database.execute("INSERT INTO tasks (owner) VALUES (1), (2)")
    app = connect(role="app", settings={"app.user_id": user})
    assert app.execute("SELECT owner FROM tasks").fetchall() == [(user,)]

def test_claims(connect):
    app = connect(role="app", settings={"request.jwt.claims": {"sub": "x"}})
    query = "SELECT current_user, current_setting('request.jwt.claims')::jsonb ->> 'sub'"
    assert app.execute(query).fetchone() == ("app", "x")

def test_grid(access):
    assert access("tasks")["app"]["one"]["DELETE"] == "own"
    assert access("public.tasks")["app"]["nobody"]["INSERT"] == "policy"
    with pytest.raises(KeyError):
        access("nothing")
"""


def test_python_checks_connect_as_a_role_and_ask_for_the_grid(project: Project):
    with_schema(project, OWNER, ONLY_TESTS)
    (project.root / "pgtap_tests" / "notes.sql").unlink()
    project.write("pgtap_tests/test_notes.py", CHECKS)
    done = project.run("test")
    assert done.returncode == 0, output(done)
    assert "4 checks" in done.stdout
