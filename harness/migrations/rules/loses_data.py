"""The up migration deletes data that was in the tables.

DROP COLUMN, DROP TABLE and DELETE do. No down migration can bring the data back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from harness.core.results import Outcome
from harness.migrations.rules.base import Observed, Report


class LosesData:
    """Rows or values that an up and a down do not bring back."""

    id: ClassVar[str] = "loses-data"
    outcome: ClassVar[Outcome] = Outcome.ADVICE
    of_statement: ClassVar[bool] = False

    def judge(self, seen: Observed) -> Iterable[Report]:
        """One that names every table."""
        if gone := seen.losses.by_up:
            said = "\n".join(["the up migration takes away what was in the tables", *gone])
            yield Report(seen.step.path, 1, said)
