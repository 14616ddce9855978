"""Where the tests' files are: in memory, where a system has enough of it.

The tests make and remove some hundred thousand small files: data directories, projects, copies of
packages. A disk's file system took a fourth of a run's time for that, most of it to find a number
for a new file among those that had just been removed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.postgres.server.datadir import ENOUGH, MEMORY

DISK = Path("/tmp")
"""Short, and open to every account: sockets and servers of another account are below it."""


def in_memory() -> bool:
    """Whether files can be in memory, and programs be run from there: a container's may not."""
    if not os.access(MEMORY, os.W_OK | os.X_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(MEMORY).free >= ENOUGH


def use_memory() -> None:
    """Have this process and its children make temporary files there, unless told where to."""
    if "TMPDIR" not in os.environ and in_memory():
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@contextmanager
def short_directory() -> Iterator[Path]:
    """An empty directory with a short path that every account can enter."""
    parent = MEMORY if in_memory() else DISK
    with tempfile.TemporaryDirectory(prefix="h-", dir=parent) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
