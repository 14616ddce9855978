"""What a run found: frozen values, the same for every step, and the exit code they make.

Every step (lint, apply, migrations, properties, access, test) gives *results*, in groups: a linted
file, a revision, a table, a test file. Reports read these and nothing else, so that they
agree with each other and with the exit code.

What there is one of for each statement is a NamedTuple: a third of the time of a frozen
dataclass to make, which counts at a hundred thousand assertions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from harness.core.outline import Outline

PASSED, FAILED, CANNOT_RUN = 0, 1, 2
"""Exit codes; the higher one stands for a run that has several."""

STEPS = ("lint", "apply", "migrations", "properties", "access", "test", "mutate")
"""All steps, in the order of every summary."""

CONDITIONAL = ("access", "mutate")
"""Steps that only some gates have: where one has no results, nothing is missing."""


class Outcome(Enum):
    """What became of one thing that was tried."""

    PASSED = "passed"
    FAILED = "failed"
    """Something is not as the schema, its tests or its configuration say."""
    ERROR = "error"
    """It could not be tried, so that nothing is known."""
    ADVICE = "advice"
    """True and worth knowing; nothing is broken."""
    UNDECIDED = "undecided"
    """It could not be shown either way, for the reason that the result gives."""
    SKIPPED = "skipped"
    TODO = "todo"
    """A failure that is expected, by a TODO directive or the configuration."""
    TODO_PASSED = "todo passed"
    """A pass where a failure is expected: not a failure, but worth a look."""

    @property
    def ok(self) -> bool:
        """Whether a run with this outcome can pass."""
        return self is not Outcome.FAILED and self is not Outcome.ERROR


class Location(NamedTuple):
    """A line of a file; lines count from 1. Line 0: the file as a whole."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else str(self.path)


NOWHERE = Location(Path(), 0)
"""The place of what stands in no file."""


class Result(NamedTuple):
    """One thing that was tried: what became of it, where it stands, and what was seen."""

    outcome: Outcome
    title: str
    """What was tried, or what is wrong, on a line."""
    location: Location
    message: str = ""
    """What there is to say of it, such as have and want."""
    reason: str = ""
    """Why it was skipped, is undecided, or is expected to fail."""
    seconds: float = 0.0
    notices: tuple[str, ...] = ()
    """Of a failure, the last messages that the server sent before it."""
    id: str = ""
    """What it is called from run to run: a rule, a property, a node id. An assertion has none
    of its own; see Group.id_of."""
    evidence: str = ""
    """What shows it: a script for psql, in whole."""
    column: int = 0
    """From 1; 0 where only the line is known."""
    help: str = ""
    """A URL that explains the rule, or what to do about it."""
    facts: Mapping[str, object] = {}
    """What else programs want to know, of values that JSON has."""


class Timing(NamedTuple):
    """What one statement took."""

    seconds: float
    location: Location


class Kind(Enum):
    """What the results of a group are, and what holds them."""

    ASSERTION = "assertion"
    """Of an SQL file."""
    CHECK = "check"
    """Of a Python file."""
    PROPERTY = "property"
    """Of a table, whose name stands for a path."""
    ACCESS = "grid"
    """What roles may do with a table, whose name stands for a path."""
    FINDING = "finding"
    """Of a file that linters have read."""
    REVISION = "revision"
    """Of a migration."""
    MUTANT = "mutant"
    """Of a table, whose name stands for a path."""
    STEP = "step"
    """Of a step as a whole."""


