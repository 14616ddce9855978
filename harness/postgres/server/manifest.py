"""What a directory held when it was complete, so that damage is noticed before it is used.

A line for each file has its size, a checksum and its path; directories and links have the path.
To look at a directory takes one ``lstat`` for each line. A file that was written after the
manifest is read through: its size may be right and its content wrong. What came into the directory
later is nobody's concern here.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

NAME = "manifest"
_AT_ONCE = 16
"""Files that are written to the disk at the same time."""


def write(folder: Path) -> None:
    """Write the manifest of a directory. All of it is on the disk when this returns."""
    from concurrent.futures import ThreadPoolExecutor  # late: few runs write one

    lines = []
    paths = [*_below(folder)]
    for path, is_file in paths:
        size = crc = ""
        if is_file:
            size, crc = map(str, _content(str(folder / path)))
        lines.append(os.fsencode(f"{size}\t{crc}\t{path}\n"))
    # A file system writes what several ask for at once together: a tenth of the time.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_sync, (folder / path for path, _ in paths)))
    (folder / NAME).write_bytes(b"".join([*lines, _end(len(lines))]))
    _sync(folder / NAME)
    _sync(folder)


def damage(folder: Path) -> str:
    """What is wrong with a directory that has a manifest; empty where nothing is."""
    manifest = folder / NAME
    try:
        written = manifest.stat().st_mtime_ns
        *lines, last = os.fsdecode(manifest.read_bytes()).split("\n")[:-1] or [""]
    except OSError as error:
        return f"{NAME}: {error.strerror}"
    if f"{last}\n".encode() != _end(len(lines)):
        return f"{NAME} is not complete"
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
                if _content(inside + path) != (int(size), int(crc)):
                    return f"{path} has another content"
        except OSError as error:
            return f"{path}: {error.strerror}"
    if anew:  # it was copied: once is enough
        os.utime(manifest)
    return ""


def _end(lines: int) -> bytes:
    return b"%d lines\n" % lines


def _below(folder: Path) -> Iterator[tuple[str, bool]]:
    """The paths below a directory, and whether each is a file, which a link is not."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder)), stat.S_ISREG(path.lstat().st_mode)


def _content(path: str) -> tuple[int, int]:
    """The size and a checksum of a file."""
    size = crc = 0
    with open(path, "rb") as file:  # noqa: PTH123  a path for each of a thousand takes time
        while part := file.read(1 << 20):
            size, crc = size + len(part), zlib.crc32(part, crc)
    return size, crc


def _sync(path: Path) -> None:
    """Have a file or a directory on the disk; a link has nothing of its own to write."""
    if path.is_symlink():
        return
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
