from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.results import Location, Outcome
from harness.pgtap.tap import TapReader

HERE = Location(Path("t.sql"), 7)


def read(text: str) -> TapReader:
    reader = TapReader()
    reader.feed(text, HERE)
    reader.end(HERE)
    return reader


def problems(text: str) -> list[str]:
    return [problem.title for problem in read(text).problems]


def test_results_have_outcome_description_and_location():
    reader = read("1..2\nok 1 - fine\nnot ok 2 - broken\n# Failed test 2\n#   have: 1")
    first, second = reader.results
    assert (first.outcome, first.title) == (Outcome.PASSED, "fine")
    assert (second.outcome, second.title) == (Outcome.FAILED, "broken")
    assert second.location == HERE
    assert second.message == "Failed test 2\n  have: 1"
    assert not reader.problems


def test_the_plan_may_come_last():
    assert problems("ok 1\nok 2\n1..2") == []


def test_no_plan_is_a_problem():
    assert problems("ok 1") == ["no plan: call plan(n) first, or no_plan() first and finish() last"]
    assert problems("") == ["no tests and no plan"]


def test_a_plan_that_does_not_match_is_a_problem():
    assert problems("1..3\nok 1") == ["planned 3 tests but ran 1"]
    assert problems("1..1\nok 1\nok 2") == ["planned 1 test but ran 2"]
    assert problems("1..0") == []


def test_two_plans_are_a_problem():
    assert problems("1..1\nok 1\n1..1") == ["a second plan"]


def test_numbers_must_follow_each_other():
    assert problems("1..2\nok 1\nok 3") == ["test number 3 out of sequence: 2 was expected"]
    assert problems("1..2\nok 1\nok 1") == ["test number 1 out of sequence: 2 was expected"]


def test_skip_and_todo():
    reader = read(
        "1..4\nok 1 # SKIP no such thing\nnot ok 2 - later # TODO soon\n"
        "ok 3 - early # todo done\nnot ok 4 # skip does not excuse"
    )
    outcomes = [result.outcome for result in reader.results]
    assert outcomes == [Outcome.SKIPPED, Outcome.TODO, Outcome.TODO_PASSED, Outcome.FAILED]
    assert reader.results[0].reason == "no such thing"
    assert reader.results[1].reason == "soon"


def test_an_escaped_hash_is_part_of_the_description():
    assert read("1..1\nok 1 - issue \\#12 # TODO x").results[0].title == "issue #12"
    assert read("1..1\nok 1 - a \\# TODO b").results[0].outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("line", "outcome", "description"),
    [
        ("not ok 1 - 3 # todos", Outcome.FAILED, "3 # todos"),
        ("not ok 1 - x # TODO_LIST", Outcome.FAILED, "x # TODO_LIST"),
        ("ok 1 - x # skipped", Outcome.PASSED, "x # skipped"),
        ("not ok 1 - x # TODO: later", Outcome.TODO, "x"),
        ("not ok 1 - x#todo", Outcome.TODO, "x"),
        ("not ok 1 - # TODO", Outcome.TODO, ""),
        ("not ok 1 - no 5 # TODO x # SKIP y", Outcome.TODO, "no 5"),
        ("not ok 1 - no #5 # TODO x", Outcome.FAILED, "no #5 # TODO x"),
        (r"not ok 1 - no \#5 # TODO x", Outcome.TODO, "no #5"),
        (r"not ok 1 - a \\\# TODO x", Outcome.FAILED, r"a \# TODO x"),
        (r"not ok 1 - a \\# TODO x", Outcome.TODO, "a \\\\"),
        (r"not ok 1 - [\d\s]+\w", Outcome.FAILED, r"[\d\s]+\w"),
    ],
)
def test_a_directive_is_what_follows_the_first_hash_that_is_not_escaped(line, outcome, description):
    (result,) = read(f"1..1\n{line}").results
    assert (result.outcome, result.title) == (outcome, description)


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0b", "\x0c", "\x1e"])
def test_only_a_newline_ends_a_line(separator):
    reader = read(f"1..1\nnot ok 1 - a{separator}ok 2 - b")
    assert [result.outcome for result in reader.results] == [Outcome.FAILED]
    assert not reader.problems


def test_a_whole_plan_can_be_skipped():
    reader = read("1..0 # SKIP not on this server")
    assert [result.outcome for result in reader.results] == [Outcome.SKIPPED]
    assert not reader.problems


def test_bail_out_is_a_problem():
    reader = TapReader()
    reader.feed("1..5\nok 1\nBail out! no disk", HERE)
    assert reader.bailed_out
    assert reader.problems[0].title == "bail out: no disk"


def test_subtests_count_through_their_sum():
    reader = read(
        "1..1\n# Subtest: s.test_it()\n    ok 1 - a\n    not ok 2 - b\n    # have: 1\n    1..2\n"
        "not ok 1 - s.test_it"
    )
    assert len(reader.results) == 1
    assert "not ok 2 - b" in reader.results[0].message
    assert "# have: 1" in reader.results[0].message
    assert not reader.problems


def test_what_is_not_tap_is_passed_over():
    assert len(read("1..1\nhello\n42\nokay\n\nok 1 - x").results) == 1


def test_the_summary_of_finish_is_not_part_of_the_last_test():
    reader = read("1..1\nnot ok 1 - x\n# Looks like you failed 1 test of 1")
    assert reader.results[0].message == ""


def test_a_description_may_have_no_dash_and_no_number():
    reader = read("1..2\nok first\nnot ok")
    assert [result.title for result in reader.results] == ["first", ""]
