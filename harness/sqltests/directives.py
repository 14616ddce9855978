"""What a test file says to the harness itself, in comments of its own.

::

    -- harness: isolation=clone
    -- harness: tags=slow,rls
    -- harness: setup

``isolation=clone`` gives the file a database of its own, ``isolation=server`` also the
server to itself while it runs. ``tags`` are what ``--tag`` and ``--not-tag`` choose by. All
other files start from what a ``setup`` leaves.
``-- harness: allow RULE reason`` is a linter's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import ScriptError
from harness.core.text import nearest

ISOLATIONS = ["clone", "server"]
_LINE = re.compile(rb"^[ \t]*--[ \t]*harness:(.*)$", re.MULTILINE)
_TAG = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Directives:
    """What the comments of one file ask for."""

    isolation: str = ""
    tags: frozenset[str] = frozenset()
    setup: bool = False


def read(content: bytes, path: Path) -> Directives:
    """The directives of a file. Raises ScriptError for what is none."""
    isolation, tags, setup = "", set[str](), False
    for match in _LINE.finditer(content) if b"harness:" in content else ():
        line = content.count(b"\n", 0, match.start()) + 1
        words = match[1].decode("utf-8", "replace").split()
        for word in [] if words[:1] == ["allow"] else words:  # what follows is for linters
            key, _, value = word.partition("=")
            if key == "isolation" and value in ISOLATIONS:
                isolation = value
            elif key == "tags" and all(map(_TAG.fullmatch, value.split(","))):
                tags.update(value.split(","))
            elif word == "setup":
                setup = True
            else:
                raise ScriptError(path, line, _complaint(key, value))
    return Directives(isolation, frozenset(tags), setup)


def sets_up(content: bytes) -> bool:
    """Whether a file says that it is a setup; what else it says is not looked at."""
    return any(b"setup" in match[1].split() for match in _LINE.finditer(content))


def _complaint(key: str, value: str) -> str:
    if key == "isolation":
        return f"isolation={value}: {nearest(value, ISOLATIONS).removeprefix('; ')}"
    if key == "tags":
        return f"tags={value}: words with commas between them are expected, as in tags=slow,rls"
    return f"unknown directive {key!r}{nearest(key, ['isolation', 'setup', 'tags'])}"
