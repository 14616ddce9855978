"""Console: what a person watches and reads. It owns the terminal; nothing else writes there.

While a run goes on, a line for each group that ends, and below them one that moves; afterwards
everything that failed, and the sum of it last. Where standard output is a report, all of this
goes to standard error.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import nlargest
from typing import TextIO

from harness.core.results import Group, Kind, Outcome, Result, Run, Timing
from harness.core.text import count, plain, relative, without_surrogates
from harness.reports import failure_text, summaries, terminal
from harness.reports.failure_text import source_line
from harness.reports.terminal import (
    coloured,
    columns,
    encodable,
    end_of,
    is_terminal,
    one_line,
    padded,
    start_of,
    width,
    wrapped,
)

TICK, QUIET = 0.2, 10.0
"""Seconds between two looks at what is going on, on a terminal and elsewhere."""
_TOLD = len("  10 undecided")
"""Columns of a file's line for what became of it; more has lines of its own."""
_ALWAYS = (
    *(Kind.ASSERTION, Kind.CHECK, Kind.PROPERTY, Kind.ACCESS, Kind.REVISION),
    Kind.MUTANT,
)
_TIED = "\N{NO-BREAK SPACE}" * 2
"""Stands for two spaces at which no line ends."""
_ALONE = ("lint", "apply")
"""Steps whose last line has a mark and their name, as in the table."""


@dataclass(slots=True)
class _Step:
    """A step under way."""

    started: float
    total: int = 0
    noun: str = ""
    done: int = 0
    doing: str = ""

    def text(self, name: str, now: float, brief: bool = False) -> str:
        """``properties 5/55 tables 12 s, 20 s left``; in brief ``properties 5/55``."""
        said = f"{self.done:,}/{count(self.total, self.noun)}" if self.total else self.doing
        if brief:
            return f"{name} {self.done:,}/{self.total:,}" if self.total else name
        elapsed = now - self.started
        left = ""
        if self.done and self.done < self.total and elapsed > 2:
            left = f", {elapsed / self.done * (self.total - self.done):.0f} s left"
        return one_line(f"{name} {said} {elapsed:.0f} s{left}")


