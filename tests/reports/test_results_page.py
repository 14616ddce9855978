"""docs/results.md says what there is."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

from harness.core.results import NOWHERE, Group, Kind, Outcome, Result, Run
from harness.reports import json_lines

PAGE = (Path(__file__).parents[2] / "docs/results.md").read_text("utf-8")
_, OUTCOMES, _, JSON = re.split(r"^## (?:Outcomes|Reports|JSON)$", PAGE, flags=re.MULTILINE)


def first_column(text: str) -> list[str]:
    rows = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_the_page_has_every_outcome():
    assert first_column(OUTCOMES) == [outcome.value for outcome in Outcome]


def test_the_page_has_every_field():
    stream = io.StringIO()
    group = Group(Path("t.sql"), (Result(Outcome.PASSED, "a", NOWHERE),))
    json_lines.write(Run((group,)), stream)
    assert sorted(first_column(JSON)) == sorted(json.loads(stream.getvalue()))


def test_the_page_has_every_kind():
    (row,) = re.findall(r"^\| `kind` \| (.*) \|", JSON, re.MULTILINE)
    assert {kind.value for kind in Kind} | {"problem"} == set(re.findall(r"`([a-z]+)`", row))
