"""SARIF, as code scanning reads it."""

from __future__ import annotations

import json
from typing import Any

from harness.core.results import Run
from harness.reports import sarif
from tests.reports.sample import FAILING, GATE, HELP, LINTED, ROOT, written


def runs(run: Run) -> list[dict[str, Any]]:
    document = json.loads(written(sarif.write, run))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    return document["runs"]


def test_sarif_is_what_the_standard_asks_for():
    """SARIF 2.1.0, sections 3.13 to 3.58: what a document, run, rule, result must have."""
    found = runs(GATE)
    for run in found:
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
            region = place["physicalLocation"].get("region", {"startLine": 1})
            assert min(region["startLine"], region.get("startColumn", 1)) >= 1
    ids = [run["automationDetails"]["id"] for run in found]
    assert len(set(ids)) == len(ids)


def test_sarif_has_a_run_for_each_linter_and_each_step():
    assert [run["automationDetails"]["id"] for run in runs(GATE)] == [
        "harness-apply/harness/",
        "harness-lint/sqlfluff/",
        "harness-lint/squawk/",
        "harness-migrations/migrations/",
        "harness-properties/harness/",
        "harness-test/harness/",
    ]


def test_sarif_counts_what_fails_the_run_as_errors():
    levels = [result["level"] for run in runs(GATE) for result in run["results"]]
    assert (levels.count("error"), levels.count("note")) == (FAILING, 1)


def test_rules_have_the_page_that_explains_them():
    squawk = runs(Run(LINTED, ROOT))[1]
    assert {rule["id"]: rule.get("helpUri") for rule in squawk["tool"]["driver"]["rules"]} == {
        "ban-drop-column": HELP,
        "ban-drop-table": None,
        "prefer-x": None,
    }


def test_paths_are_relative_to_the_root_or_whole():
    squawk = runs(Run(LINTED, ROOT))[1]
    places = [one["locations"][0]["physicalLocation"] for one in squawk["results"]]
    inside, _, outside = (place["artifactLocation"] for place in places)
    assert inside == {"uri": "sql/a%20b.up.sql", "uriBaseId": "%SRCROOT%"}
    assert outside == {"uri": "file:///else/where.sql"}


def test_what_stands_in_no_file_has_a_place_all_the_same():
    (error,) = runs(GATE)[0]["results"]
    assert error["message"]["text"] == "no server\nstart it"
    place = error["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "pyproject.toml", "uriBaseId": "%SRCROOT%"}}


def test_sarif_without_findings_still_has_a_run():
    (run,) = runs(Run((), ROOT))
    assert run["results"] == []