@dataclass
class Console:
    """The terminal of one run."""

    stream: TextIO
    verbose: bool = False
    several: bool = False
    """Whether the run has several steps, to be told apart."""
    quiet: bool = False
    """Whether nothing is shown but what failed and the sum."""
    _steps: dict[str, _Step] = field(default_factory=dict)
    _shown: str = ""
    _wrote: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _ended: threading.Event = field(default_factory=threading.Event)
    error: OSError | None = None
    """Why nothing can be written any more: the disk is full, whoever reads has gone."""

    def __post_init__(self) -> None:
        """Begin with the stream that was given."""
        self._given = self.stream

    def open(self) -> None:
        """Begin to show what moves."""
        self._given, self.stream = self.stream, _own(self.stream)
        if self.quiet:
            return
        threading.Thread(target=self._tick, daemon=True, name="harness-console").start()

    def header(self, text: str) -> None:
        """Say what is going to run, where a person watches."""
        if is_terminal(self.stream) and not self.quiet:
            with self._lock:
                line = start_of(self._encodable(one_line(text)), width(self.stream), self.stream)
                self._write(f"{coloured(line, '2', self.stream)}\n")

    def close(self) -> None:
        """Show nothing that moves any more."""
        self._ended.set()
        with self._lock, suppress(OSError):  # it is ``error`` then
            self._steps.clear()
            self._clear()

    def release(self) -> None:
        """Give the stream back: nothing more is written."""
        own, self.stream = self.stream, self._given
        if own is not self._given:
            with suppress(OSError):  # it has been ``error`` since it was written
                own.close()

    # --- while it goes on --------------------------------------------------------------

    def begin(self, step: str) -> None:
        """A step begins."""
        with self._lock:
            self._steps[step] = _Step(time.monotonic())
            self._draw()

    def end(self, step: str) -> None:
        """A step has ended."""
        with self._lock:
            self._steps.pop(step, None)
            self._draw()

    def expect(self, step: str, total: int, noun: str) -> None:
        """How much a step has to do."""
        with self._lock:
            if one := self._steps.get(step):
                one.total, one.noun = total, noun
                self._draw()

    def advance(self, step: str, done: int, doing: str) -> None:
        """How much of it is done, and what it is at."""
        with self._lock:
            if one := self._steps.get(step):
                one.done += done
                one.doing = doing
                self._draw()

    def group(self, group: Group, run: Run) -> None:
        """Show a group that has ended; ``run`` knows the root."""
        own_line = group.kind in _ALWAYS and (group.step == "test" or not self.several)
        own_line = own_line and not self.quiet
        with self._lock:
            if own_line:
                self._clear()
                self._write(self._line(group, run) + "\n")
                if self.verbose and group.kind is not Kind.REVISION:
                    self._write("".join(f"    {_verbose(r)}\n" for r in group.results))
                self._draw()

    def _line(self, group: Group, run: Run) -> str:
        """A group's mark, name, number of results and time; what became of them if it fits."""
        symbol, colour = summaries.mark(Run((group,), run.root))
        mark = self._mark(symbol, colour)
        noun = count(len(group.results), group.kind.value)
        if group.kind is Kind.REVISION:
            noun = ""
        elif group.kind is Kind.ASSERTION and not group.results and not group.problems:
            noun = "setup"
        end = f" {noun:>16}{group.seconds:8.2f} s"
        room = width(self.stream) - self._mark_columns - len(end) - _TOLD
        name = self._encodable(plain(group.name or relative(group.path, run.root)))
        line = f"{mark} {padded(end_of(name, room, self.stream), room)}{end}"
        told = _told(group)
        if len(told) < 2 and columns("".join(told)) + 2 <= _TOLD:
            return "  ".join([line, *told])
        text = self._said(", ".join(told))
        return "\n    ".join([line, *wrapped(text, width(self.stream) - 4)])

    def _mark(self, symbol: str, colour: str) -> str:
        return coloured(terminal.mark(symbol, self.stream), colour, self.stream)

    @property
    def _mark_columns(self) -> int:
        """Columns of a mark and the space after it."""
        return len(terminal.mark("✓", self.stream)) + 1

    def _tick(self) -> None:
        moves = is_terminal(self.stream)
        while not self._ended.wait(TICK if moves else QUIET):
            with self._lock, suppress(OSError):  # the run finds out by itself
                if moves:
                    self._draw()
                elif now := self._moving(width(self.stream) - 4):
                    self._write(f"... {now}\n")
                    self._flush()

    def _moving(self, room: int) -> str:
        """Every step under way, in so many columns."""
        now = time.monotonic()
        for brief in (False, True):
            texts = [step.text(name, now, brief) for name, step in self._steps.items()]
            text = self._encodable("  ".join(texts))
            if columns(text) <= room:
                return text
        return start_of(text, room, self.stream)

    def _draw(self) -> None:
        if is_terminal(self.stream) and not self._ended.is_set() and not self.quiet:
            text = self._moving(width(self.stream) - 1)
            if text != self._shown:
                self._put(f"\r\033[K{text}" if self._shown else text)
                self._shown = text
        self._flush()

    def _clear(self) -> None:
        if self._shown:
            self._put("\r\033[K")
            self._shown = ""

    def _encodable(self, text: str) -> str:
        return encodable(without_surrogates(text), self.stream)

    def _write(self, text: str) -> None:
        self._wrote = True
        self._put(self._encodable(text))

    def _put(self, text: str) -> None:
        """Write; the first failure is the last attempt."""
        if self.error is not None:
            raise self.error
        try:
            self.stream.write(text)
        except OSError as error:
            self.error = error
            raise

    def _flush(self) -> None:
        if self.error is not None:
            raise self.error
        try:
            self.stream.flush()
        except OSError as error:
            self.error = error
            raise

    # --- afterwards --------------------------------------------------------------------

    def finish(self, run: Run, durations: int = 0, remarks: Iterable[str] = ()) -> None:
        """Write what failed, the slowest statements where they are asked for, and the sum."""
        with self._lock:
            self._clear()
            for step in run.steps:
                self._step(step, run)
            if durations:
                self._gap()
                self._write(self._slowest(run, durations))
            for remark in () if self.quiet else remarks:
                self._gap()
                self._write(f"{plain(remark)}\n")
            self._gap()
            if self.several:
                self._write("".join(f"{self._row(step, run)}\n" for step in run.steps))
            else:
                self._write(f"{self._last(run)}\n")
            self._flush()

    def _step(self, step: str, run: Run) -> None:
        shown = [text for group in run.of(step).groups if (text := self._group(group, run))]
        if shown and self.several:
            self._gap()
            heading = f"── {step} ".ljust(width(self.stream), "─")
            self._write(f"{coloured(heading, '1', self.stream)}\n")
        for text in shown:
            self._gap()
            self._write(f"{text}\n")

    def _gap(self) -> None:
        """An empty line, but for the first."""
        if self._wrote:
            self._write("\n")

    def _group(self, group: Group, run: Run) -> str:
        """What there is to read of a group; empty where there is nothing."""
        blocks = []
        if not group.passed:
            blocks.append(failure_text.of_file(group, run.root, self.stream))
        elif group.notes and not self.quiet:
            where = relative(group.path, run.root)
            blocks.append("\n".join(plain(f"{where}: {note}") for note in group.notes))
        told = [self._remark(r, run) for r in group.all if self._is_remark(group, r)]
        blocks += ["\n".join(told)] * bool(told)
        blocks += [
            failure_text.of_result(result, run.root, self.stream)
            for result in group.all
            if result.outcome is Outcome.PASSED and self._shows_evidence(group, result)
        ]
        return "\n\n".join(blocks)

    def _is_remark(self, group: Group, result: Result) -> bool:
        if self.quiet:
            return False
        worth = (Outcome.ADVICE, Outcome.UNDECIDED, Outcome.TODO_PASSED)
        accepted = result.outcome is Outcome.TODO
        accepted = accepted and (self.verbose or group.kind is Kind.REVISION)
        return result.outcome in worth or accepted

    def _remark(self, result: Result, run: Run) -> str:
        """What is undecided or accepted is a line; what else is worth a look is shown in whole."""
        said = failure_text.explained(result)
        if result.outcome in (Outcome.UNDECIDED, Outcome.TODO):
            word = "undecided: " if result.outcome is Outcome.UNDECIDED else ""
            title = result.title if word or not said else ""
            told = ": ".join(filter(None, (title, f"{word}{said}" if said else "")))
            return failure_text.first_line(result._replace(title=told), run.root, self.stream)
        one = result._replace(message="\n".join(filter(None, (said, result.message))))
        return failure_text.of_result(one, run.root, self.stream)

    def _shows_evidence(self, group: Group, result: Result) -> bool:
        """Whether a pass has something to show: what was applied, the locks of a revision."""
        wanted = self.verbose or (group.step == "apply" and not self.several)
        return wanted and group.kind in (Kind.STEP, Kind.REVISION) and bool(result.evidence)

    def _slowest(self, run: Run, most: int) -> str:
        """The slowest statements of SQL files and the slowest checks of Python files."""
        groups = [g for g in run.groups if g.kind in (Kind.ASSERTION, Kind.CHECK)]
        timings = [timing for group in groups for timing in group.timings or _checks(group)]
        lines = ["slowest:"]
        for seconds, location in nlargest(most, timings):
            where = f"{relative(location.path, run.root)}:{location.line}"
            source = source_line(location.path, location.line)
            line = self._encodable(plain(f"{seconds * 1e3:9.1f} ms  {where}  {source}"))
            lines.append(start_of(line, width(self.stream), self.stream))
        return "\n".join(lines) + "\n"

    def _row(self, step: str, run: Run) -> str:
        """A step of the table; what it found may take several lines."""
        found = run.of(step)
        symbol, colour = summaries.mark(found)
        seconds = f"{found.seconds:.2f} s" if found.seconds and symbol != "–" else ""
        before = self._mark_columns + 12
        room = width(self.stream) - before - 1 - max(9, len(seconds))
        first, *more = wrapped(self._said(summaries.of_step(run, step)), room) or [""]
        row = f"{self._mark(symbol, colour)} {step:<11} {padded(first, room)} {seconds:>9}"
        return "\n".join([row.rstrip(), *(" " * before + line for line in more)])

    def _said(self, text: str) -> str:
        return self._encodable(one_line(text))

    def _last(self, run: Run) -> str:
        steps = run.steps
        if len(steps) == 1 and steps[0] in _ALONE:
            return self._row(steps[0], run)
        said = [summaries.of_step(run, step) for step in steps]
        if {*steps} <= {"properties", "test"}:
            said = [summaries.of_tests(run)]
        time_taken = f"{_TIED}{run.seconds:.2f}{_TIED[:1]}s"
        lines = wrapped(self._said("; ".join(said)) + time_taken, width(self.stream))
        return "\n".join(lines).replace(_TIED[0], " ")


def _own(stream: TextIO) -> TextIO:
    """The same stream by a descriptor of our own: pytest takes the standard ones for itself."""
    try:
        stream.flush()
        number = os.dup(stream.fileno())
    except (OSError, ValueError):  # it is no file
        return stream
    return os.fdopen(number, "w", encoding=stream.encoding, errors=stream.errors)


def _told(group: Group) -> list[str]:
    """What became of a group, beyond how much there is of it."""
    if group.kind is Kind.REVISION:
        passed = [r.title for r in group.results if r.outcome is Outcome.PASSED]
        return ["; ".join([*passed, *summaries.of_group(group)])]
    told = [*summaries.of_group(group), *["stopped"] * bool(group.problems and group.served)]
    return told or ["could not run"] * (not group.served)


def _checks(group: Group) -> list[Timing]:
    return [Timing(result.seconds, result.location) for result in group.results]


def _verbose(result: Result) -> str:
    word, title = "ok    " if result.outcome.ok else "not ok", result.title
    said = summaries.WORDS.get(result.outcome, "")
    if said and (result.reason or result.outcome.ok):
        title += f"  # {said} {result.reason}".rstrip()
    return f"{word} {result.location.line:>5}  {one_line(title)}"
