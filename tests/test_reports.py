"""What a person, a CI server and a tool read of one run."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree as ET

import pytest

from harness.reports import failure_text, github, json_lines, junit, live, tap, terminal
from harness.reports.differences import aligned, cells
from harness.results import Group, Kind, Location, Outcome, Result, Run, Timing

ROOT = Path("/project")
SQL, PYTHON = ROOT / "tests/a,b:c.sql", ROOT / "tests/test_a.py"


def result(outcome: Outcome, description: str, line: int = 3, **more: object) -> Result:
    return Result(outcome, description, Location(SQL, line), **more)  # type: ignore[arg-type]


RESULTS = (
    result(Outcome.PASSED, "first", seconds=0.25),
    result(
        Outcome.FAILED,
        "issue # 7 \\ 8",
        5,
        message="have: 1\nwant: 100%",
        notices=("NOTICE:  x",),
    ),
    result(Outcome.SKIPPED, "", reason="no network"),
    result(Outcome.TODO, "some day", reason="bug 3"),
    result(Outcome.TODO_PASSED, "already", reason="bug 4"),
    result(Outcome.PASSED, "two\nlines\x07 <&>\ud800"),
)
PROBLEM = result(Outcome.FAILED, "42P01: no table\nDetail: none", 9)
CHECKED = Result(Outcome.PASSED, "test_it", Location(PYTHON, 1))
TIMINGS = (Timing(0.25, Location(SQL, 3)), Timing(0.125, Location(SQL, 1)))
RUN = Run(
    (
        Group(SQL, RESULTS, (PROBLEM,), 1.5, ("removed role alice",), TIMINGS),
        Group(PYTHON, (CHECKED,), (), 0.5, kind=Kind.CHECK),
    ),
    ROOT,
    2.0,
)


def written(write: Callable[[Run, TextIO], None], run: Run = RUN) -> str:
    stream = io.StringIO()
    write(run, stream)
    return stream.getvalue()


# --- JUnit ----------------------------------------------------------------------------------

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
    "skipped": ("type message", ""),
    "system-out": ("", ""),
}


def test_junit_has_nothing_that_its_schema_does_not_allow():
    def check(element: ET.Element) -> None:
        attributes, children = (set(text.split()) for text in ALLOWED[element.tag])
        assert {*element.keys()} <= attributes
        assert re.fullmatch(r"\d+\.\d{0,3}", element.get("time", "0.0"))  # SUREFIRE_TIME
        assert {child.tag for child in element} <= children
        for child in element:
            check(child)

    check(ET.fromstring(written(junit.write)))


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
    assert odd.get("name") == "two lines\ufffd <&>\ufffd"
    assert skipped.get("name") == "(no description)"
    assert problem[0].get("type") == "problem"
    assert [case.get("name") for case in python] == ["test_it"]


def test_junit_holds_what_xml_cannot():
    run = Run((Group(SQL, (result(Outcome.FAILED, "a\x00b", message="\ud800\x1b[0m"),)),), ROOT)
    failure = ET.fromstring(written(junit.write, run)).find(".//failure")
    assert failure is not None
    assert failure.get("message") == "a\ufffdb"
    assert str(failure.text).endswith("\ufffd\ufffd[0m")


# --- TAP ------------------------------------------------------------------------------------


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
    said = prove(written(tap.write, Run((Group(SQL, RESULTS[:1]),), ROOT)), tmp_path)
    assert "Result: PASS" in said


def test_tap_escapes_and_says_where():
    text = written(tap.write)
    assert "not ok 2 - tests/a,b:c.sql: issue \\# 7 \\\\ 8\n" in text
    assert '  at: "tests/a,b:c.sql:5"\n' in text
    assert "    want: 100%\n" in text
    assert "ok 3 - tests/a,b:c.sql: # SKIP no network\n" in text
    assert "not ok 4 - tests/a,b:c.sql: some day # TODO bug 3\n" in text


def test_tap_of_nothing_is_a_skipped_plan(tmp_path: Path):
    text = written(tap.write, Run(()))
    assert "1..0 # SKIP nothing ran" in text
    assert "NOTESTS" in prove(text, tmp_path)


@pytest.mark.parametrize("text", ["a # TODO b", "a \\# SKIP b", "\\", "\n...\nok 2\nBail out!\t"])
def test_prove_reads_no_more_than_one_failure_into_what_it_says(text: str, tmp_path: Path):
    failed = result(Outcome.FAILED, text, message=f"{text}\n1..9\n  ---\n...")
    said = prove(written(tap.write, Run((Group(SQL, (failed, RESULTS[0])),), ROOT)), tmp_path)
    assert "Tests: 2 Failed: 1" in said
    assert "Parse errors" not in said


# --- JSON and GitHub --------------------------------------------------------------------------


def test_json_has_one_object_for_each_result():
    objects = [json.loads(line) for line in written(json_lines.write).splitlines()]
    assert len(objects) == 8
    assert objects[1] == {
        "file": "tests/a,b:c.sql",
        "line": 5,
        "kind": "assertion",
        "outcome": "failed",
        "description": "issue # 7 \\ 8",
        "diagnostics": "have: 1\nwant: 100%",
        "directive": "",
        "seconds": 0.0,
        "notices": ["NOTICE:  x"],
    }
    assert [o["kind"] for o in objects[-2:]] == ["problem", "check"]


def test_json_is_one_line_of_readable_text_and_loses_nothing():
    text = "é 漢\n\u2028\x85\ud800\x00"
    line = written(json_lines.write, Run((Group(SQL, (result(Outcome.FAILED, text),)),), ROOT))
    assert len(line.splitlines()) == 1
    assert "é 漢" in line
    assert json.loads(line)["description"] == text


@pytest.mark.parametrize(
    "write", [junit.write, tap.write, json_lines.write, github.annotate, github.summary]
)
def test_what_utf8_cannot_hold_spoils_no_report(write: Callable[[Run, TextIO], None]):
    odd = Location(ROOT / "\udcff.sql", 1)
    failed = Result(Outcome.FAILED, "\ud800", odd, "\ud800", notices=("\ud800",))
    assert written(write, Run((Group(odd.path, (failed,), (), 0.0, ("\ud800",)),), ROOT)).encode()


def test_github_annotates_each_failure_at_its_line():
    failed, problem, warning = written(github.annotate).splitlines()
    assert failed == (
        "::error file=tests/a%2Cb%3Ac.sql,line=5,title=issue # 7 \\ 8"
        "::have: 1%0Awant: 100%25%0ANOTICE:  x"
    )
    assert problem.endswith("title=42P01%3A no table::Detail: none")
    assert warning.startswith("::warning file=tests/a%2Cb%3Ac.sql,line=3,title=already::")


def test_github_sums_up_in_a_table():
    text = written(github.summary)
    assert "| ❌ tests/a,b:c.sql | 3 | 2 | 1 | 1 | 1.50 |\n" in text
    assert "| tests/test_a.py | 1 | 0 | 0 | 0 | 0.50 |\n" in text
    assert "want: 100%" in text.split("<details>")[1]


def test_github_shows_names_and_texts_as_they_are():
    path = ROOT / "a|<b>*/__x_y__.sql"
    failed = Result(Outcome.FAILED, "<i>", Location(path, 1))
    text = written(github.summary, Run((Group(path, (failed,)),), ROOT))
    assert r"| ❌ a\|&lt;b&gt;\*/\_\_x_y\_\_.sql | 0 | 1 |" in text
    assert "<summary>a|&lt;b&gt;*/__x_y__.sql</summary>" in text
    assert "a|&lt;b&gt;*/__x_y__.sql:1: &lt;i&gt;" in text


# --- for people -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("(1,Anna)", ["1", "Anna"]),
        ('(1,"a, b","say ""x""",)', ["1", '"a, b"', '"say ""x"""', ""]),
        ("()", [""]),
        ('("a\\"b")', ['"a\\"b"']),
        ('(1,"open)', None),
    ],
)
def test_a_record_has_the_cells_that_postgresql_wrote(record: str, expected: list[str] | None):
    assert cells(record) == expected


