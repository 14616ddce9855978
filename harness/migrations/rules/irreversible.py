"""A revision cannot be undone, although the configuration requires it.

It has no down migration, or one that undoes nothing. ``reversible = true`` in
``[tool.harness.migrations]`` requires that every revision can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from harness.core.results import Outcome
from harness.migrations.rules.base import Observed, Report


class Irreversible:
    """There is no down migration, or one that does nothing."""

    id: ClassVar[str] = "irreversible"
    outcome: ClassVar[Outcome] = Outcome.FAILED
    of_statement: ClassVar[bool] = False

    def judge(self, seen: Observed) -> Iterable[Report]:
        """One at most."""
        step = seen.step
        if not seen.limits.reversible:
            return
        if step.down is None:
            yield Report(step.path, 1, "there is no down migration")
        elif not seen.undoes:
            yield Report(step.down_path, 1, "the down migration undoes nothing")
