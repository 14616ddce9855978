"""The tables of ``[tool.harness]``: their keys, and what belongs there."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Keys = Mapping[str, tuple[type, str]]
"""Key -> type and what is expected, in words."""

PROPERTIES: Keys = {
    "enabled": (bool, "true or false"),
    "tenant": (str, "the name of a column"),
    "examples": (int, "a number"),
    "allow": (dict, "a table of property = reason"),
    "record": (str, "the path of a file"),
}


LISTED = 40
"""Names that are listed where none is near; more would hide the message."""

MIGRATIONS: Keys = {
    "enabled": (bool, "true or false"),
    "blocked": (float, "a number of seconds such as 1.0"),
    "rows": (int, "a number"),
    "many": (int, "a number"),
    "reversible": (bool, "true or false"),
    "allow": (dict, "a table of revision::rule = reason"),
}


def checked(name: str, known: Keys, value: Any) -> dict[str, Any]:
    """The table of that name. Raises TypeError, ValueError for what does not belong there."""
    if not isinstance(value, dict):
        raise TypeError(f"a table is expected: [tool.harness.{name}]")
    for key, given in value.items():
        if key not in known:
            raise ValueError(f"unknown key {key!r}{nearest(key, list(known))}")
        kind, wanted = known[key]
        whole = kind is float and type(given) is int
        if type(given) is not kind and not whole:
            raise ValueError(f"{key}: {wanted} is expected, not {given!r}")
    return value


def closest(word: str, known: Iterable[str], cutoff: float = 0.5) -> str | None:
    """The known word nearest to a wrong one, if any is near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)), None)


def nearest(word: str, known: Collection[str]) -> str:
    """``; did you mean 'x'?`` for the known word nearest to a wrong one, else the list if short."""
    if close := closest(word, known):
        return f"; did you mean {close!r}?"
    return f"; known: {', '.join(sorted(known))}" if len(known) <= LISTED else ""


def matching_nothing(patterns: Iterable[str], known: Collection[str]) -> str | None:
    """The first pattern that fits none of the names, with the nearest of them; None: all do."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            return f"{pattern!r} matches nothing{nearest(pattern, known)}"
    return None
