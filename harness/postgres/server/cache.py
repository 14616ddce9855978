"""Directories that are built once and kept: the only thing the harness leaves on a disk.

An entry is complete or absent: it is built beside its place, written to the disk and renamed into
its place, so two processes that build the same entry at once both succeed, and a process or a
machine that dies half-way leaves nothing that anybody would take for an entry. What is damaged
later differs from the entry's manifest, and is built again.

Somebody else's files may lie in the same directory, since anybody can name one. Nothing is
removed but what has a name of ours, a marker that we wrote, and our account as its owner; no
link is followed to it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from harness.core.errors import ConfigError
from harness.core.scratch import temporary

APPLICATION = "pgtap-harness"
UNUSED_DAYS = 30
ABANDONED_DAYS = 1
PREFIX = "harness-"
"""What the name of an entry begins with; a dot is in front of it while it is built or removed."""
MARKER = "CACHEDIR.TAG"
"""The file by which backups know a cache, too; its time is when the entry was last used."""
MANIFEST = "manifest"
"""The file that lists what an entry held when it was complete."""
_MADE = b"""Signature: 8a477f597d28d172789f06886806bc55
# Made by pgtap-harness, which removes this directory when nobody has used it for a while.
"""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
_OTHER = "name another with HARNESS_CACHE_DIR"


class Cache:
    """A directory of ours with one sub-directory per entry."""

    def __init__(self, configured: Path | None = None) -> None:
        self.root = _usable(configured)

    def entry(self, name: str, build: Callable[[Path], None]) -> Path:
        """The directory of an entry; ``build(directory)`` fills it where there is none.

        One that is not as it was when it was built is built again, once. Raises ConfigError
        where that is not possible.
        """
        ready = self.root / f"{PREFIX}{name}"
        if not _used(ready):
            self._prune()
            self._build(ready, build)
        elif damage(ready):
            self._heal(ready, build)
        return ready

    def place(self, name: str) -> Path:
        """Where an entry is or would be."""
        return self.root / f"{PREFIX}{name}"

    def discard_others(self, prefix: str, name: str, seconds: float) -> None:
        """Remove entries of the same prefix that have not been used for so long."""
        now = time.time()
        for path in self.root.glob(f"{PREFIX}{prefix}*"):
            used = _last_use(path)
            if path.name != f"{PREFIX}{name}" and used is not None and used < now - seconds:
                self._discard(path)

    def _heal(self, ready: Path, build: Callable[[Path], None]) -> None:
        """Build an entry again that is damaged; alone, or one of us would discard another's.

        It may be somebody's clean-up, a disk, a copy that was cut short: nothing that a run can go
        on with, and nothing that cannot be made again.
        """
        root = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(root, fcntl.LOCK_EX)
            if not (wrong := damage(ready)):  # another process was first
                return
            print(f"harness: {ready} is damaged ({wrong}) and built again", file=sys.stderr)
            self._discard(ready)
            self._build(ready, build)
        finally:
            os.close(root)

    def _build(self, ready: Path, build: Callable[[Path], None]) -> None:
        try:
            staging = Path(tempfile.mkdtemp(prefix=f".{ready.name}-", dir=self.root))
        except OSError as error:
            raise _unwritable(ready, error) from error
        try:
            (staging / MARKER).write_bytes(_MADE)  # first: whatever else is there can be removed
            build(staging)
            write_manifest(staging)
            with contextlib.suppress(OSError):  # another process was first: use its entry
                staging.rename(ready)
        except OSError as error:
            if error.errno in _NO_ROOM or isinstance(error, shutil.Error):
                raise _unwritable(ready, error) from error
            raise
        finally:
            if staging.exists():
                _remove(staging)
        if not _used(ready):
            raise ConfigError(
                f"{ready} is in the way: the harness did not make it; move it, or {_OTHER}"
            )
        if wrong := damage(ready):
            raise ConfigError(f"{ready} is damaged ({wrong}): remove it, or {_OTHER}")

    def _prune(self) -> None:
        """Remove entries that nobody has used for long, and what crashed builds left."""
        now = time.time()
        for path in self.root.iterdir():
            days = ABANDONED_DAYS if path.name.startswith(".") else UNUSED_DAYS
            used = _last_use(path)
            if used is not None and used < now - days * 86_400:
                self._discard(path)

    def _discard(self, path: Path) -> None:
        """Take an entry from its place, then remove it: nobody must find half of one."""
        aside = path
        if not path.name.startswith("."):
            aside = self.root / f".{path.name}-{os.getpid()}-{time.monotonic_ns()}"
            try:
                path.rename(aside)
            except OSError:  # another process was first
                return
        _remove(aside)


def _unwritable(ready: Path, error: OSError) -> ConfigError:
    """The error for an entry that the disk does not take."""
    reasons = map(os.strerror, _NO_ROOM)  # shutil's error is a list of many
    said = error.strerror or next((one for one in reasons if one in str(error)), str(error))
    return ConfigError(f"cannot write {ready}: {said}; make room there, or {_OTHER}")


def _used(ready: Path) -> bool:
    """Note that an entry is used; whether there is one, which a link never is."""
    try:
        os.utime(ready / MARKER, follow_symlinks=False)
    except OSError:
        return False
    return not ready.is_symlink()


def _last_use(path: Path) -> float | None:
    """When an entry, or what is to be or was one, was used last; None for what is not ours."""
    if not path.name.startswith((PREFIX, f".{PREFIX}")):
        return None
    try:
        folder, marker = path.lstat(), (path / MARKER).lstat()
        ours = folder.st_uid == marker.st_uid == os.geteuid()
        kinds = stat.S_ISDIR(folder.st_mode) and stat.S_ISREG(marker.st_mode)
        made = ours and kinds and (path / MARKER).read_bytes() == _MADE
    except OSError:  # no marker, or another process removes it at this moment
        return None
    return marker.st_mtime if made else None


def _remove(folder: Path) -> None:
    """Remove a directory of ours, its marker last, so that the rest is known if we are killed."""
    with contextlib.suppress(OSError):  # another process removes it, too
        for path in folder.iterdir():
            if path.name == MARKER:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        (folder / MARKER).unlink(missing_ok=True)
        folder.rmdir()


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
    try:
        return _prepared(default(APPLICATION))
    except (ConfigError, RuntimeError):  # RuntimeError: an account without a home directory
        return _fallback(as_root)


def _prepared(root: Path) -> Path:
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o755)
        status = root.stat()
    except OSError as error:
        raise ConfigError(
            f"cannot use the cache directory {root}: {error.strerror}; {_OTHER}"
        ) from error
    _refuse_others(root, status)
    return root


def _fallback(as_root: bool) -> Path:
    """A directory where every account can make some: private, and never through a link.

    Root's can be entered, not read, by the account that runs the server.
    """
    root = temporary() / f"{APPLICATION}-{os.geteuid()}"
    mode = 0o711 if as_root else 0o700
    try:
        with contextlib.suppress(FileExistsError):
            root.mkdir(mode=mode)
        status = root.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise ConfigError(f"the cache directory {root} is a link or a file: {_OTHER}")
        _refuse_others(root, status)
        root.chmod(mode)  # ours by now; what an earlier version made could be read by others
    except OSError as error:
        raise ConfigError(
            f"cannot use the cache directory {root}: {error.strerror}; {_OTHER}"
        ) from error
    return root


def _refuse_others(root: Path, status: os.stat_result) -> None:
    """ConfigError for a directory that is another account's, or that others can write to."""
    if status.st_uid != os.geteuid() or status.st_mode & 0o022 or not os.access(root, os.W_OK):
        raise ConfigError(
            f"the cache directory {root} must be ours and writable by nobody else; {_OTHER}"
        )


