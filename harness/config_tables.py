"""The tables of ``[tool.harness]``: their keys, and what belongs there."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

Keys = Mapping[str, tuple[type, str]]
"""Key -> type and what is expected, in words."""

PROPERTIES: Keys = {
    "enabled": (bool, "true or false"),
    "tenant": (str, "the name of a column"),
    "examples": (int, "a number"),
    "allow": (dict, "a table of promise = reason"),
    "record": (str, "the path of a file"),
}


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


def nearest(word: str, known: Mapping[str, Any] | list[str]) -> str:
    """``; did you mean 'x'?`` for the known word nearest to a wrong one, else the whole list."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(sorted(known))}"
