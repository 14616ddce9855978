"""What was found before: findings by the key of what they were found in."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from harness.core.findings import Finding
from harness.lint.base import Unit
from harness.postgres.server.cache import UNUSED_DAYS, Cache

ENTRY = "findings"
_OURS = re.compile(r"[0-9a-f]{32}|\.tmp\w+\.part")
"""Names of the files: a unit's key, and what is not in its place yet."""


class Memory:
    """A directory of the cache with a file for each unit; complete or absent, whoever races."""

    def __init__(self, cache: Cache) -> None:
        self._place = cache.entry(ENTRY, lambda _: None)

    def knows(self, unit: Unit) -> bool:
        """Whether there may be something to recall of a unit."""
        return unit.key is not None and (self._place / unit.key).exists()

    def recall(self, unit: Unit) -> list[Finding] | None:
        """What was found in a unit; None where nobody has looked, or nothing can be told."""
        if unit.key is None:
            return None
        path = self._place / unit.key
        try:
            found = [_finding(one, unit) for one in json.loads(path.read_bytes())]
            os.utime(path)
        except (OSError, ValueError, LookupError, TypeError):
            return None  # absent, or not of our making: looked at again, and written anew
        return found

    def keep(self, unit: Unit, found: Sequence[Finding]) -> None:
        """Remember what was found in a unit."""
        if unit.key is None:
            return
        described = [asdict(one) | {"path": unit.files.index(one.path)} for one in found]
        with tempfile.NamedTemporaryFile(
            "w", dir=self._place, prefix=".tmp", suffix=".part", delete=False
        ) as file:
            json.dump(described, file)
        Path(file.name).replace(self._place / unit.key)

    def prune(self) -> None:
        """Forget what nobody has asked for in a long time."""
        oldest = time.time() - UNUSED_DAYS * 86_400
        for path in self._place.iterdir():
            with contextlib.suppress(OSError):  # another process was first
                if _OURS.fullmatch(path.name) and path.lstat().st_mtime < oldest:
                    path.unlink()


def _finding(described: dict[str, object], unit: Unit) -> Finding:
    """A path is kept as its number in the unit, so that a moved checkout stays remembered."""
    number = described.pop("path")
    if not isinstance(number, int):
        raise TypeError("not a number of a file")
    return Finding(path=unit.files[number], **described)  # type: ignore[arg-type]
