"""Trial: what became of a mutant, and by what."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from harness.mutation.mutant import Mutant
from harness.mutation.transcripts import Difference


class Status(Enum):
    """What becomes of a mutant; only the first three count."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    """A statement does not end any more: noticed as well."""
    SURVIVED = "survived"
    STILLBORN = "stillborn"
    """PostgreSQL refuses its DDL."""
    EQUIVALENT = "equivalent"
    """A rule says that nobody can tell it from the schema."""
    REDUNDANT = "redundant"
    """A rule says that another mutant does the same."""
    SPEED = "speed"
    """It changes what queries cost, which no answer tells."""

    @property
    def noticed(self) -> bool:
        """Whether somebody has noticed it."""
        return self in (Status.KILLED, Status.TIMEOUT)

    @property
    def counts(self) -> bool:
        """Whether it is in the score."""
        return self.noticed or self is Status.SURVIVED


class Trial(NamedTuple):
    """One mutant, and what became of it."""

    mutant: Mutant
    status: Status
    difference: Difference | None = None
    """The statement that the mutant answers otherwise."""
    rule: str = ""
    """Why it is stillborn, equivalent or redundant."""
    print_: str = ""
    """What the catalog says with it; two mutants of which it says the same are one."""
    seconds: float = 0.0


def score(trials: list[Trial]) -> float | None:
    """Percent of those that count that somebody has noticed; None where none counts."""
    counted = [trial for trial in trials if trial.status.counts]
    noticed = sum(trial.status.noticed for trial in counted)
    return 100 * noticed / len(counted) if counted else None