# --- the manifest ------------------------------------------------------------------------------
# A line for each file has its size, a checksum and its path; directories and links have the path.
# To look at a directory takes one ``lstat`` for each line. A file that was written after the
# manifest is read through: its size may be right and its content wrong. What came into the
# directory later is nobody's concern here.


_AT_ONCE = 16
"""Files that are written to the disk at the same time."""


def write_manifest(folder: Path) -> None:
    """Write the manifest of a directory. All of it is on the disk when this returns."""
    from concurrent.futures import ThreadPoolExecutor  # late: few runs write one

    lines = []
    paths = [*_everything_below(folder)]
    for path, is_file in paths:
        size = crc = ""
        if is_file:
            size, crc = map(str, _size_and_checksum(str(folder / path)))
        lines.append(os.fsencode(f"{size}\t{crc}\t{path}\n"))
    # A file system writes what several ask for at once together: a tenth of the time.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_flush, (folder / path for path, _ in paths)))
    (folder / MANIFEST).write_bytes(b"".join([*lines, _last_line(len(lines))]))
    _flush(folder / MANIFEST)
    _flush(folder)


def damage(folder: Path) -> str:
    """What is wrong with a directory that has a manifest; empty where nothing is."""
    manifest = folder / MANIFEST
    try:
        written = manifest.stat().st_mtime_ns
        *lines, last = os.fsdecode(manifest.read_bytes()).split("\n")[:-1] or [""]
    except OSError as error:
        return f"{MANIFEST}: {error.strerror}"
    if f"{last}\n".encode() != _last_line(len(lines)):
        return f"{MANIFEST} is not complete"
    inside, look, anew = f"{folder}/", os.lstat, False
    for line in lines:  # a thousand of them, at the start of every run
        size, crc, path = line.split("\t", 2)
        try:
            found = look(inside + path)
            if not crc:
                continue
            if found.st_size != int(size):
                return f"{path} has {found.st_size} bytes instead of {size}"
            if found.st_mtime_ns > written:
                anew = True
                if _size_and_checksum(inside + path) != (int(size), int(crc)):
                    return f"{path} has another content"
        except OSError as error:
            return f"{path}: {error.strerror}"
    if anew:  # it was copied: once is enough
        os.utime(manifest)
    return ""


def _last_line(lines: int) -> bytes:
    return b"%d lines\n" % lines


def _everything_below(folder: Path) -> Iterator[tuple[str, bool]]:
    """The paths below a directory, and whether each is a file, which a link is not."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder)), stat.S_ISREG(path.lstat().st_mode)


def _size_and_checksum(path: str) -> tuple[int, int]:
    """The size and a checksum of a file."""
    size = crc = 0
    with open(path, "rb") as file:  # noqa: PTH123  a path for each of a thousand takes time
        while part := file.read(1 << 20):
            size, crc = size + len(part), zlib.crc32(part, crc)
    return size, crc


def _flush(path: Path) -> None:
    """Have a file or a directory on the disk; a link has nothing of its own to write."""
    if path.is_symlink():
        return
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
