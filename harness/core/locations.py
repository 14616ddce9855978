"""``path.sql:LINE``, as arguments and failure messages name a place (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_PLACE = re.compile(r"(?P<path>.+\.(?:sql|pg)):(?P<line>[1-9]\d*)$")


SQL = (".sql", ".pg")
"""What the names of SQL files end with; ``.pg`` is pg_prove's own."""

PROPERTIES = "properties"
"""The directory, which is none, that properties of a schema are named under in results."""


def place(text: str) -> tuple[str, int | None]:
    """``path.sql:LINE`` taken apart; the line is None for a path without one."""
    match = _PLACE.match(text)
    if match is None or Path(text).exists():
        return text, None
    return match["path"], int(match["line"])


def lines_of(places: Sequence[str]) -> dict[Path, frozenset[int]]:
    """The lines asked for of each file that is not asked for as a whole."""
    lines: dict[Path, frozenset[int]] = {}
    for path, line in map(place, places):
        if line is not None:
            resolved = Path(path).resolve()
            lines[resolved] = lines.get(resolved, frozenset()) | {line}
    return lines
