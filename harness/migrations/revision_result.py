"""RevisionResult: what became of one revision, as frozen values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from harness.core.findings import Finding, Severity
from harness.core.results import Location
from harness.postgres.schema_model import Name
from harness.postgres.snapshot import Difference

LINTER = "migrations"
"""What stands before a rule's name: ``-- harness: allow migrations:rewrite reason``."""
PASS_FAULTS = frozenset(
    {"up", "half-applied", "down", "down-leaves", "up-again", "at-once"}
    | {"up-on-rows", "down-on-rows"}
)
"""What the passes find that no data and no tool's habits excuse: it is wrong on every database."""
PASS_ADVICE = frozenset({"down-differs", "depends-on-data", "twice"})
"""What PostgreSQL gives no other way to do, or what depends on data that only production has."""
PASS_RULES = PASS_FAULTS | PASS_ADVICE
"""What the passes find themselves; rules/ has what is judged of what they saw."""
MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
"""PostgreSQL's table-level lock modes, the weakest first, as in pg_locks."""
_WORDS = ("Access", "Row", "Share", "Update", "Exclusive")


@dataclass(frozen=True, slots=True)
class Limits:
    """What migrations are held to."""

    blocked: float = 1.0
    """Seconds that a second session may wait."""
    rows: int = 2
    """Rows in each table."""
    many: int = 1000
    """Rows in a table that a migration reads through, while a second session uses it."""
    reversible: bool = False
    """Whether each revision must have a down migration."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A lock on a relation that existed before; of one relation each is stronger than the last."""

    relation: Name
    mode: str
    """As in MODES."""
    location: Location | None
    """The statement; None where only the revision is known."""
    rows: int = 0
    """How many rows the table had."""
    rewritten: bool = False
    """Whether the table was written anew while it was held."""
    scanned: bool = False
    """Whether all of the table was read while it was held."""
    squawk: tuple[str, ...] = ()
    """squawk's rules with a finding at the statement."""

    @property
    def words(self) -> str:
        """The mode as PostgreSQL's manual writes it: ``ACCESS EXCLUSIVE``."""
        text = self.mode.removesuffix("Lock")
        for word in _WORDS:
            text = text.replace(word, f" {word.upper()}")
        return text.strip()

    @property
    def strength(self) -> int:
        """The mode's place among MODES."""
        return MODES.index(self.mode)


class Wait(NamedTuple):
    """How long one use of a table by a second session waited."""

    seconds: float
    table: Name | None = None
    what: Literal["read", "write"] = "read"
    gave_up: bool = False
    """Whether it stopped waiting, so that the migration held on for longer still."""


class Losses(NamedTuple):
    """What was in tables before and is not there after up and down, a line for each table."""

    by_up: Sequence[str] = ()
    """Gone after the up, so that no down migration can know it."""
    by_down: Sequence[str] = ()
    """Still there after the up."""


_UNCHANGED = Difference(())
_NOTHING_LOST = Losses()


@dataclass(frozen=True, slots=True)
class Part:
    """What one pass found of a revision."""

    evidence: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    locks: tuple[Locked, ...] = ()
    notes: tuple[str, ...] = ()
    changes: Difference = _UNCHANGED
    """What the up migration made of the catalog, where this pass looks at that."""
    waits: tuple[Wait, ...] = ()
    losses: Losses = _NOTHING_LOST
    ran: bool = True
    undoes: bool = True
    """Whether the down migration does anything, as far as this pass can see."""
    only_rows: bool = False
    """Whether the up migration changes nothing but rows."""


@dataclass(frozen=True, slots=True)
class RevisionResult:
    """What became of one revision."""

    name: str
    path: Path
    reversible: bool
    evidence: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    accepted: tuple[tuple[Finding, str], ...] = ()
    """Findings that somebody has allowed, with the reason."""
    locks: tuple[Locked, ...] = ()
    notes: tuple[str, ...] = ()
    blocked: float = 0.0
    """Seconds that the second session waited at most."""
    seconds: float = 0.0
    ran: bool = True

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What fails it; the other findings are advice."""
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def passed(self) -> bool:
        """Whether it ran and nothing was found that is neither advice nor accepted."""
        return self.ran and not self.faults


def finding(path: Path, rule: str, message: str, line: int = 1) -> Finding:
    """A finding of a pass; lines of ``message`` after the first are its evidence."""
    assert rule in PASS_RULES
    severity: Severity = "error" if rule in PASS_FAULTS else "warning"
    return Finding(path, line, 1, LINTER, rule, message, severity)
