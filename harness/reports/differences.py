"""Rows that differ, aligned for the eye: what results_eq(), set_eq() and their like print.

Rows arrive as PostgreSQL writes records, ``(22,"Bob B.",)``. Cells are shown as they are
written there, so that an empty text and a NULL stay apart; what is no such row is left
as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

_PAIR = re.compile(
    r"^(?P<indent> *)have: (?P<have>\(.*\))\n(?P=indent)want: (?P<want>\(.*\))$", re.MULTILINE
)
_SETS = re.compile(
    r"^(?P<indent> *)Extra records:\n(?P<extra>(?:(?P=indent) {4}\(.*\)\n)+)"
    r"(?P=indent)Missing records:\n(?P<missing>(?:(?P=indent) {4}\(.*\)(?:\n|\Z))+)",
    re.MULTILINE,
)
_CELL = re.compile(r'(?:[^,"\\]|\\.|"(?:[^"\\]|\\.)*")*')

Cells = list[str]


def aligned(diagnostics: str) -> str:
    """The diagnostics of an assertion with their rows in columns."""
    return _SETS.sub(_side_by_side, _PAIR.sub(_one_below_the_other, diagnostics))


def cells(record: str) -> Cells | None:
    """The cells of a record as they are written in it; None for what is no record."""
    inner, found, position = record[1:-1], Cells(), 0
    while match := _CELL.match(inner, position):
        found.append(match[0])
        if match.end() == len(inner):
            return found
        if inner[match.end()] != ",":
            return None
        position = match.end() + 1
    return None


def _one_below_the_other(pair: re.Match[str]) -> str:
    have, want = cells(pair["have"]), cells(pair["want"])
    if have is None or want is None or len(have) != len(want):
        return pair[0]
    lines = _columns([have, want])
    widths = [max(_width(a), _width(b)) for a, b in zip(have, want, strict=True)]
    marks = [
        ("" if a == b else "^" * width).ljust(width)
        for a, b, width in zip(have, want, widths, strict=True)
    ]
    rows = zip(("have: ", "want: ", "      "), [*lines, "   ".join(marks).rstrip()], strict=True)
    return "\n".join(f"{pair['indent']}{label}{row}" for label, row in rows)


def _side_by_side(sets: re.Match[str]) -> str:
    sides = [sets[name].splitlines() for name in ("extra", "missing")]
    parsed = [[cells(line.strip()) for line in side] for side in sides]
    if any(row is None for side in parsed for row in side):
        return sets[0]
    blocks = [_columns([row for row in side if row is not None]) for side in parsed]
    width = max(map(_width, ["Extra records:", *(f"    {row}" for row in blocks[0])])) + 4
    lines = [_padded("Extra records:", width) + "Missing records:"]
    for left, right in zip_longest(*blocks):
        shown = f"    {left}" if left is not None else ""
        lines.append(_padded(shown, width) + (f"    {right}" if right is not None else ""))
    end = "\n" if sets[0].endswith("\n") else ""
    return "\n".join(f"{sets['indent']}{line.rstrip()}" for line in lines) + end


def _columns(rows: Sequence[Cells]) -> list[str]:
    """Rows as lines in which every column starts at the same place."""
    widths = [max(map(_width, column)) for column in zip_longest(*rows, fillvalue="")]
    return [" │ ".join(_fitted(row, widths)).rstrip() for row in rows]


def _fitted(row: Cells, widths: list[int]) -> Iterator[str]:
    return (_padded(cell, width) for cell, width in zip(row, widths, strict=False))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )
