"""What findings are written as: text, annotations, SARIF, JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from harness.findings import Finding, Findings
from harness.reports import findings_github, findings_json, findings_sarif, findings_text
from tests.project import Project, output

ROOT = Path("/p")
HELP = "https://squawkhq.com/docs/ban-drop-column"
FOUND = Findings(
    (
        Finding(
            ROOT / "sql/a b.sql", 3, 7, "squawk", "ban-drop-column", "100%: no,\nyes", help=HELP
        ),
        Finding(ROOT / "sql/a b.sql", 9, 1, "sqlfluff", "PRS", "unparsable", "error"),
        Finding(Path("/else/where.sql"), 1, 1, "squawk", "ban-drop-table", "gone"),
    ),
    files=2,
    root=ROOT,
    notes=("function bodies are not checked: no server",),
)


def written(form: Any, findings: Findings = FOUND) -> str:
    stream = io.StringIO()
    form.write(findings, stream)
    return stream.getvalue()


def test_the_text_names_place_code_and_page():
    text = written(findings_text)
    assert text.startswith("sql/a b.sql:3:7: ban-drop-column 100%: no,\nyes\n")
    assert "\n\n/else/where.sql:1:1: ban-drop-table gone\n" in text
    assert f"ban-drop-column: {HELP}\n" in text
    assert text.endswith("note: function bodies are not checked: no server\n")
    assert findings_text.summary(FOUND) == "2 files, 3 findings (sqlfluff 1, squawk 2)"
    assert findings_text.summary(Findings((), 1)) == "1 file, 0 findings"


def test_annotations_escape_what_the_command_would_end_at():
    first, second, _, notice = written(findings_github).splitlines()
    place = "file=sql/a b.sql,line=3,col=7,title=squawk ban-drop-column"
    assert first == f"::warning {place}::100%25: no,%0Ayes%0A{HELP}"
    assert second.startswith("::error file=sql/a b.sql,line=9,col=1,title=sqlfluff PRS::")
    assert notice == "::notice::function bodies are not checked: no server"


def test_json_has_one_object_a_line():
    lines = [json.loads(line) for line in written(findings_json).splitlines()]
    assert lines[0] == {
        "file": "sql/a b.sql",
        "line": 3,
        "column": 7,
        "linter": "squawk",
        "code": "ban-drop-column",
        "message": "100%: no,\nyes",
        "severity": "warning",
        "help": HELP,
    }
    assert [line["file"] for line in lines] == ["sql/a b.sql", "sql/a b.sql", "/else/where.sql"]


def test_sarif_is_what_the_standard_asks_for():
    """SARIF 2.1.0, sections 3.13 to 3.58: what a document, run, rule, result must have."""
    document = json.loads(written(findings_sarif))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    assert [run["tool"]["driver"]["name"] for run in document["runs"]] == ["sqlfluff", "squawk"]
    for run in document["runs"]:
        assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
        assert run["automationDetails"]["id"].endswith("/")
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for base in run["originalUriBaseIds"].values():
            assert base["uri"].endswith("/")
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in ("none", "note", "warning", "error")
            assert result["message"]["text"]
            (place,) = result["locations"]
            region = place["physicalLocation"]["region"]
            assert min(region["startLine"], region["startColumn"]) >= 1
    squawk = document["runs"][1]
    assert {rule["id"]: rule.get("helpUri") for rule in squawk["tool"]["driver"]["rules"]} == {
        "ban-drop-column": HELP,
        "ban-drop-table": None,
    }
    inside, outside = (r["locations"][0]["physicalLocation"] for r in squawk["results"])
    assert inside["artifactLocation"] == {"uri": "sql/a%20b.sql", "uriBaseId": "%SRCROOT%"}
    assert outside["artifactLocation"] == {"uri": "file:///else/where.sql"}


def test_sarif_without_findings_still_has_a_run():
    (run,) = json.loads(written(findings_sarif, Findings((), 1)))["runs"]
    assert run["results"] == []


# --- as a command ---------------------------------------------------------------------------


@pytest.fixture
def broken(project: Project) -> Project:
    project.write("sql/migrations/0001_notes.down.sql", "drop TABLE notes;\n")
    return project


def test_reports_go_where_they_are_asked_to(broken: Project):
    done = broken.run("lint", "--sarif", "out/a.sarif", "--json", "out/a.jsonl")
    assert done.returncode == 1, output(done)
    assert "0001_notes.down.sql:1:1: CP01" in done.stdout
    assert json.loads((broken.root / "out/a.sarif").read_text())["runs"]
    assert json.loads((broken.root / "out/a.jsonl").read_text())["code"] == "CP01"


def test_nothing_but_a_report_goes_to_standard_output(broken: Project):
    done = broken.run("lint", "--sarif", "-", GITHUB_ACTIONS="true")
    assert json.loads(done.stdout)["version"] == "2.1.0"
    assert "::warning file=sql/migrations/0001_notes.down.sql,line=1,col=1" in done.stderr


def test_a_report_that_cannot_be_written_is_2(broken: Project):
    done = broken.run("lint", "--sarif", "sql")
    assert done.returncode == 2
    assert "sarif: cannot write sql" in done.stderr


@pytest.mark.parametrize("command", ["lint", "gate"])
def test_github_gets_annotations_by_itself(broken: Project, command: str):
    done = broken.run(command, GITHUB_ACTIONS="true")
    assert "::warning file=sql/migrations/0001_notes.down.sql,line=1,col=1" in done.stdout
    assert "::warning" not in broken.run("lint").stdout
