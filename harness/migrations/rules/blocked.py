"""A second session waits for a table longer than the configuration allows.

The migration holds a lock on the table until its transaction ends. ``[tool.harness.migrations]
blocked`` is the number of seconds that a session may wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from harness.core.results import Outcome
from harness.migrations.lock_findings import waited_for, words_for_rows
from harness.migrations.rules.base import Observed, Report


class Blocked:
    """The second session gave up."""

    id: ClassVar[str] = "blocked"
    outcome: ClassVar[Outcome] = Outcome.FAILED
    of_statement: ClassVar[bool] = True

    def judge(self, seen: Observed) -> Iterable[Report]:
        """One for each time, at the statement that it waited for."""
        for wait in seen.waits:
            if wait.gave_up:
                by = waited_for(wait, seen.locks)
                where, line = (by.location if by else None) or (seen.step.path, 1)
                held = f"{by.words} on " if by else ""
                message = (
                    f"a second session waited more than {seen.limits.blocked:g} s to {wait.what}"
                    f" {wait.table}: the migration holds {held}{wait.table}{words_for_rows(by)}"
                    " until its transaction ends"
                )
                yield Report(where, line, message)