def test_rows_that_differ_stand_one_below_the_other():
    text = "Results differ beginning at row 3:\n    have: (1,Anna,x)\n    want: (221,Anna,y)"
    assert aligned(text).splitlines() == [
        "Results differ beginning at row 3:",
        "    have: (1   │ Anna │ x)",
        "    want: (221 │ Anna │ y)",
        "           ^^^          ^",
    ]


def test_a_difference_that_nothing_shows_has_a_mark():
    text = "have: (a,,1)\nwant: (a,\u200d,1)"
    assert aligned(text).splitlines()[2] == "           ^"
    assert aligned("have: (a,b)\nwant: (a,b)") == "have: (a │ b)\nwant: (a │ b)"


def test_characters_without_a_width_move_no_column():
    have, *_ = aligned("have: (e\u0301\u200d,1)\nwant: (ab,1)").splitlines()
    assert have == "have: (e\u0301\u200d  │ 1)"


def test_rows_with_an_error_below_are_aligned_too():
    text = "  have: (1,2)\n  want: (1,a)\n  ERROR: cannot compare"
    assert aligned(text).splitlines()[2:] == ["             ^", "  ERROR: cannot compare"]


def test_extra_and_missing_rows_stand_side_by_side():
    text = "Extra records:\n    (87,漢)\n    (1,Jacob)\nMissing records:\n    (44,Anna)"
    assert aligned(text).splitlines() == [
        "Extra records:      Missing records:",
        "    (87 │ 漢   )        (44 │ Anna )",
        "    (1  │ Jacob)",
    ]


