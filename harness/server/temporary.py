"""Where an ephemeral server lives: in memory where there is enough of it.

A clone of a template is some 230 small files. A file system in memory makes them in a
few milliseconds; a disk can take a hundred times as long while others use it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from harness.errors import ConfigError
from harness.server.account import Account

MEMORY = Path("/dev/shm")  # noqa: S108  its permissions are those of /tmp
ENOUGH = 2 << 30
"""Bytes that must be free in memory; containers often have 64 MB."""

LONGEST = 80
"""Bytes of a directory's path, so that a socket in it stays below 103."""


def make(configured: Path | None, account: Account) -> Path:
    """A new directory for a server, private to the account.

    Raises ConfigError where the configured place cannot be used.
    """
    parent = configured or _default(account)
    try:
        folder = Path(tempfile.mkdtemp(prefix="harness-", dir=parent))
    except OSError as error:
        raise ConfigError(f"temp_dir: cannot write to {parent}: {error.strerror}") from None
    if len(os.fsencode(folder)) > LONGEST or not _reachable(parent, account):
        folder.rmdir()
        raise ConfigError(f"temp_dir: {parent} is too long, or closed to account {account.name!r}")
    return folder


def _default(account: Account) -> Path:
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK)
    if usable and shutil.disk_usage(MEMORY).free >= ENOUGH:
        return MEMORY
    disk = Path(tempfile.gettempdir()).resolve()
    short = len(os.fsencode(disk)) <= LONGEST - len("/harness-xxxxxxxx")
    return disk if short and _reachable(disk, account) else Path("/tmp")  # noqa: S108


def _reachable(folder: Path, account: Account) -> bool:
    """Whether the account can enter a directory; ours may be closed to all but us."""
    if account.uid == os.geteuid():
        return True
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))
