"""A table with rows is scanned in full while nobody else can use it.

ADD CONSTRAINT ... CHECK and SET NOT NULL read all rows under ACCESS EXCLUSIVE. Instead, add the
constraint as NOT VALID and run VALIDATE CONSTRAINT in a later transaction: other sessions can then
use the table meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from harness.core.results import Outcome
from harness.migrations.lock_findings import held_through
from harness.migrations.rules.base import Observed, Report


class Scan:
    """ACCESS EXCLUSIVE while all rows are read."""

    id: ClassVar[str] = "scan"
    outcome: ClassVar[Outcome] = Outcome.ADVICE
    of_statement: ClassVar[bool] = True

    def judge(self, seen: Observed) -> Iterable[Report]:
        """One for each table."""
        for lock in seen.locks:
            if lock.scanned and lock.rows and not lock.rewritten:
                yield Report(*held_through(seen.step.path, lock, "scanned in full"))
