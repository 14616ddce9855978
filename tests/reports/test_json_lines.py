"""JSON lines, as tools read them."""

from __future__ import annotations

import json
from pathlib import Path

from harness.core.results import Outcome
from harness.reports import json_lines
from tests.reports.sample import FAILING, GATE, RESULTS, RUN, result, run_of, written


def test_json_has_one_object_for_each_result():
    objects = [json.loads(line) for line in written(json_lines.write, RUN).splitlines()]
    assert len(objects) == 8
    assert objects[1] == {
        "version": 1,
        "step": "test",
        "server": None,
        "id": "tests/a,b:c.sql::issue # 7 \\ 8",
        "kind": "assertion",
        "outcome": "failed",
        "title": "issue # 7 \\ 8",
        "file": "tests/a,b:c.sql",
        "line": 5,
        "column": None,
        "message": "have: 1\nwant: 100%",
        "evidence": "",
        "reason": "",
        "help": "",
        "seconds": 0.0,
        "notices": ["NOTICE:  x"],
        "facts": {},
    }
    assert [o["kind"] for o in objects[-2:]] == ["problem", "check"]


def test_json_has_every_step_of_a_gate():
    objects = [json.loads(line) for line in written(json_lines.write, GATE).splitlines()]
    assert [o["step"] for o in objects] == [
        *["lint"] * 5, "apply", "migrations", *["properties"] * 3, *["test"] * 8,
    ]  # fmt: skip
    assert sum(o["outcome"] in ("failed", "error") for o in objects) == FAILING
    finding, undecided, error = objects[0], objects[4], objects[5]
    assert (finding["id"], finding["column"]) == ("squawk:ban-drop-column", 7)
    assert finding["help"].startswith("https://")
    assert (undecided["outcome"], undecided["reason"]) == ("undecided", "no server")
    assert (error["outcome"], error["file"], error["line"]) == ("error", None, None)
    assert objects[6]["facts"] == {"revision": "a b", "reversible": True}


def test_json_is_one_line_of_readable_text_and_loses_nothing():
    text = "é 漢\n\u2028\x85\ud800\x00"
    line = written(json_lines.write, run_of(result(Outcome.FAILED, text)))
    assert len(line.splitlines()) == 1
    assert "é 漢" in line
    assert json.loads(line)["title"] == text


def test_a_fact_of_a_kind_that_json_has_not_spoils_nothing():
    odd = RESULTS[0]._replace(facts={"path": Path("/x")})
    assert json.loads(written(json_lines.write, run_of(odd)))["facts"] == {"path": "/x"}


def test_results_of_one_title_have_ids_of_their_own():
    twice = run_of(*[result(Outcome.PASSED, "same", line) for line in (3, 4, 5)])
    ids = [json.loads(line)["id"] for line in written(json_lines.write, twice).splitlines()]
    assert ids == [
        "tests/a,b:c.sql::same", "tests/a,b:c.sql::same#2", "tests/a,b:c.sql::same#3",
    ]  # fmt: skip
