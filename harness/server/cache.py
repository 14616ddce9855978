"""Directories that are built once and kept: the only thing the harness leaves on a disk.

An entry is complete or absent: it is built beside its place and renamed into it, so
two processes that build the same entry at once both succeed, and a process that dies
half-way leaves nothing that anybody would take for an entry.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

from harness.errors import ConfigError

APPLICATION = "pgtap-harness"
UNUSED_DAYS = 30
ABANDONED_DAYS = 1


class Cache:
    """A directory of ours with one sub-directory per entry."""

    def __init__(self, configured: Path | None = None) -> None:
        self.root = _usable(configured)

    def entry(self, name: str, build: Callable[[Path], None]) -> Path:
        """The directory of an entry; ``build(directory)`` fills it where there is none."""
        ready = self.root / name
        if not ready.exists():
            self._prune()
            self._build(ready, build)
        os.utime(ready)
        return ready

    def _build(self, ready: Path, build: Callable[[Path], None]) -> None:
        staging = Path(tempfile.mkdtemp(prefix=f".{ready.name}-", dir=self.root))
        try:
            build(staging)
            with contextlib.suppress(OSError):  # another process was first: use its entry
                staging.rename(ready)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        if not ready.is_dir():
            raise ConfigError(f"cannot write to the cache directory {self.root}")

    def _prune(self) -> None:
        """Remove entries that nobody has used for long, and what crashed builds left."""
        for path in self.root.iterdir():
            days = ABANDONED_DAYS if path.name.startswith(".") else UNUSED_DAYS
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - days * 86_400:
                    shutil.rmtree(path)


def key(*parts: object) -> str:
    """A short name that differs when any part does."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def _usable(configured: Path | None) -> Path:
    """The first place that can be written and that nobody else can write to."""
    if configured is not None:
        return _prepared(configured)
    as_root = os.geteuid() == 0
    # Root's own cache lies under a home directory that the server's account cannot enter.
    default = platformdirs.site_cache_path if as_root else platformdirs.user_cache_path
    fallback = Path(tempfile.gettempdir()) / f"{APPLICATION}-{os.geteuid()}"
    try:
        return _prepared(default(APPLICATION))
    except ConfigError:
        return _prepared(fallback)


def _prepared(root: Path) -> Path:
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o755)
        status = root.stat()
    except OSError as error:
        raise ConfigError(
            f"cannot use the cache directory {root}: {error.strerror}; name another with"
            " HARNESS_CACHE_DIR"
        ) from error
    if status.st_uid != os.geteuid() or status.st_mode & 0o022 or not os.access(root, os.W_OK):
        raise ConfigError(
            f"the cache directory {root} must be ours and writable by nobody else; name another"
            " with HARNESS_CACHE_DIR"
        )
    return root
