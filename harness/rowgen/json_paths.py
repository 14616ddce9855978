"""JSON paths: the parts of a document that one looks for, and what they may be (pure).

``$.lines[*].price ? (@ > 10)`` looks for ``("lines", 0, "price")``, and 10 is worth trying there.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""Keys of a document and places in its arrays, or the field of a composite value."""

_STEP = re.compile(
    r"\s*(?:\.\s*(?:\"(?P<quoted>[^\"]+)\"|(?P<key>[A-Za-z_]\w*))|\[\s*(?P<at>\*|\d+)\s*\])"
)
"""``.key``, ``."a key"``, ``[*]``, ``[0]``."""
_COMPARED = re.compile(
    r"(?P<root>[@$])(?P<steps>[^\s=<>!&|()?]*)\s*(?:==|=|<>|!=|<=?|>=?|like_regex|starts with)\s*"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"|-?\d+(?:\.\d+)?|true|false|null)"
)
"""``@.price > 10``, ``$.state == "open"``."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def sought(path: str) -> list[tuple[Path, list[str]]]:
    """Each part that a JSON path asks about, with JSON of values on both sides of what it asks."""
    if "$" not in path:
        return []
    base = _steps(path[path.index("$") + 1 :])
    found = [
        ((*(base if one["root"] == "@" else ()), *_steps(one["steps"])), _beside(one["value"]))
        for one in _COMPARED.finditer(path)
    ]
    return found or [(base, ["1", '"a"'])] * bool(base)


def _steps(text: str) -> Path:
    """The keys and places with which a text begins."""
    steps: list[str | int] = []
    start = 0
    while match := _STEP.match(text, start):
        at = match["at"]
        steps.append((match["quoted"] or match["key"]) if at is None else int(at.replace("*", "0")))
        start = match.end()
    return tuple(steps)


def _beside(value: str) -> list[str]:
    if not _NUMBER.fullmatch(value):
        return [value, '"a"']
    return [value, f"{float(value) + 1:g}", f"{float(value) - 1:g}"]
