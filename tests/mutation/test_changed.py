"""``harness mutate`` about a part: what a change touches, what is new, and shards put together."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.mutation.test_mutate import BEHAVIOUR, STRUCTURE, tried
from tests.project import TEST, Project, output
from tests.test_changes import commit, git

SCHEMA = Path(__file__).parents[1] / "data" / "mutation-testing-report-schema"


@pytest.fixture
def branch(project: Project) -> Project:
    """A branch on which nothing has changed yet."""
    project.write("pgtap_tests/notes.sql", BEHAVIOUR)
    (project.root / "pgtap_tests/test_notes.py").unlink()
    project.write(".gitignore", "*.json\n")
    git(project.root, "init", "--quiet")
    commit(project.root)
    git(project.root, "checkout", "--quiet", "-b", "feature")
    return project


def test_since_asks_about_what_was_added_and_fails_for_its_survivors(branch: Project):
    nothing = branch.run("mutate", "--since", "main")
    assert nothing.returncode == 0, output(nothing)
    assert "no mutant is new since main" in nothing.stdout
    branch.write(
        "sql/migrations/0002_tags.up.sql",
        "ALTER TABLE notes ADD COLUMN tag text CONSTRAINT short CHECK (length(tag) < 9);\n",
    )
    branch.write("sql/migrations/0002_tags.down.sql", "ALTER TABLE notes DROP COLUMN tag;\n")
    found = tried(branch, "--since", "main", "--kind", "check,sequence", code=1)
    assert "mutant:notes.short::dropped" in found
    assert "mutant:notes_id_seq::start:2" not in found
    branch.write(
        "pgtap_tests/tags.sql",
        TEST.replace("is(1, 1,", "col_has_check('notes', 'tag',").replace(
            "is((SELECT count(*) FROM notes), 0::bigint,",
            "is((SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'short'),"
            " 'CHECK ((length(tag) < 9))',",
        ),
    )
    tried(branch, "--since", "main", "--kind", "check")


def test_a_test_that_was_edited_must_not_notice_less(branch: Project):
    branch.write("pgtap_tests/notes.sql", BEHAVIOUR.replace("'23502', NULL", "NULL, NULL"))
    found = tried(branch, "--since", "main", "--kind", "column,sequence")
    assert found["mutant:notes.body::not_null_dropped"]["status"] == "Killed"
    (branch.root / "pgtap_tests/notes.sql").unlink()
    branch.write("pgtap_tests/other.sql", TEST)
    done = branch.run("mutate", "--since", "main", "--kind", "column,sequence")
    assert done.returncode == 1, output(done)
    assert "pgtap_tests/notes.sql:5 noticed it before: a body is needed" in done.stdout
    assert "notes.sql:4 noticed it before: ids start at 1" in done.stdout


def test_what_survives_now_and_not_in_the_earlier_report_fails(branch: Project):
    tried(branch, "--kind", "column,primary key")
    (branch.root / "mutants.json").rename(branch.root / "before.json")
    tried(branch, "--kind", "column,primary key", "--compare", "before.json")
    branch.write("pgtap_tests/notes.sql", TEST)
    done = branch.run("mutate", "--kind", "column,primary key", "--compare", "before.json")
    assert done.returncode == 1, output(done)
    failed = [line for line in done.stdout.splitlines() if line.startswith("✗ sql/")]
    assert [line.partition(": ")[2] for line in failed] == [
        "notes.id: type changed (integer)",
        "notes.body: not null dropped",
    ]
    wrong = branch.run("mutate", "--kind", "column", "--compare", "pyproject.toml")
    assert wrong.returncode == 2
    assert "pyproject.toml is no report of 'harness mutate --json'" in output(wrong)


_SUM = re.compile(r"(\d+) mutants, (\d+) noticed by tests \([\d.]+ %\), (\d+) proven gaps")


def mutants(path: Path) -> dict[str, tuple[object, ...]]:
    report = json.loads(path.read_text())
    found = {
        m["id"]: (name, m["status"], m["killedBy"], m["location"]["start"]["line"])
        for name, file in report["files"].items()
        for m in file["mutants"]
    }
    return dict(sorted(found.items()))


def test_shards_put_together_are_a_run_in_one_piece(branch: Project):
    branch.write("pgtap_tests/structure.sql", STRUCTURE)
    whole = branch.run("mutate", "--json", "whole.json")
    for part in ("1/2", "2/2"):
        done = branch.run("mutate", "--shard", part, "--json", f"shard{part[0]}.json")
        assert done.returncode == 0, output(done)
    merge = ["mutate", "--merge", "shard1.json", "--merge", "shard2.json", "--json", "merged.json"]
    done = branch.run(*merge, "--min-score", "99")
    assert done.returncode == 1
    assert "noticed by the tests, under 99 %" in done.stdout
    assert mutants(branch.root / "merged.json") == mutants(branch.root / "whole.json")
    said = [_SUM.search(" ".join(one.stdout.split())) for one in (whole, done)]
    assert [match and match.groups() for match in said] == [("23", "4", "19")] * 2
    for name in ("whole.json", "shard1.json", "merged.json"):
        report: Any = json.loads((branch.root / name).read_text())
        schema = json.loads((SCHEMA / "mutation-testing-report-schema.json").read_text())
        jsonschema.validate(report, schema, jsonschema.Draft7Validator)
    missing = branch.run(*merge[:3])
    assert missing.returncode == 2
    assert "shard 2/2 is missing" in output(missing)


def test_the_gate_asks_whether_tests_would_notice_what_is_new(branch: Project):
    settings = '\n[tool.harness.gate]\nmutate = "changed"\n'
    branch.write("pyproject.toml", (branch.root / "pyproject.toml").read_text() + settings)
    without = branch.run("gate")
    assert without.returncode == 0, output(without)
    assert "nothing says since when" in without.stdout
    branch.write(
        "sql/migrations/0001_notes.up.sql",
        (branch.root / "sql/migrations/0001_notes.up.sql")
        .read_text()
        .replace("body text NOT NULL", "tag smallint, body text NOT NULL"),
    )
    reports = ["--json", "gate.jsonl", "--junit", "gate.xml"]
    done = branch.run("gate", "--since", "main", *reports, GITHUB_ACTIONS="true")
    assert done.returncode == 1, output(done)
    place = "file=sql/migrations/0001_notes.up.sql,line=3"
    assert f"::error {place},title=notes.tag%3A type changed (integer)::" in done.stdout
    cases = ElementTree.parse(branch.root / "gate.xml").iter("testcase")
    failures = [case.get("name") for case in cases if case.find("failure") is not None]
    assert "notes.tag: type changed (integer)" in failures
    found = [json.loads(line) for line in (branch.root / "gate.jsonl").read_text().splitlines()]
    failed = {one["id"] for one in found if one["outcome"] == "failed"}
    assert "mutant:notes.tag::type_changed:integer" in failed
    assert {one["step"] for one in found if one["outcome"] == "failed"} == {"mutate"}
