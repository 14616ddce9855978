"""Digests: short texts that differ when what they are of differs, to remember things by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_OF_PROGRAM = (".py", ".sql", ".control", ".template")
"""What the names of files end with that decide what is found."""


def digest(*parts: object) -> str:
    """A short text that differs when any part does."""
    found = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        found.update(b"%d:" % len(data))
        found.update(data)
    return found.hexdigest()[:32]


def of_files(paths: Iterable[Path]) -> str:
    """That of the names and the contents of files, whether they are there or not."""
    return digest(*(part for path in paths for part in (path, content(path))))


def content(path: Path) -> bytes:
    """What is in a file; what no file holds where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b"\0gone"


@cache
def program() -> str:
    """A digest of the harness itself."""
    root = Path(__file__).parents[1]
    return of_files(sorted(path for path in root.rglob("*") if path.suffix in _OF_PROGRAM))
