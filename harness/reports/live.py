"""A run as a person watches it: a line for each file, a bar while it goes, and the sum of it."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterable
from heapq import nlargest
from pathlib import Path
from typing import TextIO

from harness.reports import failure_text
from harness.reports.failure_text import encodable, relative, source_line
from harness.reports.terminal import coloured
from harness.results import FileRun, Kind, Outcome, Result, Run, Timing

BAR = 24
_WORDS = {
    Outcome.FAILED: "failed",
    Outcome.SKIPPED: "skipped",
    Outcome.TODO: "todo",
    Outcome.TODO_PASSED: "todo passed",
}
_OF_PROMISES = {
    Outcome.FAILED: "refuted",
    Outcome.SKIPPED: "undecided",
    Outcome.TODO: "refuted, as allowed",
}
_PLACES = {Kind.ASSERTION: "SQL file", Kind.CHECK: "Python file", Kind.PROMISE: "table"}


class Live:
    """Writes files as they finish. On a terminal a progress bar stands below them."""

    def __init__(self, stream: TextIO, root: Path, total: int, verbose: bool = False) -> None:
        self._stream, self._root, self._total, self._verbose = stream, root, total, verbose
        self._bar = stream.isatty()
        self._done = self._asserted = 0
        self._started = time.monotonic()
        self._draw()

    def file(self, run: FileRun) -> None:
        """Show a file that has finished."""
        self._done += 1
        self._asserted += len(run.results)
        self._clear()
        self._stream.write(_line(run, self._root, self._stream) + "\n")
        if self._verbose:
            lines = (f"    {_verbose(result)}\n" for result in run.results)
            self._stream.writelines(map(encodable, lines))
        self._draw()

    def setup(self, run: FileRun) -> None:
        """Show a file that tests nothing, but that the others start from."""
        self._done += 1
        self._clear()
        mark, name = coloured("–", "33", self._stream), relative(run.path, self._root)
        self._stream.write(f"{mark} {name:<44} {'setup':>16}{run.seconds:8.2f} s\n")
        self._draw()

    def close(self) -> None:
        """Take the bar away."""
        self._clear()
        self._bar = False

    def _draw(self) -> None:
        if self._bar:
            filled = BAR * self._done // max(self._total, 1)
            bar = "━" * filled + "─" * (BAR - filled)
            seconds = time.monotonic() - self._started
            counts = f"{self._done}/{self._total} files  {self._asserted:,} assertions"
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"{bar}  {counts}  {seconds:.0f} s"[:width])
        self._stream.flush()

    def _clear(self) -> None:
        if self._bar:
            self._stream.write("\r\033[K")


def _line(run: FileRun, root: Path, stream: TextIO) -> str:
    mark, colour = ("✓", "32") if run.passed else ("✗", "31")
    if run.passed and run.all_skipped:
        mark, colour = "–", "33"
    noun = _noun(run, len(run.results))
    parts = [f"{run.seconds:8.2f} s", *_counts([run])]
    parts += ["could not run"] * (not run.served) or ["stopped"] * bool(run.problems)
    name = relative(run.path, root)
    return f"{coloured(mark, colour, stream)} {name:<44} {noun:>16}{'  '.join(parts)}"


def _noun(run: FileRun, count: int) -> str:
    return f"{count:,} {run.kind.value}{'' if count == 1 else 's'}"


def _counts(files: Iterable[FileRun]) -> list[str]:
    """What there is of each outcome but passing, in words."""
    words = Counter(_word(file, result) for file in files for result in file.results)
    known = [*_WORDS.values(), *_OF_PROMISES.values()]
    return [f"{words[word]} {word}" for word in known if words[word]]


def _word(file: FileRun, result: Result) -> str:
    """What an outcome but passing is called."""
    special = _OF_PROMISES if file.kind is Kind.PROMISE else {}
    return special.get(result.outcome) or _WORDS.get(result.outcome, "")


def _verbose(result: Result) -> str:
    word = "ok    " if result.outcome.ok else "not ok"
    directive = f"  # {_WORDS[result.outcome]} {result.directive}" if result.directive else ""
    return f"{word} {result.location.line:>5}  {result.description}{directive}"


def summary(run: Run, stream: TextIO, durations: int = 0) -> None:
    """Write every failure, the slowest statements where they are asked for, and the counts."""
    for file in run.files:
        if not file.passed:
            stream.write(f"\n{failure_text.of_file(file, run.root)}\n")
        elif file.notes or file.todo_passed:
            stream.writelines(f"\n{line}" for line in _remarks(file, run.root))
            stream.write("\n")
    if durations:
        stream.write("\n" + _slowest(run, durations))
    stream.write(f"\n{_sum(run)}  {run.seconds:.2f} s\n")


def _remarks(file: FileRun, root: Path) -> Iterable[str]:
    for result in file.todo_passed:
        place = f"{relative(result.location.path, root)}:{result.location.line}"
        yield f"{place}: passes although it is TODO: {result.directive}: {result.description}"
    yield from (f"{relative(file.path, root)}: {note}" for note in file.notes)


def _slowest(run: Run, count: int) -> str:
    """The slowest statements of SQL files and the slowest checks of Python files."""
    files = [file for file in run.files if file.kind is not Kind.PROMISE]
    timings = [timing for file in files for timing in file.timings or _checks(file)]
    lines = ["slowest:"]
    for seconds, location in nlargest(count, timings):
        place = f"{relative(location.path, run.root)}:{location.line}"
        source = source_line(location.path, location.line)
        lines.append(f"{seconds * 1e3:9.1f} ms  {place}  {source}")
    return encodable("\n".join(lines)) + "\n"


def _checks(file: FileRun) -> list[Timing]:
    return [Timing(result.seconds, result.location) for result in file.results]


def _sum(run: Run) -> str:
    """``161 assertions in 8 SQL files, 11 checks in 1 Python file: 2 failed, 1 todo``."""
    parts = []
    for kind, place in _PLACES.items():
        files = [file for file in run.files if file.kind is kind]
        if files:
            count = _noun(files[0], sum(len(file.results) for file in files))
            parts.append(f"{count} in {len(files)} {place}{'' if len(files) == 1 else 's'}")
    counts = _counts(run.files)
    broken = sum(bool(file.problems) for file in run.files)
    counts += [f"{broken} stopped or out of plan"] * bool(broken)
    return ", ".join(parts) + (f": {', '.join(counts)}" if counts else ": all passed")
