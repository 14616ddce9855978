"""The record: properties that a migration takes away, or makes in other words, are failed."""

from __future__ import annotations

import json

import pytest

from tests.project import PYPROJECT, Project, output

SCHEMA = """CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT notes_pkey PRIMARY KEY,
    body text NOT NULL,
    state text NOT NULL
);
CREATE TABLE tags (name text NOT NULL);
"""
CONFIGURED = PYPROJECT + '[tool.harness.properties]\nrecord = "properties.json"\n'
ONLY = ("properties", "--only", "not_null")


@pytest.fixture
def recorded(project: Project) -> Project:
    (project.root / "sql/migrations/0001_notes.down.sql").unlink()
    project.write("sql/migrations/0001_notes.up.sql", SCHEMA)
    project.write("pyproject.toml", CONFIGURED)
    done = project.run("properties", "--record")
    assert done.returncode == 0, output(done)
    return project


def test_the_record_is_a_line_for_each_property(recorded: Project):
    lines = (recorded.root / "properties.json").read_text().splitlines()
    found = [line for line in lines if '"check": "not_null"' in line]
    assert len(found) == 3
    assert len(json.loads("\n".join(lines))) == len(lines) - 2
    before = (recorded.root / "properties.json").read_bytes()
    recorded.run("properties", "--record")
    assert (recorded.root / "properties.json").read_bytes() == before


def test_what_is_propertyd_as_before_is_passed_and_new_properties_are_welcome(recorded: Project):
    recorded.write("sql/migrations/0002_more.up.sql", "CREATE TABLE more (x int NOT NULL);\n")
    done = recorded.run(*ONLY)
    assert done.returncode == 0, output(done)
    assert "4 properties in 3 tables: all passed" in done.stdout


@pytest.mark.parametrize(
    ("migration", "said"),
    [
        ("ALTER TABLE notes ALTER body DROP NOT NULL;", "notes::body::not_null"),
        ("ALTER TABLE notes ALTER body TYPE varchar(3);", "notes::body::not_null"),
        ("DROP TABLE tags;", "tags::name::not_null"),
    ],
)
def test_what_a_migration_takes_away_is_failed(recorded: Project, migration: str, said: str):
    recorded.write("sql/migrations/0002_less.up.sql", migration)
    done = recorded.run(*ONLY)
    assert done.returncode == 1, output(done)
    assert said in done.stdout
    assert "1 failed" in done.stdout


def test_only_what_was_asked_for_is_compared(recorded: Project):
    recorded.write(
        "sql/migrations/0002_less.up.sql", "ALTER TABLE notes ALTER body DROP NOT NULL;\n"
    )
    done = recorded.run(*ONLY, "tags")
    assert done.returncode == 0, output(done)


def test_a_record_that_is_not_there_is_no_pass(recorded: Project):
    (recorded.root / "properties.json").unlink()
    done = recorded.run(*ONLY)
    assert done.returncode == 2
    assert "harness properties --record writes it" in output(done)
    recorded.write("pyproject.toml", PYPROJECT)
    done = recorded.run("properties", "--record")
    assert done.returncode == 2
    assert 'record = "properties.json"' in output(done)


def test_another_schema_is_not_held_to_the_record(recorded: Project):
    recorded.write("other/1.sql", "CREATE TABLE things (id text NOT NULL);\n")
    done = recorded.run("properties", "--schema", "other")
    assert done.returncode == 0, output(done)
    assert "1 property in 1 table" in done.stdout
    again = recorded.run("properties", "--schema", "sql/migrations")
    assert "all passed" in again.stdout, output(again)
