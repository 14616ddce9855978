"""The campaign as users meet it: the command, its report, its files, pytest's items."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.project import ONLY_TESTS, PYPROJECT, Project, output

SCHEMA = """CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT notes_pkey PRIMARY KEY,
    body text NOT NULL,
    state text NOT NULL DEFAULT 'open'
);
"""
# The catalog says NOT NULL; what is stored is NULL's replacement, or nothing at all.
SWALLOWS = """
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.body IS NULL THEN RETURN NULL; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER swallow BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION swallow();
"""
REFUSES = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no notes today';
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.fixture
def notes(project: Project) -> Project:
    project.write("sql/migrations/0001_notes.up.sql", SCHEMA)
    return project


def decisions(project: Project, *arguments: str) -> dict[str, dict[str, object]]:
    done = project.run("properties", *arguments, "--json", "-")
    assert done.returncode in (0, 1), output(done)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    kept = [one for one in found if one["kind"] == "property"]
    return {str(one["id"]): one | {"seconds": 0} for one in kept}


def test_properties_that_are_kept_are_passed(notes: Project):
    done = notes.run("properties", "--only", "not_null")
    assert done.returncode == 0, output(done)
    assert "✓ properties/notes" in done.stdout
    assert "2 properties in 1 table: all passed" in done.stdout


def test_json_has_an_object_for_each_property_with_its_evidence(notes: Project):
    found = decisions(notes, "--only", "not_null")
    assert set(found) == {"notes::body::not_null", "notes::state::not_null"}
    one = found["notes::body::not_null"]
    facts: dict = one["facts"]  # type: ignore[assignment]
    assert (facts["check"], facts["table"], facts["object"]) == ("not_null", "public.notes", "body")
    assert (one["outcome"], one["reason"]) == ("passed", "")
    statements = [step["sql"] for step in facts["evidence"]]
    assert any("NULL" in text for text in statements)


def test_what_is_failed_is_shown_as_sql_for_psql(notes: Project):
    notes.write("sql/migrations/0002_swallow.up.sql", SWALLOWS)
    (notes.root / "sql/migrations/0001_notes.down.sql").unlink()
    done = notes.run("properties", "--only", "not_null")
    assert done.returncode == 1, output(done)
    assert "1 failed" in done.stdout
    assert "sql/migrations/0001_notes.up.sql:3: notes::body::not_null" in done.stdout
    script = done.stdout[done.stdout.index("BEGIN;") : done.stdout.index("ROLLBACK;")]
    assert "INSERT INTO" in script


def test_the_evidence_runs_in_psql(notes: Project, cluster):
    notes.write("sql/migrations/0002_swallow.up.sql", SWALLOWS)
    (notes.root / "sql/migrations/0001_notes.down.sql").unlink()
    facts: dict = decisions(notes, "--only", "not_null")["notes::body::not_null"]["facts"]  # type: ignore[assignment]
    script = "".join(f"{step['sql']};\n" for step in facts["evidence"])
    text = f"BEGIN;{SCHEMA}{SWALLOWS}{script}ROLLBACK;"
    done = subprocess.run(
        ["psql", "-X", "-v", "ON_ERROR_STOP=1", cluster.dsn("postgres")],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_table_without_a_valid_row_is_undecided_and_no_pass(notes: Project):
    notes.write("sql/migrations/0002_refuse.up.sql", REFUSES)
    (notes.root / "sql/migrations/0001_notes.down.sql").unlink()
    found = decisions(notes, "--only", "not_null")
    assert {one["outcome"] for one in found.values()} == {"undecided"}
    assert all("no notes today" in str(one["reason"]) for one in found.values())
    assert notes.run("properties", "--only", "not_null").returncode == 1


def test_what_is_allowed_is_shown_and_passes(notes: Project):
    notes.write("sql/migrations/0002_swallow.up.sql", SWALLOWS)
    (notes.root / "sql/migrations/0001_notes.down.sql").unlink()
    allow = '[tool.harness.properties]\nallow = { "notes::body::*" = "dropped on purpose" }\n'
    notes.write("pyproject.toml", PYPROJECT + allow)
    done = notes.run("properties", "--only", "not_null")
    assert done.returncode == 0, output(done)
    assert "1 failed, as allowed" in done.stdout


def test_the_same_seed_gives_the_same_evidence(notes: Project):
    arguments = ("--only", "not_null", "--seed", "5")
    assert decisions(notes, *arguments) == decisions(notes, *arguments)


def test_properties_are_part_of_test_and_gate_unless_turned_off(notes: Project):
    for command in ("test", "gate"):
        done = notes.run(command)
        assert done.returncode == 0, output(done)
    assert "properties/notes" in notes.run("test").stdout
    assert "✓ properties" in notes.run("gate").stdout
    assert "properties" not in notes.run("test", "--tests", "pgtap_tests").stdout
    notes.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    assert "properties" not in notes.run("test").stdout
    assert "– properties  not run: turned off" in notes.run("gate").stdout


def test_a_failed_property_fails_test_and_gate(notes: Project):
    notes.write("sql/migrations/0002_swallow.up.sql", SWALLOWS)
    (notes.root / "sql/migrations/0001_notes.down.sql").unlink()
    for command in ("test", "gate"):
        done = notes.run(command)
        assert done.returncode == 1, output(done)
        assert "notes::body::not_null" in done.stdout


def test_k_chooses_properties_and_last_failed_runs_them_again(notes: Project):
    notes.write("sql/migrations/0002_swallow.up.sql", SWALLOWS)
    (notes.root / "sql/migrations/0001_notes.down.sql").unlink()
    done = notes.run("test", "-k", "state::not_null")
    assert done.returncode == 0, output(done)
    assert "1 property in 1 table: all passed" in done.stdout
    assert notes.run("test").returncode == 1
    again = notes.run("test", "--last-failed")
    assert "properties/notes" in again.stdout
    assert "SQL file" not in again.stdout


def test_each_property_is_an_item_of_pytest(notes: Project):
    notes.write("pyproject.toml", PYPROJECT + "[tool.harness]\n")
    done = notes.run("-v", "-k", "not_null", program="pytest")
    assert done.returncode == 0, output(done)
    named = notes.run("--collect-only", "-q", program="pytest").stdout
    assert "properties::notes::body::not_null" in named
    notes.write("sql/migrations/0002_swallow.up.sql", SWALLOWS)
    (notes.root / "sql/migrations/0001_notes.down.sql").unlink()
    done = notes.run("-k", "not_null", program="pytest")
    assert "1 failed, 1 passed" in done.stdout
    assert "INSERT INTO" in done.stdout


def test_rows_is_a_fixture(notes: Project):
    notes.write(
        "pgtap_tests/test_notes.py",
        "def test_it(rows, database):\n"
        "    one, two = rows('notes', 2, state='open')\n"
        "    found = database.execute('SELECT id::text, state FROM notes ORDER BY id').fetchall()\n"
        "    assert found == [(one.stored['id'], 'open'), (two.stored['id'], 'open')]\n",
    )
    done = notes.run("test", "--tests", "pgtap_tests/test_notes.py")
    assert done.returncode == 0, output(done)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nots"], "table nots: there is none; did you mean public.notes?"),
        (["--only", "not_nul"], "there is no check 'not_nul'; did you mean 'not_null'?"),
        (["--examples", "many"], "examples: a number is expected"),
        (["--json", "pyproject.toml/x"], "json: cannot write"),
    ],
)
def test_bad_input_gets_one_message_and_2(notes: Project, arguments: list[str], message: str):
    done = notes.run("properties", *arguments)
    assert done.returncode == 2, output(done)
    assert message in output(done)
    assert "Traceback" not in output(done)


@pytest.mark.parametrize("arguments", [["--schema", "none"], ["--only", "isolation"]])
def test_nothing_declared_is_no_pass(notes: Project, arguments: list[str]):
    done = notes.run("properties", *arguments)
    assert done.returncode == 1
    assert "✗ nothing of the kind is declared, and that is not a pass\n" in done.stdout
