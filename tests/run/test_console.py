"""What a person watches and reads."""

from __future__ import annotations

import io
import os
import select
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.results import NOWHERE, Group, Kind, Location, Outcome, Result, Run
from harness.reports.terminal import columns
from harness.run import console as module
from harness.run.console import Console
from tests.reports.sample import GATE, REVISION, ROOT, RUN, SQL, TABLE, result, run_of
from tests.reports.test_terminal import Terminal, stream_in


def shown(run: Run, **more: object) -> str:
    """What is written of a run, live and afterwards."""
    stream = io.StringIO()
    console = Console(stream, **more)  # type: ignore[arg-type]
    for group in run.groups:
        console.group(group, run)
    console.finish(run, durations=2, remarks=("kept: x",))
    return stream.getvalue()


ENDED = (Group(Path("t.sql"), (Result(Outcome.PASSED, "a", NOWHERE),)), Run(()))
"""A file that has passed."""


def test_a_line_for_each_file_and_the_sum_of_them_last():
    lines = shown(RUN).splitlines()
    assert lines[:3] == [
        "✗ tests/a,b:c.sql                           6 assertions    1.50 s",
        "    1 failed, 1 skipped, 1 todo, 1 todo passed, stopped",
        "✓ tests/test_a.py                                1 check    0.50 s",
    ]
    assert lines[-2:] == [
        "6 assertions in 1 SQL file, 1 check in 1 Python file: 1 failed, 1 skipped,",
        "1 todo, 1 todo passed, 1 stopped or out of plan  2.00 s",
    ]
    assert "250.0 ms  tests/a,b:c.sql:3  " in "\n".join(lines)
    assert "kept: x" in lines


def test_a_gate_ends_with_a_table_of_its_steps():
    text = shown(GATE, several=True)
    assert text.splitlines()[-7:] == [
        "✗ lint        2 files, 3 findings (sqlfluff 1, squawk 2), 1 advice,       1.00 s",
        "              1 undecided",
        "! apply       no server                                                   0.50 s",
        "✗ migrations  1 of 1 revision failed                                      0.50 s",
        "✗ properties  1 passed, 1 failed, 1 undecided                             0.25 s",
        "✗ test        6 assertions, 1 check: 1 failed, 1 skipped, 1 todo,         2.00 s",
        "              1 todo passed, 1 stopped or out of plan",
    ]
    for step in ("lint", "apply", "migrations", "properties", "test"):
        assert f"\n── {step} ─" in text


LONG = ROOT / "a/directory/in/a/directory/with/a/name/that/is/long/漢字漢字漢字漢字漢字.sql"
WIDE = Run(
    tuple(
        replace(group, path=LONG, name=group.name and "revision_" * 12, seconds=12345.6)
        for group in (*GATE.groups, *GATE.groups)
    ),
    ROOT,
    123456.789,
    dict.fromkeys(GATE.durations, 123456.7),
)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
@pytest.mark.parametrize("several", [True, False])
def test_tables_and_lines_of_files_fit_80_columns(encoding: str, several: bool):
    stream = stream_in(encoding)
    console = Console(stream, several=several)
    for group in WIDE.groups:
        console.group(group, WIDE)
    stream.flush()
    live = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    for step in WIDE.steps:
        live += console._row(step, WIDE) + "\n"
    live += console._last(WIDE)
    assert max(map(columns, live.splitlines())) <= 80
    assert "漢字.sql" in live or "\\u6f22" in live


@pytest.mark.parametrize("room", [40, 80, 120])
def test_no_line_but_source_and_evidence_is_wider_than_the_terminal(
    room: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", str(room))
    monkeypatch.setenv("NO_COLOR", "1")
    long = "a column that is NOT NULL and has no default makes every old row invalid " * 3
    failed = result(Outcome.FAILED, long, message=long, id="squawk:adding-required-field")
    run = Run((*GATE.groups, Group(SQL, (failed,), step="test")), ROOT, 4.0, GATE.durations)
    stream = Terminal()
    console = Console(stream, several=True)
    console.header("project: schema " + "sql/migrations/" * 20)
    for group in run.groups:
        console.group(group, run)
    console.finish(run)
    lines = stream.getvalue().splitlines()
    whole = [line for line in lines if columns(line) > room]
    assert [line for line in whole if not line.startswith("    https://")] == []
    said = " ".join(stream.getvalue().split())
    assert said.count(" ".join(long.split())) == 2


def test_quiet_is_what_failed_and_the_sum():
    text = shown(GATE, several=True, quiet=True)
    assert text.splitlines()[-7:] == shown(GATE, several=True).splitlines()[-7:]
    assert text.count("tests/test_a.py") == 0
    assert "the down migration fails" in text
    assert not {"a hint", "no row", "kept: x"} & {*text.replace(": ", "\n").splitlines()}


def test_every_line_that_moves_fits_the_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    console = Console(stream)
    for step in ("lint", "migrations", "properties", "test"):
        console.begin(step)
        console.expect(step, 10_000, "a long noun")
        console.advance(step, 9_000, "\033[31m" + "x" * 100)
    console.close()
    moved = stream.getvalue().replace("\r\033[K", "\n").splitlines()
    assert max(map(columns, moved)) <= 59
    assert "\033" not in "".join(moved)
    assert stream.getvalue().endswith("\r\033[K")
    assert "lint 9,000/10,000  migrations 9,000/10,000" in moved[-1] or moved[-1] == ""


def test_two_steps_under_way_stand_side_by_side():
    stream = Terminal()
    console = Console(stream, several=True)
    console.begin("lint")
    console.begin("test")
    console.expect("test", 2, "file")
    console.advance("test", 1, "a.sql")
    assert stream.getvalue().rpartition("\r\033[K")[2] == "lint 0 s  test 1/2 files 0 s"
    console.end("lint")
    assert stream.getvalue().rpartition("\r\033[K")[2] == "test 1/2 files 0 s"
    console.group(RUN.groups[1], RUN)
    before, _, after = stream.getvalue().rpartition("tests/test_a.py")
    assert before.endswith("\r\033[K\033[32m✓\033[0m ")
    assert after.endswith("\ntest 1/2 files 0 s")


def test_a_log_hears_now_and_then_what_is_going_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "QUIET", 0.05)
    reading, writing = os.pipe()
    with os.fdopen(reading) as log, os.fdopen(writing, "w") as stream:
        console = Console(stream)
        console.open()
        console.begin("migrations")
        assert select.select([log], [], [], 5)[0]
        assert log.readline() == "... migrations 0 s\n"  # it does not wait in a buffer
        console.close()
        console.release()


