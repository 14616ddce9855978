"""Which locks are too much, and which tables a second session should use meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.core.findings import Finding
from harness.core.text import count
from harness.migrations.concurrent_session import Wait
from harness.migrations.revision_result import MODES, Locked, finding
from harness.postgres.schema_model import Name

_BLOCKS_WRITES = MODES.index("ShareLock")
_WRITES = MODES.index("RowExclusiveLock")


def too_much(path: Path, locks: Iterable[Locked]) -> list[Finding]:
    """Tables with rows that nobody could read for longer than a change of the catalog takes."""
    return [_said(path, one) for one in locks if one.scanned and one.rows]


def _said(path: Path, lock: Locked) -> Finding:
    where, line = lock.location or (path, 1)
    what = "written anew" if lock.rewritten else "read from end to end"
    message = (
        f"{lock.relation} ({count(lock.rows, 'row')}) is {what} under {lock.words}:"
        " nobody reads or writes it until the transaction ends"
    )
    return finding(where, "rewrite" if lock.rewritten else "scan", message, line)


def contested(locks: Iterable[Locked]) -> list[Name]:
    """Tables whose rows others have to wait for: locked against writers, or written to."""
    strong = (one.relation for one in locks if one.rows and one.strength >= _WRITES)
    return list(dict.fromkeys(strong))


def read_through(locks: Iterable[Locked]) -> list[Name]:
    """Those where the number of rows counts, or where that cannot be told."""
    return list(dict.fromkeys(one.relation for one in locks if one.rows and _counts(one)))


def _counts(lock: Locked) -> bool:
    """Whether rows are, or may be, read or written under a lock."""
    only_catalog = lock.mode == MODES[-1] or lock.strength < _WRITES
    return lock.scanned or lock.location is None or not only_catalog


def waited_too_long(path: Path, wait: Wait, locks: Sequence[Locked], budget: float) -> Finding:
    """The finding for a second session that gave up, at the statement that it waited for."""
    at_least = MODES.index(MODES[-1]) if wait.what == "read" else _BLOCKS_WRITES
    blocking = [one for one in locks if one.relation == wait.table and one.location]
    by = next((one for one in blocking if one.strength >= at_least), None)
    by = by or next(iter(blocking), None)
    where, line = (by.location if by else None) or (path, 1)
    held = f"{by.words} on " if by else ""
    message = (
        f"a second session waited more than {budget:g} s to {wait.what} {wait.table}:"
        f" the migration holds {held}{wait.table}{count_of(by)} until its transaction ends"
    )
    return finding(where, "blocked", message, line)


def count_of(lock: Locked | None) -> str:
    """`` (1,000 rows)``; empty where there are none."""
    return f" ({count(lock.rows, 'row')})" if lock and lock.rows else ""
