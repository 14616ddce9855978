"""Values that later runs read again: files in an entry of the cache, each whole or not there."""

from __future__ import annotations

import os
import pickle
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from harness.postgres.server.cache import UNUSED_DAYS

Kept = TypeVar("Kept")

_OURS = re.compile(r"[0-9a-f]{32}|\.tmp\w+\.part")
_DAMAGED = (
    *(OSError, pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError),
    *(KeyError, TypeError, ValueError),
)
"""What reading a damaged pickle raises, by the manual and a few more."""


def recall(path: Path, kind: type[Kept]) -> Kept | None:
    """The value of a file; None where there is none, or none of our making."""
    try:
        found = pickle.loads(path.read_bytes())  # noqa: S301  a cache of ours alone
        os.utime(path)
    except _DAMAGED:
        return None
    return found if isinstance(found, kind) else None


def keep(path: Path, value: object) -> None:
    """Write a value, whoever else writes, and forget those that nobody has asked for in long."""
    content = pickle.dumps(value)
    with suppress(OSError):  # a convenience, and no reason to fail
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=".tmp", suffix=".part", delete=False
        ) as file:
            file.write(content)
        Path(file.name).replace(path)
        _prune(path.parent)


def _prune(folder: Path) -> None:
    oldest = time.time() - UNUSED_DAYS * 86_400
    for path in folder.iterdir():
        with suppress(OSError):  # another process was first
            if _OURS.fullmatch(path.name) and path.lstat().st_mtime < oldest:
                path.unlink()