def test_what_pytest_captures_is_not_what_the_console_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """pytest takes descriptor 1 while a check runs, and shows what it finds as the check's."""
    other = os.open(tmp_path / "captured", os.O_WRONLY | os.O_CREAT)
    with (tmp_path / "out").open("w") as stream:
        console = Console(stream)
        console.open()
        os.dup2(other, stream.fileno())
        console.group(*ENDED)
        console.close()
        console.release()
    os.close(other)
    assert (tmp_path / "captured").read_text() == ""
    assert (tmp_path / "out").read_text().startswith("✓ t.sql ")


def test_nothing_that_a_terminal_would_obey_reaches_it():
    evil = "\033[31mred\x9b0m\b\r\033]0;mine\007"
    path = ROOT / f"{evil}.sql"
    failed = Result(Outcome.FAILED, evil, Location(path, 1), evil, evil, id=evil)
    groups = [
        Group(path, (failed,), notes=(evil,), kind=kind, step=step, name=evil)
        for kind, step in (
            (Kind.ASSERTION, "test"), (Kind.REVISION, "migrations"), (Kind.STEP, "apply"),
            (Kind.PROPERTY, "properties"), (Kind.FINDING, "lint"),
        )
    ]  # fmt: skip
    for several in (True, False):
        run = Run(tuple(groups), ROOT)
        text = shown(run, verbose=True, several=several)
        assert text.replace("\n", "").isprintable()


def test_verbose_names_every_result_with_its_line():
    lines = shown(RUN, verbose=True).splitlines()
    assert "    ok         3  first" in lines
    assert "    not ok     5  issue # 7 \\ 8" in lines
    assert "    ok         3  some day # todo bug 3" in lines


def test_verbose_tells_advice_and_the_undecided_from_what_passed():
    told = [
        Result(outcome, "x", Location(ROOT / "a.sql", 1), id=outcome.value)
        for outcome in (Outcome.ADVICE, Outcome.UNDECIDED)
    ]
    group = Group(ROOT / "a.sql", tuple(told), kind=Kind.PROPERTY, step="properties")
    lines = shown(Run((group,), ROOT), verbose=True).splitlines()
    assert "    ok         1  x # advice" in lines
    assert "    ok         1  x # undecided" in lines


def test_a_revision_says_below_what_became_of_it():
    passed = replace(
        REVISION,
        results=(
            Result(
                Outcome.PASSED, "up, down, up; down leaves 6 objects as before", Location(SQL, 0)
            ),
        ),
    )
    assert shown(Run((passed,), ROOT)).splitlines()[:2] == [
        "✓ a b                                                       0.50 s",
        "    up, down, up; down leaves 6 objects as before",
    ]


def test_what_is_undecided_says_why_and_fails_nothing():
    undecided = replace(TABLE, results=TABLE.results[::2])
    text = shown(Run((undecided,), ROOT))
    assert "✓ properties/tasks" in text
    assert "? sql/a b.up.sql:5: tasks::x::check: undecided: no row\n" in text


def test_a_passing_todo_is_worth_a_word():
    run = run_of(result(Outcome.TODO_PASSED, "already", reason="bug 4"))
    assert "passes although it is TODO: bug 4" in shown(run)


def test_a_stream_that_breaks_is_not_written_to_again():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        console = Console(stream)
        console.open()
        with pytest.raises(BrokenPipeError):
            console.group(*ENDED)
        assert isinstance(console.error, BrokenPipeError)
        with pytest.raises(BrokenPipeError):
            console.group(*ENDED)
        console.close()
        console.release()
