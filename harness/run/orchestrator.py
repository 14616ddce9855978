"""The orchestrator: takes what steps find, shows it, reports it, and gives the exit code."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from harness.config import Config
from harness.errors import HarnessError
from harness.reports.output import Reports
from harness.results import NOWHERE, STEPS, Group, Kind, Outcome, Result, Run
from harness.run.console import Console
from harness.run.progress import Progress, of_error, whole
from harness.strictness import Strictness

_ORDER = (Kind.STEP, Kind.ASSERTION, Kind.FINDING, Kind.PROMISE, Kind.REVISION, Kind.CHECK)


class Body(Protocol):
    """What a run does."""

    def __call__(self, progress: Progress) -> None:
        """Tell what is found. Raises HarnessError where it cannot go on."""


@dataclass
class Orchestrator:
    """One run of a command."""

    config: Config
    reports: Reports
    verbose: bool = False
    several: bool = False
    """Whether it has several steps."""
    durations: int = 0
    """How many of the slowest statements are named."""
    remarks: list[str] = field(default_factory=list)
    """What is said before the sum."""
    _groups: list[Group] = field(default_factory=list)
    _seconds: dict[str, float] = field(default_factory=dict)
    _current: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def stream(self) -> TextIO:
        """Where a person reads."""
        return sys.stderr if self.reports.stdout_is_taken else sys.stdout

    def __post_init__(self) -> None:
        """Make what belongs to this run alone."""
        self._strictness = Strictness.of(self.config)
        self.console = Console(self.stream, self.verbose, self.several)

    def run(self, body: Body, after: Callable[[], None] = lambda: None) -> int:
        """Run everything; the exit code.

        ``after`` takes apart what the body had, while the results are shown. What was found
        before an interruption is shown and reported, too. Raises ConfigError where reports
        cannot be written.
        """
        started = time.monotonic()
        self.reports.prepare()
        self.console.open()
        try:
            body(self)
        except KeyboardInterrupt:
            self.take(_interrupted(self._current))
        except HarnessError as error:
            self.take(of_error(error, self._current[-1] if self._current else "test"))
        finally:
            self.console.close()
        ending = threading.Thread(target=after, name="harness-background")
        ending.start()
        try:
            found = self._found(time.monotonic() - started)
            try:
                self.reports.write(found)
            finally:
                self.console.finish(found, self.durations, self.remarks)
        finally:
            ending.join()
        return found.exit_code

    def _found(self, seconds: float) -> Run:
        def order(group: Group) -> tuple[int, int, object]:
            by_path = "" if group.kind is Kind.REVISION else group.path
            return STEPS.index(group.step), _ORDER.index(group.kind), str(by_path)

        with self._lock:
            groups = tuple(sorted(self._groups, key=order))
        return Run(groups, self.config.root, seconds, dict(self._seconds))

    # --- what steps tell ---------------------------------------------------------------

    def begin(self, step: str) -> None:
        """A step begins."""
        self._current.append(step)
        self.console.begin(step)

    def expect(self, step: str, total: int, noun: str) -> None:
        """How much it has to do."""
        self.console.expect(step, total, noun)

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        """How much more of it is done."""
        self.console.advance(step, done, doing)

    def take(self, group: Group) -> None:
        """Results of a step."""
        judged = self._strictness.judge(group)
        if judged.results or judged.problems:  # a setup may have none
            with self._lock:
                self._groups.append(judged)
        self.console.group(judged, Run((), self.config.root))

    def end(self, step: str, seconds: float) -> None:
        """A step has ended."""
        self._current.remove(step)
        self._seconds[step] = seconds
        self.console.end(step)


def _interrupted(current: Sequence[str]) -> Group:
    step = current[-1] if current else "test"
    said = Result(Outcome.ERROR, "interrupted", NOWHERE, "what was found by then follows no more")
    return whole(step, said._replace(message="", id="harness:interrupted"))
