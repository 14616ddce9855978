"""A table with rows is rewritten while nobody else can use it.

ALTER TABLE rewrites a table if a column gets another type, or if a new column has a volatile
default. The larger the table, the longer this takes. ALTER TABLE holds ACCESS EXCLUSIVE until the
transaction ends.
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
