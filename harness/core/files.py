"""Files of a project: those below the places that a configuration names; JSON and TOML in them.

What is wrong with a text that others wrote is a ValueError, whatever it is.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from harness.core.results import SQL


def find(places: Iterable[Path], suffixes: Collection[str] = SQL) -> list[Path]:
    """The files of a kind in and below places, each once, in the order of their paths."""
    found = [path for place in places for path in _below(place) if path.suffix in suffixes]
    return sorted(dict.fromkeys(found))


def _below(place: Path) -> Iterable[Path]:
    if place.is_file():
        return [place]
    return (path for path in place.rglob("*") if _is_file(path) and not _hidden(path, place))


def _is_file(path: Path) -> bool:
    """Whether it is one, or a link that leads nowhere: reading it says so."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def _hidden(path: Path, place: Path) -> bool:
    parts = path.relative_to(place).parts
    return any(part.startswith(".") or part in ("__pycache__", "node_modules") for part in parts)


def of_json(text: str) -> Any:
    """The value of a text. Raises ValueError, also for half a character in a string."""
    import json  # late: most runs read none

    try:
        value = json.loads(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def of_toml(text: str) -> dict[str, Any]:
    """The table of a text. Raises ValueError."""
    import tomllib  # late: some runs read none

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def table_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The table of that name; empty where there is none. Raises ValueError for another value."""
    found = document.get(name, {})
    if not isinstance(found, dict):
        said = f"{name}: a table is expected, not {found!r}"
        raise ValueError(said[:200])  # noqa: TRY004  of what was written, not of a program
    return found


BIG = 24_000
"""Bytes of SQL that take a server longer to run than what they make takes to copy."""
_FOLDERS = 200
"""Directories of a project that are looked at for it."""


def is_big(path: Path | None) -> bool:
    """Whether a schema may be worth to be stored; only the sizes of its files are looked at.

    It is asked before a server starts, so in a whole project a bounded part is looked at.
    """
    if path is None:
        return False
    if path.is_file():
        return path.stat().st_size >= BIG
    total = 0
    for folder, _, names in islice(os.walk(path), _FOLDERS):
        for name in names:
            if name.endswith(".sql"):
                with suppress(OSError):  # a link to nowhere, or gone: whoever reads it says so
                    total += Path(folder, name).stat().st_size
        if total >= BIG:
            return True
    return False
