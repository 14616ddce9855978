"""A table with rows is written anew while nobody else can use it.

ALTER TABLE writes a table anew for another type, or for a column with a volatile default. That
takes as long as the table is large, and ACCESS EXCLUSIVE is held until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from harness.core.results import Outcome
from harness.migrations.lock_findings import held_through
from harness.migrations.rules.base import Observed, Report


class Rewrite:
    """ACCESS EXCLUSIVE while all rows are written."""

    id: ClassVar[str] = "rewrite"
    outcome: ClassVar[Outcome] = Outcome.ADVICE
    of_statement: ClassVar[bool] = True

    def judge(self, seen: Observed) -> Iterable[Report]:
        """One for each table."""
        for lock in seen.locks:
            if lock.rewritten and lock.rows:
                yield Report(*held_through(seen.step.path, lock, "written anew"))
