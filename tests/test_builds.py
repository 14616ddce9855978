"""Versions and builds of PostgreSQL: listed, asked for, and chosen by what a server refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from harness.core.errors import ConfigError
from harness.postgres.server import builds
from harness.postgres.server.cache import Cache
from harness.postgres.session import Failure
from harness.sources.remedies import need_of, with_remedy
from tests.project import Project, output
from tests.support.versions import MISSING, bindir

ICU = "CREATE COLLATION ci (PROVIDER = icu, LOCALE = 'und');\n"


def fetched(major: int) -> None:
    if builds.added(major, Cache()) is None:
        pytest.skip(f"{MISSING} {major} with ICU: 'harness postgres add {major}' fetches it")


@pytest.mark.parametrize(
    ("sqlstate", "message", "said"),
    [
        ("0A000", "ICU is not supported in this build", "'harness postgres add 18' fetches"),
        ("0A000", "unsupported XML feature", "'harness postgres add 18' fetches"),
        ("0A000", 'extension "sslinfo" is not available', "lacks sslinfo; 'harness postgres add"),
        ("0A000", 'extension "postgis" is not available', "apt-get install postgresql-"),
        ("0A000", 'extension "timescaledb" is not available', "has timescaledb; --bindir names"),
        ("42704", 'role "app" does not exist', "create_roles = true"),
        ("42704", 'language "plpython3u" does not exist', "apt-get install postgresql-plpython3-"),
        ("42704", 'collation "en_US.utf8" for encoding "UTF8" does not exist', "a locale of"),
        ("42704", 'type "role" does not exist', None),
        ("42P01", 'relation "x" does not exist', None),
    ],
)
def test_what_a_server_lacks_has_its_remedy(sqlstate: str, message: str, said: str | None):
    failure = Failure(message, sqlstate)
    assert (need_of(failure) is None) == (said is None)
    hint = with_remedy(failure).hint
    assert (said or "") in hint
    assert bool(hint) == (said is not None)


def test_a_language_that_is_there_says_so():
    there = Failure('extension "plpgsql" already exists', "42710")
    assert "CREATE OR REPLACE" in with_remedy(replace(there, statement="CREATE LANGUAGE a;")).hint
    assert with_remedy(replace(there, statement="CREATE EXTENSION plpgsql;")).hint == ""


def test_a_fetched_build_of_the_same_version_is_taken_where_it_has_what_is_missing(
    project: Project,
):
    fetched(18)
    project.write("sql/migrations/0002_icu.up.sql", ICU)
    project.write("sql/migrations/0002_icu.down.sql", "DROP COLLATION ci;\n")
    for command in ("apply", "migrations", "test"):
        done = project.run(command)
        assert done.returncode == 0, output(done)
        assert output(done).count("the other lacks ICU") == 1
    project.write("sql/migrations/0002_icu.up.sql", "SELECT 1 / 0;\n")
    assert "the other lacks" not in output(project.run("apply"))


@pytest.mark.versions
def test_a_run_on_several_versions_says_what_came_of_each(project: Project):
    fetched(16)
    project.write("pyproject.toml", "[tool.harness]\nversions = [16, 18]\n")
    only_18 = "CREATE TABLE v (a int, b int GENERATED ALWAYS AS (a) VIRTUAL);\n"
    project.write("sql/migrations/0002_v.up.sql", only_18)
    project.write("sql/migrations/0002_v.down.sql", "DROP TABLE v;\n")
    done = project.run("apply", "--junit", "report.xml", "--json", "found.jsonl")
    assert done.returncode == 1
    lines = [line.split() for line in output(done).splitlines()[-2:]]
    assert lines[0] == ["PostgreSQL", "16", "PostgreSQL", "18"]
    assert lines[1] == ["apply", "✗", "failed", "✓", "passed"]
    report = ET.fromstring((project.root / "report.xml").read_text())
    failed = {suite.get("name"): suite.get("failures") for suite in report}
    assert failed == {"apply: apply (PostgreSQL 16)": "1", "apply: apply (PostgreSQL 18)": "0"}
    found = map(json.loads, (project.root / "found.jsonl").read_text().splitlines())
    outcomes = [(one["server"], one["outcome"]) for one in found]
    assert outcomes == [("PostgreSQL 16", "failed"), ("PostgreSQL 18", "passed")]


@pytest.mark.versions
def test_each_directory_of_programs_is_a_column(project: Project):
    both = [word for one in (14, 16) for word in ("--bindir", str(bindir(one)))]
    done = project.run("lint", *both)
    assert (done.returncode, "name one directory" in output(done)) == (2, True)
    only_15 = "CREATE TABLE v (a int, UNIQUE NULLS NOT DISTINCT (a));\n"
    project.write("sql/migrations/0002_v.up.sql", only_15)
    project.write("sql/migrations/0002_v.down.sql", "DROP TABLE v;\n")
    summary = project.root / "summary.md"
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = project.run("apply", *both, "--html", "page.html", **github)
    assert done.returncode == 1, output(done)
    lines = summary.read_text().splitlines()
    assert "| step | PostgreSQL 14 | PostgreSQL 16 |" in lines
    (row,) = (line for line in lines if line.startswith("| apply | "))
    assert ("❌" in row, row.index("❌") < row.index("✅")) == (True, True)
    assert "title=PostgreSQL 14" in output(done)
    page = (project.root / "page.html").read_text()
    assert page.index(">PostgreSQL 14</th>") < page.index(">PostgreSQL 16</th>")


def test_only_known_versions_are_fetched():
    with pytest.raises(ConfigError, match="one of 14, 15, 16, 17, 18"):
        builds.add(13, Cache())


def test_what_is_here_is_listed(project: Project):
    done = project.run("postgres")
    assert done.returncode == 0
    assert "used by default" in done.stdout
    assert project.run("postgres", "drop", "16").returncode == 2
