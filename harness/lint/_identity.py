"""What findings depend on besides the files: the versions of all code, and ours as it is."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from harness.core.errors import ScriptError


@cache
def installed() -> str:
    """A digest of what is installed beside us: linters, their plugins, servers, ourselves.

    The names of installed distributions hold their versions; asking importlib.metadata takes
    longer than all the rest of a run that has nothing to do. What is our own is read, since a
    checkout keeps its version while it changes.
    """
    digest = hashlib.sha256(sys.version.encode())
    for name in sorted(_distributions()):
        digest.update(name.encode() + b"\0")
    lint = Path(__file__).parent
    for path in sorted([*lint.rglob("*"), *(lint.parent / "access").rglob("*")]):
        if path.suffix in (".py", ".sql"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _distributions() -> Iterator[str]:
    for place in map(Path, dict.fromkeys(sys.path)):
        if place.is_dir():
            yield from (entry.name for entry in place.iterdir() if entry.suffix == ".dist-info")


def digest(*parts: bytes | str | None) -> str:
    """A short text that differs when any part does."""
    found = hashlib.sha256(installed().encode())
    for part in parts:
        data = b"-" if part is None else b"+" + (part.encode() if isinstance(part, str) else part)
        found.update(str(len(data)).encode() + b":" + data)
    return found.hexdigest()[:32]


def text(path: Path) -> str:
    """The text of a file. Raises ScriptError for what is not UTF-8."""
    content = contents(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ScriptError(path, line, "not valid UTF-8") from None


def contents(path: Path) -> bytes:
    """The bytes of a file. Raises ScriptError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ScriptError(path, 1, f"cannot be read: {error.strerror}") from None
