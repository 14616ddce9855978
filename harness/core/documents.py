"""JSON and TOML that others wrote: what is wrong with a text is a ValueError, whatever it is."""

from __future__ import annotations

from typing import Any


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
