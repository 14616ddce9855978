"""TAP, as prove reads it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.core.results import Outcome, Run
from harness.reports import tap
from tests.reports.sample import FAILING, GATE, RESULTS, result, run_of, written


def prove(text: str, tmp_path: Path) -> str:
    if shutil.which("prove") is None:
        pytest.skip("prove is not installed")
    path = tmp_path / "run.tap"
    path.write_text(text, encoding="utf-8", errors="replace")
    done = subprocess.run(
        ["prove", "-e", "cat", str(path)], capture_output=True, text=True, timeout=30
    )
    return done.stdout + done.stderr


def test_prove_counts_what_we_counted(tmp_path: Path):
    said = prove(written(tap.write), tmp_path)
    assert "Tests: 8 Failed: 2" in said
    assert "Failed tests:  2, 7" in said
    assert "TODO passed:   5" in said
    assert "Parse errors" not in said


def test_prove_passes_a_run_that_passes(tmp_path: Path):
    said = prove(written(tap.write, run_of(*RESULTS[:1])), tmp_path)
    assert "Result: PASS" in said


def test_tap_escapes_and_says_where():
    text = written(tap.write)
    assert "not ok 2 - tests/a,b:c.sql: issue \\# 7 \\\\ 8\n" in text
    assert '  at: "tests/a,b:c.sql:5"\n' in text
    assert "    want: 100%\n" in text
    assert "ok 3 - tests/a,b:c.sql # SKIP no network\n" in text
    assert "not ok 4 - tests/a,b:c.sql: some day # TODO bug 3\n" in text


def test_tap_of_nothing_is_a_skipped_plan(tmp_path: Path):
    text = written(tap.write, Run(()))
    assert "1..0 # SKIP nothing ran" in text
    assert "NOTESTS" in prove(text, tmp_path)


@pytest.mark.parametrize("text", ["a # TODO b", "a \\# SKIP b", "\\", "\n...\nok 2\nBail out!\t"])
def test_prove_reads_no_more_than_one_failure_into_what_it_says(text: str, tmp_path: Path):
    failed = result(Outcome.FAILED, text, message=f"{text}\n1..9\n  ---\n...")
    said = prove(written(tap.write, run_of(failed, RESULTS[0])), tmp_path)
    assert "Tests: 2 Failed: 1" in said
    assert "Parse errors" not in said


def test_prove_counts_every_step_of_a_gate(tmp_path: Path):
    said = prove(written(tap.write, GATE), tmp_path)
    assert f"Failed: {FAILING})" in said
    assert "Parse errors" not in said


def test_tap_names_each_group_and_what_a_result_is_called_from_run_to_run():
    lines = written(tap.write, GATE).splitlines()
    assert "not ok 1 - sql/a b.up.sql: squawk:ban-drop-column: 100%: no," in lines
    assert '  at: "sql/a b.up.sql:3:7"' in lines
    assert "not ok 7 - a b: migrations:down: the down migration fails" in lines
    assert "ok 10 - properties/tasks: tasks::x::check # SKIP undecided: no row" in lines
    assert "# properties/tasks" in lines
    assert "    --> 1" in lines