@dataclass(frozen=True, slots=True)
class Group:
    """Results that belong together, in order, and the problems that ended or spoilt them.

    A problem is what nothing stands for that was tried: an SQL error between assertions, a
    plan that does not match, a file that cannot be read.
    """

    path: Path
    results: tuple[Result, ...] = ()
    problems: tuple[Result, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """What else there is to know: objects that were removed after it, where it was kept."""
    timings: tuple[Timing, ...] = ()
    """The slowest statements, the slowest first, where their own times were asked for."""
    kind: Kind = Kind.ASSERTION
    step: str = "test"
    """One of STEPS."""
    name: str = ""
    """What it is called where its path does not tell."""
    version: str = ""
    """The server that it was tried on, as ``PostgreSQL 16``, where a run has several."""

    @property
    def all(self) -> Iterator[Result]:
        """Results and problems."""
        yield from self.results
        yield from self.problems

    @property
    def failures(self) -> tuple[Result, ...]:
        """What failed and what could not be tried, in the order of their lines."""
        found = [result for result in self.all if not result.outcome.ok]
        return tuple(sorted(found, key=lambda result: result.location.line))

    @property
    def remarks(self) -> tuple[Result, ...]:
        """What is worth a look and fails nothing: advice, and what was expected to fail."""
        worth = (Outcome.ADVICE, Outcome.TODO_PASSED)
        return tuple(result for result in self.all if result.outcome in worth)

    @property
    def all_skipped(self) -> bool:
        """Whether nothing of it was tried."""
        return not self.problems and all(r.outcome is Outcome.SKIPPED for r in self.results)

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(result.outcome.ok for result in self.all)

    @property
    def served(self) -> bool:
        """False where it could not be run, so that nothing is known."""
        return all(result.outcome is not Outcome.ERROR for result in self.all)

    def id_of(self, result: Result, root: Path) -> str:
        """What a result is called from run to run: its own id, else its file and title."""
        if result.id:
            return result.id
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        return f"{path}::{' '.join(result.title.split())}"


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a run found, groups in a stable order; reports name paths from ``root``."""

    groups: tuple[Group, ...]
    root: Path = Path()
    seconds: float = 0.0
    durations: Mapping[str, float] = field(default_factory=dict)
    """Seconds of each step that ran."""
    outline: Outline = ()
    """The schema, where a report that draws it was asked for and the schema applies."""
    versions: Mapping[str, Run] = field(default_factory=dict)
    """Of a run on several servers what was found on each, by ``Group.version``."""

    @classmethod
    def on_versions(cls, runs: Mapping[str, Run]) -> Run:
        """The runs on several servers, at least one, as one; seconds are those of all."""
        groups = tuple(
            replace(group, version=version) for version, run in runs.items() for group in run.groups
        )
        durations: Counter[str] = Counter()
        for run in runs.values():
            durations.update(run.durations)
        first, seconds = next(iter(runs.values())), sum(run.seconds for run in runs.values())
        return cls(groups, first.root, seconds, durations, first.outline, runs)

    def count(self, *outcomes: Outcome) -> int:
        """How many results had one of these outcomes; problems are not counted."""
        return sum(result.outcome in outcomes for group in self.groups for result in group.results)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that have results, in the order of STEPS."""
        found = {group.step for group in self.groups}
        return tuple(step for step in STEPS if step in found)

    def of(self, step: str) -> Run:
        """What one step found."""
        groups = tuple(group for group in self.groups if group.step == step)
        return Run(groups, self.root, self.durations.get(step, 0.0))

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return self.exit_code == PASSED

    @property
    def exit_code(self) -> int:
        """0 passed, 1 something failed, 2 something could not be tried."""
        return exit_code(result for group in self.groups for result in group.all)

    @property
    def failures(self) -> Iterable[Result]:
        """Every failure of every group."""
        return (failure for group in self.groups for failure in group.failures)


def exit_code(results: Iterable[Result]) -> int:
    """The one place in which results become an exit code."""
    outcomes = {result.outcome for result in results}
    if Outcome.ERROR in outcomes:
        return CANNOT_RUN
    return FAILED if Outcome.FAILED in outcomes else PASSED


_PLACE = re.compile(r"(?P<path>.+\.(?:sql|pg)):(?P<line>[1-9]\d*)$")


SQL = (".sql", ".pg")
"""What the names of SQL files end with; ``.pg`` is pg_prove's own."""

PROPERTIES = "properties"
"""The directory, which is none, that properties of a schema are named under in results."""

MUTANTS = "mutants"
"""The same for the mutants of a schema."""


SHARD = "harness:shard"
"""The id of the result that says which part of the mutants a run is about."""


def place(text: str) -> tuple[str, int | None]:
    """``path.sql:LINE`` taken apart; the line is None for a path without one."""
    match = _PLACE.match(text)
    if match is None or Path(text).exists():
        return text, None
    return match["path"], int(match["line"])


def lines_of(places: Sequence[str]) -> dict[Path, frozenset[int]]:
    """The lines asked for of each file that is not asked for as a whole."""
    lines: dict[Path, frozenset[int]] = {}
    for path, line in map(place, places):
        if line is not None:
            resolved = Path(path).resolve()
            lines[resolved] = lines.get(resolved, frozenset()) | {line}
    return lines