def test_extra_and_missing_rows_that_are_wide_stand_in_one_table():
    text = f"Extra records:\n    (87,{'x' * 80})\nMissing records:\n    (4,Anna)"
    assert aligned(text).splitlines() == [
        "Extra records:",
        f"    (87 │ {'x' * 80})",
        "Missing records:",
        f"    (4  │ Anna{' ' * 76})",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "    have: 2\n    want: 1",
        "    have: (1,2)\n    want: (1,2,3)",
        "    have: (1,2)\n    want: NULL",
        '    have: (1,"a\nb")\n    want: (1,c)',
        "        have: (a)\n        want: (b)",
        "        have: (see a,b c)\n        want: (see a,b d)",
        "        have: (hello, world)\n        want: (hello, World)",
        "        have: (1,1),(0,0)\n        want: (2,1),(0,0)",
        "        have: (1,b)\n        want: (1,c)\nand more",
        'have: (1,"a\tb")\nwant: (1,c)',
        'Extra records:\n    (1,a)\nMissing records:\n    (2,b)\n    (3,"x\ny")',
        "Extra records:\n    (1)",
        "Missing records:\n    (1)",
        'Extra records:\n    (1,"x)\nMissing records:\n    (2,y)',
    ],
)
def test_what_is_no_pair_of_rows_stays_as_it_is(text: str):
    assert aligned(text) == text


def test_a_failure_shows_its_line_what_it_said_and_the_last_notices(tmp_path: Path):
    path = tmp_path / "x.sql"
    path.write_text("BEGIN;\nSELECT is(1, 2);\n")
    failed = Result(
        Outcome.FAILED,
        "one",
        Location(path, 2),
        'Failed test 1: "one"\n    have: 1\n    want: Failed test 2',
        notices=("NOTICE:  y\nHINT:  z",),
    )
    text = failure_text.of_file(Group(path, (failed,), notes=("removed role r",)), tmp_path)
    assert text.splitlines() == [
        "x.sql:2: one",
        "    > SELECT is(1, 2);",
        "        have: 1",
        "        want: Failed test 2",
        "    NOTICE:  y",
        "    HINT:  z",
        "",
        "x.sql: removed role r",
        "1 of 1 assertions failed",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_bar_and_a_file_has_none():
    shown, plain = Terminal(), io.StringIO()
    for stream in (shown, plain):
        watched = live.Live(stream, ROOT, 2)
        watched.file(RUN.files[0])
        watched.close()
    assert "1/2 files  6 assertions" in shown.getvalue()
    assert shown.getvalue().endswith("\r\033[K")
    assert plain.getvalue().splitlines() == [
        "✗ tests/a,b:c.sql                                  6 assertions    1.50 s"
        "  1 failed  1 skipped  1 todo  1 todo passed  stopped"
    ]


@pytest.mark.parametrize(
    ("variables", "stream", "expected"),
    [
        ({}, Terminal(), True),
        ({}, io.StringIO(), False),
        ({"FORCE_COLOR": "1"}, io.StringIO(), True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, Terminal(), False),
    ],
)
def test_colours_are_for_terminals_and_who_asks(variables, stream, expected, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\033[32m" in terminal.coloured("x", "32", stream)) == expected


def test_the_sum_says_what_was_run_and_what_became_of_it():
    stream = io.StringIO()
    live.summary(RUN, stream, durations=1)
    text = stream.getvalue()
    assert "tests/a,b:c.sql:3: passes although it is TODO" not in text  # the file failed anyway
    assert "250.0 ms  tests/a,b:c.sql:3  " in text
    assert text.splitlines()[-1] == (
        "6 assertions in 1 SQL file, 1 check in 1 Python file: 1 failed, 1 skipped, 1 todo,"
        " 1 todo passed, 1 stopped or out of plan  2.00 s"
    )
