"""Which locks are too much, and which tables a second session should use meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.core.text import count
from harness.migrations.revision_result import MODES, Locked, Wait
from harness.postgres.schema_model import Name

_BLOCKS_WRITES = MODES.index("ShareLock")
_WRITES = MODES.index("RowExclusiveLock")


def held_through(path: Path, lock: Locked, what: str) -> tuple[Path, int, str]:
    """Place and message for a table that nobody could use for longer than a change takes."""
    where, line = lock.location or (path, 1)
    message = (
        f"{lock.relation} ({count(lock.rows, 'row')}) is {what} under {lock.words}:"
        " nobody reads or writes it until the transaction ends"
    )
    return where, line, message


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


def waited_for(wait: Wait, locks: Sequence[Locked]) -> Locked | None:
    """The lock that a second session waited for: the first that is strong enough, else any."""
    at_least = MODES.index(MODES[-1]) if wait.what == "read" else _BLOCKS_WRITES
    blocking = [one for one in locks if one.relation == wait.table and one.location]
    by = next((one for one in blocking if one.strength >= at_least), None)
    return by or next(iter(blocking), None)


def words_for_rows(lock: Locked | None) -> str:
    """`` (1,000 rows)``; empty where there are none."""
    return f" ({count(lock.rows, 'row')})" if lock and lock.rows else ""
