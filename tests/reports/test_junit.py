"""JUnit, as CI servers read it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from harness.core.results import Outcome, Run
from harness.reports import junit
from tests.reports.sample import FAILING, GATE, HELP, RUN, result, run_of, written

# What junit-10.xsd, which Jenkins and GitLab hold reports against, has for each element.
ALLOWED = {
    "testsuites": ("name time tests failures disabled errors", "testsuite"),
    "testsuite": (
        "name tests failures errors group time skipped timestamp hostname id package file log url"
        " version",
        "testsuite properties testcase system-out system-err",
    ),
    "testcase": (
        "name assertions time timestamp classname status class file line log group url",
        "skipped error failure rerunFailure system-out system-err properties",
    ),
    "failure": ("type message", ""),
    "error": ("type message", ""),
    "skipped": ("type message", ""),
    "system-out": ("", ""),
}


@pytest.mark.parametrize("run", [RUN, GATE], ids=["tests", "gate"])
def test_junit_has_nothing_that_its_schema_does_not_allow(run: Run):
    def check(element: ET.Element) -> None:
        attributes, children = (set(text.split()) for text in ALLOWED[element.tag])
        assert {*element.keys()} <= attributes
        assert re.fullmatch(r"\d+\.\d{0,3}", element.get("time", "0.0"))  # SUREFIRE_TIME
        assert {child.tag for child in element} <= children
        for child in element:
            check(child)

    check(ET.fromstring(written(junit.write, run)))


def test_junit_has_one_case_for_each_result_and_problem():
    root = ET.fromstring(written(junit.write))
    sql, python = root
    assert root.attrib == {"time": "2.000", "tests": "8", "failures": "2", "errors": "0"}
    assert sql.get("name") == "tests/a,b:c.sql"
    assert [sql.get(k) for k in ("tests", "failures", "skipped", "time")] == [
        "7", "2", "2", "1.500",
    ]  # fmt: skip
    first, failed, skipped, todo, passing, odd, problem = sql.iter("testcase")
    assert first.attrib == {
        "classname": "tests/a,b:c.sql",
        "name": "first",
        "file": "tests/a,b:c.sql",
        "line": "3",
        "time": "0.250",
    }
    failure = failed.find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "issue # 7 \\ 8", "type": "assertion"}
    assert str(failure.text).startswith("tests/a,b:c.sql:5\nissue")
    assert "want: 100%" in str(failure.text)
    assert "NOTICE:  x" in str(failure.text)
    assert [case[0].get("message") for case in (skipped, todo)] == ["no network", "TODO bug 3"]
    assert passing[0].tag == "system-out"
    assert passing[0].text == "passes although it is TODO: bug 4"
    assert odd.get("name") == "two lines\\x07 <&>\ufffd"
    assert skipped.get("name") == "(no description)"
    assert problem[0].get("type") == "problem"
    assert [case.get("name") for case in python] == ["test_it"]


def test_junit_holds_what_xml_cannot():
    run = run_of(result(Outcome.FAILED, "a\x00b", message="\ud800\x1b[0m"))
    failure = ET.fromstring(written(junit.write, run)).find(".//failure")
    assert failure is not None
    assert failure.get("message") == "a\\x00b"
    assert str(failure.text).endswith("\ufffd\\x1b[0m")


def test_junit_tells_failures_errors_and_what_fails_nothing_apart():
    root = ET.fromstring(written(junit.write, GATE))
    assert (root.get("failures"), root.get("errors")) == (str(FAILING - 1), "1")
    cases = {case.get("name"): case for case in root.iter("testcase")}
    error = cases["harness:apply: no server"].find("error")
    assert error is not None
    assert str(error.text) == "no server\nstart it"
    undecided = cases["tasks::x::check"].find("skipped")
    assert undecided is not None
    assert undecided.get("message") == "undecided: no row"
    advice = cases["squawk:prefer-x: a hint"]
    assert [child.tag for child in advice] in ([], ["system-out"])


def test_junit_names_a_suite_by_its_file_and_by_its_step_where_that_is_no_test():
    names = [suite.get("name") for suite in ET.fromstring(written(junit.write, GATE))]
    assert names == [
        "lint: sql/a b.up.sql",
        "lint: /else/where.sql",
        "lint: lint",
        "apply: apply",
        "migrations: a b",
        "properties/tasks",
        "tests/a,b:c.sql",
        "tests/test_a.py",
    ]


def test_junit_shows_the_evidence_and_the_page_that_explains_a_rule():
    texts = [str(one.text) for one in ET.fromstring(written(junit.write, GATE)).iter("failure")]
    assert any(text.endswith("--> 1\nROLLBACK;") for text in texts)
    assert any(text.endswith(f"100%: no,\nyes\n{HELP}") for text in texts)
