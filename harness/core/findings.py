"""What linters object to: a frozen value that they make and reports write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from harness.core.results import Outcome

Severity = Literal["error", "warning", "advice", "undecided"]
"""``advice`` is true and nobody has to repair it; ``undecided`` is what was found and could not be
looked at. Both fail nothing by themselves."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something a linter objects to, at a line and column that count from 1."""

    path: Path
    line: int
    column: int
    linter: str
    code: str
    message: str
    severity: Severity = "warning"
    help: str = ""
    """A URL that explains the rule; empty where there is none."""
    evidence: str = ""
    """What shows it, such as a statement in whole."""

    @property
    def rule(self) -> str:
        """The code with its linter: what no other linter's rule is called."""
        return f"{self.linter}:{self.code}"

    @property
    def names(self) -> frozenset[str]:
        """What a comment may call the rule."""
        return frozenset({self.code, self.rule})


class Note(NamedTuple):
    """What was not looked at, or could not be, and why."""

    outcome: Outcome
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What all linters found, in the order of files, lines and columns."""

    found: tuple[Finding, ...]
    files: int
    root: Path = Path()
    advice: tuple[Finding, ...] = ()
    """What is worth knowing, and nobody has to repair."""
    undecided: tuple[Finding, ...] = ()
    """What nobody could look into, at its place."""
    notes: tuple[Note, ...] = ()
    """What was not looked at at all."""
    looked_at: tuple[str, ...] = ()
    """What was looked at that is no file."""
