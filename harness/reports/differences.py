"""Rows that differ, aligned for the eye: what results_eq(), set_eq() and their like print.

Rows arrive as PostgreSQL writes records, ``(22,"Bob B.",)``. Cells are shown as they are
written there, so that an empty text and a NULL stay apart, and so are the parentheses,
since a range or a point looks like a record too. What is no such row is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from harness.reports.terminal import columns, padded

WIDE = 100
"""Columns of a terminal beyond which extra and missing rows do not fit side by side."""

# Rows with control characters cannot be aligned: nobody knows how wide a tab is shown. What
# follows the last row must not look like another one, which would then be taken for less.
_ROW = r"\([^\x00-\x1f\x7f]*\)"
_PAIR = re.compile(
    rf"^(?P<indent> *)have: (?P<have>{_ROW})\n(?P=indent)want: (?P<want>{_ROW})"
    r"(?=\s*\Z|\n(?P=indent)ERROR: )",
    re.MULTILINE,
)
_SETS = re.compile(
    rf"^(?P<indent> *)Extra records:\n(?P<extra>(?:(?P=indent) {{4}}{_ROW}\n)+)"
    rf"(?P=indent)Missing records:(?P<missing>(?:\n(?P=indent) {{4}}{_ROW})+)(?=\s*\Z)",
    re.MULTILINE,
)
# PostgreSQL quotes every cell with a space in it, which tells rows from most other text.
_CELL = re.compile(r'"(?:[^"\\]|""|\\.)*"|[^\s,"\\()]*')

Cells = list[str]


def aligned(diagnostics: str) -> str:
    """The diagnostics of an assertion with their rows in columns."""
    return _SETS.sub(_extra_and_missing, _PAIR.sub(_one_below_the_other, diagnostics))


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
    if have is None or want is None or len(have) != len(want) or len(have) == 1:
        return pair[0]
    rows = zip(("have: ", "want: "), _columns([have, want]), strict=True)
    lines = [label + row for label, row in rows]
    if have != want:
        lines.append(" " * len("have: (") + _marks(have, want))
    return "\n".join(pair["indent"] + line for line in lines)


def _marks(have: Cells, want: Cells) -> str:
    """A line with a mark below each column whose cells differ, however little shows."""
    both = zip(have, want, _widths([have, want]), strict=True)
    marks = [("" if a == b else "^" * width).ljust(width) for a, b, width in both]
    return "   ".join(marks).rstrip()


def _extra_and_missing(sets: re.Match[str]) -> str:
    extra, missing = sets["extra"].splitlines(), sets["missing"].splitlines()[1:]
    parsed = [cells(line.strip()) for line in (*extra, *missing)]
    rows = [row for row in parsed if row is not None]
    if len(rows) < len(parsed) or len(set(map(len, rows))) > 1:
        return sets[0]
    lines = [f"    {line}" for line in _columns(rows)]
    left = ["Extra records:", *lines[: len(extra)]]
    right = ["Missing records:", *lines[len(extra) :]]
    beside = _side_by_side(left, right)
    fits = len(sets["indent"]) + max(map(columns, beside)) <= WIDE
    return "\n".join(sets["indent"] + line for line in (beside if fits else [*left, *right]))


def _side_by_side(left: Sequence[str], right: Sequence[str]) -> list[str]:
    width = max(map(columns, left)) + 4
    pairs = zip_longest(left, right, fillvalue="")
    return [(padded(a, width) + b).rstrip() for a, b in pairs]


def _columns(rows: Sequence[Cells]) -> list[str]:
    """Rows of equal length as lines in which every column starts at the same place."""
    widths = _widths(rows)
    return [f"({' │ '.join(map(padded, row, widths))})" for row in rows]


def _widths(rows: Sequence[Cells]) -> list[int]:
    return [max(1, *map(columns, column)) for column in zip(*rows, strict=True)]
