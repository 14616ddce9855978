"""A table with rows is read from end to end while nobody else can use it.

ADD CONSTRAINT ... CHECK and SET NOT NULL read all rows. NOT VALID and a later VALIDATE
CONSTRAINT let others go on meanwhile.
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
