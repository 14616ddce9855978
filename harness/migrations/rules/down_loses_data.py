"""The way down takes away what was in the tables before the way up.

The way up had left it alone, so the way down need not lose it.
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
