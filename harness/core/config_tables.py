"""The tables of ``[tool.harness]``: their keys, and what belongs there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.core.text import nearest

Keys = Mapping[str, tuple[type, str]]
"""Key -> type and what is expected, in words."""

PROPERTIES: Keys = {
    "enabled": (bool, "true or false"),
    "tenant": (str, "the name of a column"),
    "examples": (int, "a number"),
    "allow": (dict, "a table of property = reason"),
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
