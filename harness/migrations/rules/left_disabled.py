"""The up migration disables a trigger to change rows, and does not enable it again.

From then on the trigger never fires: no ``updated_at``, no audit row, no guard. A migration that
only disables a trigger means to, and this rule does not report it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from harness.core.results import Outcome
from harness.migrations.rules.base import Observed, Report

_ON = re.compile(r' ON (?:(?:"(?:[^"]|"")+"|\w+)\.)?(?:"((?:[^"]|"")+)"|(\w+))$')
"""The table in the identity of a trigger: ``touch ON public.notes``."""
_WRITES = r'\b(?:UPDATE|INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|COPY)\s+(?:ONLY\s+)?(?:[\w"]+\.)?'


class LeftDisabled:
    """A trigger that fired before, and that is disabled by a migration which changes rows."""

    id: ClassVar[str] = "left-disabled"
    outcome: ClassVar[Outcome] = Outcome.FAILED
    of_statement: ClassVar[bool] = False

    def judge(self, seen: Observed) -> Iterable[Report]:
        """One for each trigger."""
        for change in seen.changes.changed:
            old, new = change.old or "", change.new or ""
            disabled = new.endswith(" DISABLED") and not old.endswith(" DISABLED")
            if change.kind == "trigger" and disabled and _writes(seen.step.path, change.identity):
                said = (
                    f"the migration disables the trigger {change.identity} to change rows, and does"
                    " not enable it again"
                )
                yield Report(seen.step.path, 1, said)


def _writes(path: Path, identity: str) -> bool:
    """Whether a migration's file changes rows of a trigger's table."""
    table = _ON.search(identity)
    if table is None or not path.is_file():
        return False
    name = re.escape(table[1] or table[2])
    text = path.read_text(encoding="utf-8", errors="replace")
    return re.search(rf'{_WRITES}"?{name}(?!\w)', text, re.IGNORECASE) is not None
