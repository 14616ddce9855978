"""What a step tells whoever runs it, and who collects it.

The orchestrator of a command and the plugin of a plain pytest both collect in a ``Collector``, so
that strictness, reports and the exit code are the same whoever runs the tests.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from harness.core.config import Config
from harness.core.errors import CannotRun, HarnessError, ScriptError
from harness.core.results import (
    CANNOT_RUN,
    NOWHERE,
    STEPS,
    Group,
    Kind,
    Location,
    Outcome,
    Result,
    Run,
)

if TYPE_CHECKING:
    from harness.run.known import Known


class Progress(Protocol):
    """Takes results and how far a step is. May be called from any thread."""

    def begin(self, step: str) -> None:
        """A step begins."""

    def expect(self, step: str, total: int, noun: str) -> None:
        """It has so much to do: ``55, "table"``."""

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        """So much more of it is done, or it is at something else."""

    def take(self, group: Group) -> None:
        """Results of a step."""

    def end(self, step: str, seconds: float) -> None:
        """A step has ended."""


@dataclass(frozen=True, slots=True)
class Noting:
    """A progress that notes the groups that another one takes."""

    progress: Progress
    groups: list[Group]

    def begin(self, step: str) -> None:
        """A step begins."""
        self.progress.begin(step)

    def expect(self, step: str, total: int, noun: str) -> None:
        """How much it has to do."""
        self.progress.expect(step, total, noun)

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        """How much more of it is done."""
        self.progress.advance(step, done, doing)

    def take(self, group: Group) -> None:
        """Results."""
        self.groups.append(group)
        self.progress.take(group)

    def end(self, step: str, seconds: float) -> None:
        """A step has ended."""
        self.progress.end(step, seconds)


@contextmanager
def step(progress: Progress, name: str) -> Iterator[list[HarnessError]]:
    """A step for as long as the block runs; a HarnessError or a lost server in it is its result.

    What is yielded has that error afterwards.
    """
    started, errors = time.monotonic(), list[HarnessError]()
    progress.begin(name)
    try:
        yield errors
    except Exception as error:
        if (known := shown(error)) is None:
            raise
        errors.append(known)
        progress.take(of_error(known, name))
    finally:
        progress.end(name, time.monotonic() - started)


_OF_MACHINE = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EMFILE, errno.ENFILE, errno.ENAMETOOLONG, errno.ELOOP),
)
"""What a file is refused for that no code can foresee at every place."""


def shown(error: BaseException) -> HarnessError | None:
    """What is shown of an error: itself, or what the machine lacks; None for a fault of ours."""
    if isinstance(error, HarnessError):
        return error
    if isinstance(error, OSError) and error.errno in _OF_MACHINE and error.filename is not None:
        return CannotRun(f"{os.fsdecode(error.filename)}: {error.strerror}")
    if "psycopg" not in sys.modules:
        return None
    from harness.postgres.lost import server_fault  # late: psycopg is loaded where it is

    return server_fault(error)


def of_error(error: HarnessError, step: str) -> Group:
    """What ended a step, as its result."""
    outcome = Outcome.ERROR if error.exit_code == CANNOT_RUN else Outcome.FAILED
    location = getattr(error, "location", None)
    if isinstance(error, ScriptError):
        location, text = Location(error.path, error.line), error.message
    else:
        text = str(getattr(error, "failure", error))
    title, _, more = text.partition("\n")
    shown = getattr(error, "statement", "")
    result = Result(outcome, title, location or NOWHERE, more, id=f"harness:{step}", evidence=shown)
    return whole(step, result)


def whole(step: str, result: Result) -> Group:
    """A result that is about a step as a whole."""
    place = (result.location.path, result.seconds)
    problem = not result.outcome.ok
    return Group(
        place[0],
        () if problem else (result,),
        (result,) if problem else (),
        place[1],
        kind=Kind.STEP,
        step=step,
        name=step,
    )


def not_run(step: str, why: str) -> Group:
    """A step that had nothing to do, or none of it could be done, and why."""
    return whole(
        step, Result(Outcome.SKIPPED, "not run", NOWHERE, reason=why, id=f"harness:{step}")
    )


def failed(step: str, title: str, message: str = "") -> Group:
    """A step that failed as a whole: nothing passes silently."""
    return whole(step, Result(Outcome.FAILED, title, NOWHERE, message, id=f"harness:{step}"))


_ORDER = (
    *(Kind.STEP, Kind.ASSERTION, Kind.FINDING, Kind.PROPERTY, Kind.ACCESS, Kind.REVISION),
    *(Kind.CHECK, Kind.MUTANT),
)
_NO_SECONDS: Mapping[str, float] = MappingProxyType({})


def known_of(config: Config) -> Known | None:
    """What is known of older objects; nothing is loaded where there is no baseline."""
    if not config.baseline:
        return None
    from harness.run.known import Known

    return Known.of(config)


@dataclass
class Collector:
    """The groups of one run."""

    root: Path
    """Paths are shown relative to it."""
    strictness: Strictness
    known: Known | None = None
    """What is no news of older objects."""
    _groups: list[Group] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, group: Group) -> Group:
        """Add what was found; the group as it is judged here."""
        if self.known is not None:
            with self._lock:
                group = self.known.applied(group)
        judged = self.strictness.judge(group)
        if judged.results or judged.problems:  # a setup may have none
            with self._lock:
                self._groups.append(judged)
        return judged

    def run(self, seconds: float = 0.0, of_steps: Mapping[str, float] = _NO_SECONDS) -> Run:
        """Everything so far, in the order of the steps and, within one, of the paths."""
        with self._lock:
            groups = sorted(_merged(self._groups), key=_place)
        return Run(tuple(groups), self.root, seconds, dict(of_steps))


def _place(group: Group) -> tuple[int, int, str]:
    by_path = "" if group.kind is Kind.REVISION else str(group.path)
    return STEPS.index(group.step), _ORDER.index(group.kind), by_path


def _merged(groups: Iterable[Group]) -> Iterator[Group]:
    """One of each Python file: under pytest-xdist its checks come between those of others."""
    checks: dict[Path, list[Group]] = {}
    for group in groups:
        if group.kind is Kind.CHECK:
            checks.setdefault(group.path, []).append(group)
        else:
            yield group
    for first, *others in checks.values():
        together = [first, *others]
        yield replace(
            first,
            results=tuple(result for one in together for result in one.results),
            problems=tuple(problem for one in together for problem in one.problems),
            seconds=sum(one.seconds for one in together),
        )


MAY_FAIL = (Outcome.ADVICE, Outcome.UNDECIDED)
"""Outcomes that fail nothing unless that is asked for."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What fails a run beyond failures: all advice and all that is undecided, or some ids."""

    all: bool = False
    ids: Sequence[str] = ()
    """Patterns of ids, or of the last part of one: ``index``, ``squawk:*``."""

    @classmethod
    def of(cls, config: Config) -> Strictness:
        """What a configuration asks for."""
        return cls(config.strict, config.fail_on)

    def unused(self, run: Run) -> list[str]:
        """Patterns that no result of a run goes by, whatever became of it."""
        ids = [self._names(one.id) for group in run.groups for one in group.all]
        return [p for p in self.ids if not any(fnmatchcase(n, p) for names in ids for n in names)]

    def judge(self, group: Group) -> Group:
        """The group with what fails here as failures, so that every report says the same."""
        if not (self.all or self.ids) or not any(r.outcome in MAY_FAIL for r in group.all):
            return group
        return replace(
            group,
            results=tuple(self.judged(one) for one in group.results),
            problems=tuple(self.judged(one) for one in group.problems),
        )

    def judged(self, result: Result) -> Result:
        """The same for one result."""
        if result.outcome not in MAY_FAIL or not (self.all or self._named(result.id)):
            return result
        said = f"{result.outcome.value}, which fails under strict: {result.reason}".rstrip(": ")
        message = "\n".join(filter(None, (said, result.message)))
        return result._replace(outcome=Outcome.FAILED, message=message)

    def _named(self, id_: str) -> bool:
        names = self._names(id_)
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.ids)

    @staticmethod
    def _names(id_: str) -> set[str]:
        return {id_, id_.rpartition("::")[2], id_.rpartition(":")[2]}
