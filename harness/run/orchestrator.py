"""The orchestrator: takes what steps find, shows it, reports it, and gives the exit code."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any, Protocol, Self, TextIO

from harness.core.config import Config
from harness.core.errors import ConfigError, ServerError
from harness.core.outline import Outline
from harness.core.results import (
    CANNOT_RUN,
    CONDITIONAL,
    NOWHERE,
    STEPS,
    Group,
    Kind,
    Outcome,
    Result,
    Run,
)
from harness.core.signals import SIGNALS, postponed
from harness.core.text import plain, relative
from harness.reports.output import Reports
from harness.reports.summaries import INTERRUPTED
from harness.run.console import Console
from harness.run.progress import (
    Collector,
    Progress,
    Strictness,
    known_of,
    not_run,
    of_error,
    shown,
    whole,
)


@dataclass
class Interruption:
    """A KeyboardInterrupt for each signal while the run works; while it writes, for the second.

    What swallows the exception on its way (pytest does) does not hide that there was one.
    """

    under_way: Callable[[], tuple[str, ...]]
    """The steps that are being run."""
    steps: tuple[str, ...] | None = None
    """The steps that were interrupted; None while nothing was."""
    late: bool = False
    """Whether there was a signal when the results were being written."""
    _writing: bool = False
    _before: dict[signal.Signals, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Take the signals, but for those that whoever started us wants to be ignored."""
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the signals to whoever had them before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def begin_to_write(self) -> None:
        """From here on the first signal only says that the run ends as interrupted."""
        self._writing = True

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if postponed(number, frame):
            return
        if self._writing and not self.late:
            self.late = True
            return
        if self.steps is None:
            self.steps = self.under_way()
        raise KeyboardInterrupt


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
    outline: Outline = ()
    """The schema, for a report that draws it."""
    whole: bool = False
    """Whether each step looks at all there is, so that what is known and not met is fixed."""
    taken: Callable[[Run], None] | None = None
    """Takes what was found, where the reports are not written of this run alone."""
    quiet: bool = False
    """Whether only what failed and the summary are shown."""
    _seconds: dict[str, float] = field(default_factory=dict)
    _current: list[str] = field(default_factory=list)
    _ended: str = "test"
    """The step that ended last: what ended it may have ended the run."""

    @property
    def stream(self) -> TextIO:
        """Where a person reads."""
        return sys.stderr if self.reports.stdout_is_taken else sys.stdout

    def __post_init__(self) -> None:
        """Make what belongs to this run alone."""
        known = known_of(self.config)
        self._found = Collector(self.config.root, Strictness.of(self.config), known)
        self._interruption = Interruption(lambda: tuple(dict.fromkeys(self._current)))
        self.console = Console(self.stream, self.verbose, self.several, self.quiet)

    def run(self, body: Body, after: Callable[[], None] = lambda: None) -> int:
        """Run everything; the exit code.

        ``after`` takes apart what the body had, while the results are shown. What was found
        before an interruption or a fault is shown and reported, too, and then it is raised.
        Raises ConfigError where reports cannot be written, before anything runs.
        """
        started = time.monotonic()
        self.reports.prepare()
        with self._interruption:
            self.console.open()
            self.console.header(_of_what(self.config))
            before = _trouble()
            fault = self._work(body)
            self._ask_servers(before)
            ending = _Ending(after)
            try:
                found = self._found.run(time.monotonic() - started, self._seconds)
                found = replace(found, outline=self.outline)
                unused = self._found.strictness.unused(found) if self.several else []
                self.remarks += [f"fail_on: nothing here is called {one!r}" for one in unused]
                if self._found.known is not None:
                    self.remarks += self._found.known.remarks(found, self.whole)
                written = self._write(found)
            finally:
                ending.join()
                self.console.release()
        if self._interruption.steps is not None or self._interruption.late:
            raise KeyboardInterrupt
        if error := fault or ending.error:
            raise error
        return found.exit_code if written else CANNOT_RUN

    def _work(self, body: Body) -> BaseException | None:
        """Run the body; what ended it before its end, where that is a fault of ours."""
        fault: BaseException | None = None
        try:
            body(self)
        except BaseException as error:  # whatever it is, what was found comes first
            if (known := shown(error)) is not None:
                self.take(of_error(known, self._at))
            else:
                fault = error
        finally:
            self._interruption.begin_to_write()
            self.console.close()
        if self._interruption.steps is not None or isinstance(fault, KeyboardInterrupt):
            self._cut_short(self._interruption.steps or (self._at,), _INTERRUPTED)
        elif fault is not None:
            self._cut_short((self._at,), self._of_fault(fault))
        return fault

    def _ask_servers(self, before: str) -> None:
        """Say what has befallen a server: failures that it explains are no verdict."""
        said = _trouble()
        known = (one.message for group in self._found.run().groups for one in group.all)
        if said and said != before and not any(said in message for message in known):
            why = "the PostgreSQL server had trouble, so that nothing here is certain"
            self.take(of_error(ServerError(f"{why}\n{said}"), self._at))

    @property
    def _at(self) -> str:
        """The step that something is about which ended the run."""
        return self._current[-1] if self._current else self._ended

    def _cut_short(self, steps: tuple[str, ...], result: Result) -> None:
        """Say what ended the run in the steps that were under way, and which never began."""
        for step in steps:
            self._found.take(whole(step, result))
        found = {group.step for group in self._found.run().groups}
        for step in STEPS if self.several else ():
            if step not in (*found, *CONDITIONAL):
                self._found.take(not_run(step, "the run ended before"))

    def _of_fault(self, fault: BaseException) -> Result:
        if fault is self.console.error:
            return Result(
                Outcome.ERROR, "the output cannot be written", NOWHERE, id="harness:output"
            )
        title = f"{type(fault).__name__}: {fault}"
        said = "an error of the harness; standard error has its traceback"
        return Result(Outcome.ERROR, title, NOWHERE, said, id="harness:fault")

    def _write(self, found: Run) -> bool:
        """Write the reports, then show the results; whether every report could be written."""
        complaint: ConfigError | None = None
        try:
            (self.taken or self.reports.write)(found)
        except ConfigError as error:
            complaint = error
        finally:
            if self.console.error is None:
                self.console.finish(found, self.durations, self.remarks)
            if complaint is not None:
                print(f"harness: {plain(str(complaint))}", file=sys.stderr)
        return complaint is None

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
        if self._interruption.steps is not None and group.kind is Kind.STEP and not group.passed:
            return  # what an interruption did to a step is what its own result says
        self.console.group(self._found.take(group), Run((), self.config.root))

    def end(self, step: str, seconds: float) -> None:
        """A step has ended."""
        self._current.remove(step)
        self._ended = step
        self._seconds[step] = seconds
        self.console.end(step)


def _trouble() -> str:
    """What has befallen a server of ours; nothing is loaded where there is none."""
    if "harness.postgres.server.process" not in sys.modules:
        return ""
    from harness.postgres.server.process import trouble

    return trouble()


def _of_what(config: Config) -> str:
    """``todo: schema sql/migrations, tests pgtap_tests``: what is going to run."""
    schema = relative(config.schema, config.root) if config.schema else "none"
    tests = ", ".join(relative(path, config.root) for path in config.tests)
    return f"{config.root.name}: schema {schema}" + (f", tests {tests}" if tests else "")


_INTERRUPTED = Result(Outcome.ERROR, "interrupted", NOWHERE, id=INTERRUPTED)


class _Ending:
    """What a body had is taken apart, in the background."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="harness-background")
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self.error = error

    def join(self) -> None:
        """Wait for it; what went wrong is ``error`` then."""
        self._thread.join()
