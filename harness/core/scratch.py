"""Directories for the length of a run, which are removed however the run ends.

A directory holds a file LOCK, which its user keeps locked. The kernel drops a lock when its holder
ends, also after SIGKILL. If the lock of a directory is free, nobody uses the directory any more,
and the next run removes it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from harness.core.errors import ConfigError

PREFIX = "harness-"
"""What the name of every such directory begins with."""
LOCK = "pgtap-harness.lock"
_NAME = re.compile(rf"{PREFIX}(?:[a-z]+-)?[a-z0-9_]{{8}}")
_NEW = f"{LOCK}.new"
"""The lock's name until it is locked: a lock that is free must not be found in a new directory."""
BEGUN = 60.0
"""Seconds after which a directory without a lock was left by a run that was killed as it began."""


class Scratch(NamedTuple):
    """A directory of ours."""

    path: Path
    lock: int | None
    """The file descriptor that keeps it; None where the file system knows no locks."""

    def release(self) -> None:
        """Leave it to whoever else has the descriptor."""
        if self.lock is not None:
            os.close(self.lock)


def make(name: str, parent: Path) -> Scratch:
    """A new directory, private to us. Raises OSError."""
    path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{name}", dir=parent))
    new = path / _NEW
    try:
        lock = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except BaseException:
        path.rmdir()
        raise
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError:  # some network file systems have no locks
        os.close(lock)
        new.unlink()
        return Scratch(path, None)
    new.rename(path / LOCK)
    return Scratch(path, lock)


def temporary() -> Path:
    """Where temporary files are. Raises ConfigError."""
    try:
        return Path(tempfile.gettempdir()).resolve()
    except FileNotFoundError as error:
        raise ConfigError(f"{error.strerror}: name one with TMPDIR") from None


@contextmanager
def directory(name: str) -> Iterator[Path]:
    """A new directory for temporary files for the length of a block. Raises ConfigError."""
    parent = temporary()
    sweep(parent)
    try:
        made = make(name, parent)
    except OSError as error:
        raise ConfigError(
            f"cannot write to {parent}: {error.strerror}; name another with TMPDIR"
        ) from None
    try:
        yield made.path
    finally:
        remove(made.path)
        made.release()


def remove(path: Path) -> None:
    """Remove a directory of ours, its lock last: a run that is killed meanwhile leaves a whole one.

    No link is followed, neither in it nor in its place. What refuses stays, with the lock, for the
    next run.
    """
    with suppress(OSError):  # it is gone, or something in it refuses
        place = _open(path)
        try:
            _empty(place)
        finally:
            os.close(place)
        path.rmdir()


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _empty(place: int) -> None:
    for name in os.listdir(place):
        if stat.S_ISDIR(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode):
            shutil.rmtree(name, ignore_errors=True, dir_fd=place)
        elif name != LOCK:
            os.unlink(name, dir_fd=place)
    if os.listdir(place) == [LOCK]:
        os.unlink(LOCK, dir_fd=place)


def sweep(parent: Path, owners: Collection[int] = ()) -> None:
    """Remove what runs that were killed have left in a directory.

    ``owners`` are accounts beside ours that a run gives such a directory to.
    """
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name):
                _remove_dead(Path(entry.path), {os.geteuid(), *owners})


def _remove_dead(path: Path, owners: Collection[int]) -> None:
    with suppress(OSError):  # it is no directory, or another run uses or removes it
        place = _open(path)
        try:
            found = os.fstat(place)
            if found.st_uid not in owners:
                return
            if (lock := _free(place)) is None:
                _remove_begun(path, place, found)
                return
            remove(path)
            os.close(lock)
        finally:
            os.close(place)


def _free(place: int) -> int | None:
    """The lock of a directory, now ours; None where it has none. OSError where it is in use."""
    try:
        lock = os.open(LOCK, os.O_RDWR | os.O_NOFOLLOW, dir_fd=place)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _remove_begun(path: Path, place: int, found: os.stat_result) -> None:
    """Remove a directory in which its run came no further than to its lock."""
    private = stat.S_IMODE(found.st_mode) == 0o700
    if private and found.st_mtime < time.time() - BEGUN and set(os.listdir(place)) <= {_NEW}:
        with suppress(FileNotFoundError):
            os.unlink(_NEW, dir_fd=place)
        path.rmdir()
