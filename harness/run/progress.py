"""Progress: what a step tells whoever runs it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from harness.core.errors import HarnessError, ScriptError
from harness.core.results import CANNOT_RUN, NOWHERE, Group, Kind, Location, Outcome, Result


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


@contextmanager
def step(progress: Progress, name: str) -> Iterator[list[HarnessError]]:
    """A step for as long as the block runs; a HarnessError in it is its result.

    What is yielded has that error afterwards.
    """
    started, errors = time.monotonic(), list[HarnessError]()
    progress.begin(name)
    try:
        yield errors
    except HarnessError as error:
        errors.append(error)
        progress.take(of_error(error, name))
    finally:
        progress.end(name, time.monotonic() - started)


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
