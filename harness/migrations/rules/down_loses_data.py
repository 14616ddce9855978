"""The down migration deletes data that the up migration had kept.

The rows or values were in the tables before the up migration, and still there after it. The down
migration need not delete them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from harness.core.results import Outcome
from harness.migrations.rules.base import Observed, Report


class DownLosesData:
    """Rows or values that are still there after the up, and gone after the down."""

    id: ClassVar[str] = "down-loses-data"
    outcome: ClassVar[Outcome] = Outcome.FAILED
    of_statement: ClassVar[bool] = False

    def judge(self, seen: Observed) -> Iterable[Report]:
        """One that names every table."""
        if gone := seen.losses.by_down:
            said = "\n".join(["the down migration takes away what was in the tables", *gone])
            yield Report(seen.step.down_path, 1, said)
