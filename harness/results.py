"""What a run found: frozen values, no behaviour but counting.

What there is one of for each statement is a NamedTuple: a third of the time of a frozen
dataclass to make, which counts at a hundred thousand assertions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple


class Outcome(Enum):
    """What became of one assertion, in TAP's terms."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    TODO = "todo"
    """A failing assertion under a TODO directive: expected, so not a failure."""
    TODO_PASSED = "todo passed"
    """A passing assertion under a TODO directive: not a failure, but worth a look."""

    @property
    def ok(self) -> bool:
        """Whether a run with this outcome can pass."""
        return self is not Outcome.FAILED


class Location(NamedTuple):
    """A line of a file; lines count from 1."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Result(NamedTuple):
    """One assertion: its outcome, where it stands, and what it said."""

    outcome: Outcome
    description: str
    location: Location
    diagnostics: str = ""
    directive: str = ""
    """The reason of a SKIP or TODO."""
    seconds: float = 0.0
    notices: tuple[str, ...] = ()
    """Of a failure, the last messages that the server sent before it."""


class Timing(NamedTuple):
    """What one statement took."""

    seconds: float
    location: Location


class Kind(Enum):
    """What the results of a file are."""

    ASSERTION = "assertion"
    """Of an SQL file."""
    CHECK = "check"
    """Of a Python file."""
    PROMISE = "promise"
    """Of a table, whose name stands for a path."""


@dataclass(frozen=True, slots=True)
class FileRun:
    """One test file: its results in order, and the problem that ended or spoilt it, if any.

    A problem is what no single assertion stands for: an SQL error, a plan that does not
    match, no plan. A file passes when it has at least one result, no failed one and no
    problem.
    """

    path: Path
    results: tuple[Result, ...] = ()
    problems: tuple[Result, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """What else there is to know: objects that were removed after it, where it was kept."""
    timings: tuple[Timing, ...] = ()
    """The slowest statements, the slowest first, where their own times were asked for."""
    served: bool = True
    """False where the harness could not run it, so that nothing is known."""
    kind: Kind = Kind.ASSERTION

    @property
    def failures(self) -> tuple[Result, ...]:
        """Failed assertions and problems, in the order of their lines."""
        found = [result for result in (*self.results, *self.problems) if not result.outcome.ok]
        return tuple(sorted(found, key=lambda result: result.location.line))

    @property
    def todo_passed(self) -> tuple[Result, ...]:
        """What is expected to fail and does not."""
        return tuple(r for r in self.results if r.outcome is Outcome.TODO_PASSED)

    @property
    def all_skipped(self) -> bool:
        """Whether nothing of the file was asserted."""
        return not self.problems and all(r.outcome is Outcome.SKIPPED for r in self.results)

    @property
    def passed(self) -> bool:
        """Whether something was asserted and nothing failed."""
        return bool(self.results) and not self.failures


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a run found, files in a stable order; reports name paths from ``root``."""

    files: tuple[FileRun, ...]
    root: Path = Path()
    seconds: float = 0.0

    def count(self, *outcomes: Outcome) -> int:
        """How many assertions had one of these outcomes."""
        return sum(result.outcome in outcomes for file in self.files for result in file.results)

    @property
    def passed(self) -> bool:
        """Whether something was asserted and nothing failed."""
        return self.asserted and all(file.passed for file in self.files)

    @property
    def asserted(self) -> bool:
        """Whether a test ran to say something; promises count where no test was asked for."""
        tests = [file for file in self.files if file.kind is not Kind.PROMISE]
        return any(not file.all_skipped for file in tests or self.files)

    @property
    def failures(self) -> Iterable[Result]:
        """Every failure of every file."""
        return (failure for file in self.files for failure in file.failures)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a step found: an exit code, one line of summary, and what there is to read."""

    code: int
    summary: str
    text: str = ""
    seconds: float = 0.0
    ran: bool = True
