"""What a step found, in a few words."""

from __future__ import annotations

import pytest

from harness.core.results import NOWHERE, Group, Kind, Outcome, Result, Run
from harness.reports import summaries
from tests.reports.sample import GATE, RUN, SQL, run_of


def whole(step: str, outcome: Outcome, title: str, **more: str) -> Group:
    result = Result(outcome, title, NOWHERE, id=f"harness:{step}", **more)  # type: ignore[arg-type]
    ok = outcome.ok
    return Group(
        NOWHERE.path, (result,) * ok, (result,) * (not ok), kind=Kind.STEP, step=step, name=step
    )


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("lint", "2 files, 3 findings (sqlfluff 1, squawk 2), 1 advice, 1 undecided"),
        ("apply", "no server"),
        ("migrations", "1 of 1 revision failed"),
        ("properties", "1 passed, 1 failed, 1 undecided"),
        (
            "test",
            "6 assertions, 1 check: 1 failed, 1 skipped, 1 todo, 1 todo passed,"
            " 1 stopped or out of plan",
        ),
    ],
)
def test_each_step_says_what_it_found(step: str, expected: str):
    assert summaries.of_step(GATE, step) == expected


@pytest.mark.parametrize("step", ["lint", "migrations", "properties", "test"])
def test_a_step_that_did_not_come_to_its_end_never_says_that_all_passed(step: str):
    passed = {
        "lint": Kind.FINDING,
        "migrations": Kind.REVISION,
        "properties": Kind.PROPERTY,
        "test": Kind.ASSERTION,
    }
    group = Group(SQL, RUN.groups[0].results[:1], kind=passed[step], step=step)
    said = summaries.of_step(Run((group, whole(step, Outcome.ERROR, "interrupted\nmore"))), step)
    assert said.endswith("; interrupted")
    assert "all passed" not in said


@pytest.mark.parametrize(
    ("outcome", "title", "expected"),
    [
        (Outcome.ERROR, "no server", "could not run"),
        (Outcome.FAILED, "nothing was asserted", "failed"),
        (Outcome.SKIPPED, "not run", "not run: why"),
    ],
)
def test_a_step_that_came_to_nothing_says_what_kind_of_nothing(outcome, title, expected):
    group = whole("test", outcome, title, reason="why")
    assert summaries.of_step(Run((group,)), "test") == expected


def test_a_setup_that_says_nothing_is_no_test():
    run = Run((*run_of(*RUN.groups[0].results[:1]).groups, Group(SQL.with_name("setup.sql"))))
    assert summaries.of_step(run, "test") == "1 assertion: all passed"


def test_what_fails_under_strict_is_counted_though_it_is_about_a_whole_step():
    result = Result(Outcome.FAILED, "bodies are not checked", NOWHERE, id="harness:bodies")
    group = Group(NOWHERE.path, (result,), kind=Kind.STEP, step="lint", name="lint")
    linted = Group(SQL, RUN.groups[0].results[:1], kind=Kind.FINDING, step="lint")
    said = summaries.of_step(Run((linted, group)), "lint")
    assert said == "1 file, 0 findings; bodies are not checked"
