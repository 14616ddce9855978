"""Rule: what every rule about revisions provides, and what it is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol

from harness.core.results import Outcome
from harness.migrations.revision_result import Limits, Locked, Losses, Wait
from harness.migrations.step import Step
from harness.postgres.snapshot import Difference


@dataclass(frozen=True, slots=True)
class Observed:
    """What both passes saw of one revision."""

    step: Step
    limits: Limits
    undoes: bool
    """Whether its down migration does anything."""
    changes: Difference
    """What its up migration changed in the catalog."""
    locks: tuple[Locked, ...]
    """In the order of its statements; of one relation each is stronger than the last."""
    waits: tuple[Wait, ...]
    """The longest wait of a second session, each time there was one."""
    losses: Losses


class Report(NamedTuple):
    """What a rule has found: one line, and after it what shows it."""

    path: Path
    line: int
    message: str


class Rule(Protocol):
    """Judges what was seen of a revision; the docstring of the module is what users read."""

    id: ClassVar[str]
    outcome: ClassVar[Outcome]
    """FAILED where it is wrong on every database, else ADVICE."""
    of_statement: ClassVar[bool]
    """Whether it is about one statement, where a comment that accepts it has to stand."""

    def judge(self, seen: Observed) -> Iterable[Report]:
        """What is to be said of the revision."""
