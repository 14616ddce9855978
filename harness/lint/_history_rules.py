"""What can be wrong with the migrations of a schema taken together; each check is a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness.sources import Migration

DUPLICATE, ONE_WAY = "HL07", "HL08"
Told = tuple[Path, int, str, str]
"""File, line, code, message."""
_UP = re.compile(r"(?:^|[._-])(?:up|do)(?:[._-]|$)", re.IGNORECASE)
_VERSION = re.compile(r"[vV]?(\d+)(?=[^\d.]|$)")


def duplicate_version(migrations: Sequence[Migration]) -> Iterator[Told]:
    """Two migrations with one number: which is first is decided by the rest of their names."""
    # Of programs the tool knows the order: Django counts in each app anew.
    files = [one for one in migrations if one.up.suffix == ".sql"]
    numbers = {one: _VERSION.match(one.up.name) for one in files}
    owners: dict[int, Migration] = {}
    for one, match in numbers.items():
        if match is None:
            continue
        other = owners.setdefault(int(match[1]), one)
        if other is not one:
            yield one.up, 1, DUPLICATE, f"version {match[1]} is {other.up.name} already"


def one_way(migrations: Sequence[Migration]) -> Iterator[Told]:
    """A migration that cannot be undone, where most others can."""
    lonely = [one for one in migrations if one.down is None]
    if len(lonely) * 2 >= len(migrations):
        return
    # A name without "up" beside pairs says that there is to be no down migration.
    pairs = any(one.down not in (None, one.up) for one in migrations)
    forgotten = [one for one in lonely if not pairs or _UP.search(one.up.name)]
    for one in forgotten:
        yield one.up, 1, ONE_WAY, f"{one.name} has no down migration, unlike its neighbours"


HISTORY_CHECKS: tuple[Callable[[Sequence[Migration]], Iterator[Told]], ...] = (
    duplicate_version,
    one_way,
)
