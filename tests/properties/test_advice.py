"""Advice: what is worth knowing and breaks nothing fails only where that is asked for."""

from __future__ import annotations

import json

import pytest

from tests.project import ONLY_TESTS, PYPROJECT, Project, output

STAMP = """
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := {};
    RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION stamp();
"""
SCHEMA = """CREATE SEQUENCE numbers;
CREATE TABLE users (id int CONSTRAINT users_pkey PRIMARY KEY DEFAULT nextval('numbers'));
CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT notes_pkey PRIMARY KEY,
    author int REFERENCES users,
    body text,
    updated_at timestamptz NOT NULL DEFAULT now()
);
"""
ADVISED = {
    "notes::notes_author_fkey::index",
    "notes::updated_at::moves_within",
    "users::id::room",
}


@pytest.fixture
def notes(project: Project) -> Project:
    project.write("sql/migrations/0001_notes.up.sql", SCHEMA + STAMP.format("now()"))
    down = "DROP TABLE notes, users; DROP FUNCTION stamp; DROP SEQUENCE numbers;\n"
    project.write("sql/migrations/0001_notes.down.sql", down)
    return project


def outcomes(project: Project, *arguments: str) -> tuple[int, dict[str, str]]:
    done = project.run("properties", *arguments, "--json", "-")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {one["id"]: one["outcome"] for one in found}


def named(found: dict[str, str], outcome: str) -> set[str]:
    return {name for name, one in found.items() if one == outcome}


def test_what_breaks_nothing_fails_nothing(notes: Project):
    code, found = outcomes(notes)
    assert code == 0, found
    assert named(found, "advice") == ADVISED
    assert named(found, "failed") == set()


@pytest.mark.parametrize(
    ("breaks", "failed"),
    [
        (("updated_at := now()", "updated_at := OLD.updated_at"), "notes::updated_at::moves"),
        (("SEQUENCE numbers", "SEQUENCE numbers START 2147483648"), "users::id::room"),
        (("RETURN NEW", "RETURN OLD"), "notes::updated_at::moves"),
    ],
)
def test_its_broken_twin_fails(notes: Project, breaks: tuple[str, str], failed: str):
    text = SCHEMA + STAMP.format("now()")
    notes.write("sql/migrations/0001_notes.up.sql", text.replace(*breaks))
    code, found = outcomes(notes)
    assert code == 1, found
    assert failed in named(found, "failed")


@pytest.mark.parametrize(
    ("settings", "failed"),
    [
        ("strict = true", ADVISED),
        ('fail_on = ["index"]', {"notes::notes_author_fkey::index"}),
        ('fail_on = ["users::*", "moves_*"]', ADVISED - {"notes::notes_author_fkey::index"}),
    ],
)
def test_whoever_asks_for_it_has_it_fail(notes: Project, settings: str, failed: set[str]):
    notes.write("pyproject.toml", f"{PYPROJECT}\n[tool.harness]\n{settings}\n")
    code, found = outcomes(notes)
    assert (code, named(found, "failed")) == (1, failed)


def test_advice_that_is_allowed_is_none_under_strict(notes: Project):
    allow = "allow = { " + ", ".join(f'"{one}" = "as meant"' for one in sorted(ADVISED)) + " }\n"
    settings = f"\n[tool.harness]\nstrict = true\n[tool.harness.properties]\n{allow}"
    notes.write("pyproject.toml", PYPROJECT + settings)
    code, found = outcomes(notes)
    assert (code, named(found, "todo")) == (0, ADVISED)


def test_every_report_calls_it_advice(notes: Project):
    forms = ("junit", "tap", "sarif", "json")
    places = [part for form in forms for part in (f"--{form}", f"report.{form}")]
    done = notes.run("properties", *places, GITHUB_ACTIONS="true")
    assert done.returncode == 0, output(done)
    assert "3 advice" in done.stdout
    assert "notes::notes_author_fkey::index" in done.stdout
    assert "no index leads with (author)" in done.stdout
    assert "::notice" in done.stdout
    for form in forms:
        text = (notes.root / f"report.{form}").read_text()
        assert "no index leads with (author)" in text, form
        assert "not ok" not in text, form
        assert "<failure" not in text, form


def test_test_and_pytest_pass_and_show_it(notes: Project):
    done = notes.run("test")
    assert done.returncode == 0, output(done)
    assert "no index leads with (author)" in done.stdout
    notes.write("pyproject.toml", PYPROJECT + "[tool.harness]\n")
    done = notes.run("-q", "-p", "no:cacheprovider", program="pytest")
    assert done.returncode == 0, output(done)
    assert "properties::notes::notes_author_fkey::index: no index leads with" in done.stdout


def test_pytest_fails_where_strict_is_asked_for(notes: Project):
    notes.write("pyproject.toml", f'{PYPROJECT}\n[tool.harness]\nfail_on = ["index"]\n')
    done = notes.run("-q", "-p", "no:cacheprovider", program="pytest")
    assert done.returncode == 1, output(done)
    assert "1 failed" in done.stdout
    assert "FAILED properties::notes::notes_author_fkey::index" in done.stdout
    notes.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    assert notes.run("-q", "-p", "no:cacheprovider", program="pytest").returncode == 0
