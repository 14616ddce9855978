"""Grids as text: identities down, commands across."""

from __future__ import annotations

from collections.abc import Mapping

from harness.access.survey import COMMANDS, Grid
from harness.access.writing import Cell

_SHORT = {"UPDATE sighted": "UPDATE WHERE", "DELETE sighted": "DELETE WHERE"}


def merged(grid: Grid) -> dict[str, dict[str, Cell]]:
    """The rows of a grid, those that are the same in all answers under all their names."""
    rows: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for identity, cells in grid.cells.items():
        key = tuple((command, cell.answer) for command, cell in cells.items())
        rows.setdefault(key, []).append(identity)
    return {", ".join(names): grid.cells[names[0]] for names in rows.values()}


def commands(rows: Mapping[str, Mapping[str, Cell]]) -> list[str]:
    """The columns that say something; a blind and a sighted write that are the same, once."""
    found = [name for name in COMMANDS if any(name in cells for cells in rows.values())]
    for name in ("UPDATE", "DELETE"):
        other = f"{name} sighted"
        same = all(
            name in c and other in c and c[name].answer == c[other].answer for c in rows.values()
        )
        if same:
            found.remove(other)
    idle = [
        name
        for name in ("GIVE", "TAKE", "UPSERT", "EXISTS")
        if all(c.get(name, Cell("none")).answer in ("none", "privilege") for c in rows.values())
    ]
    return [name for name in found if name not in idle]


def table(grid: Grid) -> list[list[str]]:
    """A heading and a line for each kind of identity."""
    rows = merged(grid)
    names = commands(rows)
    heading = [f"{grid.relation} as {grid.role}", *(_SHORT.get(name, name) for name in names)]
    lines = [
        [identity, *(cells[name].answer if name in cells else "" for name in names)]
        for identity, cells in rows.items()
    ]
    return [heading, *lines]


def text(grid: Grid) -> str:
    """For a terminal."""
    lines = table(grid)
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def is_shown(grid: Grid) -> bool:
    """Whether a role may do anything at all with a relation."""
    answers = {cell.answer for cells in grid.cells.values() for cell in cells.values()}
    return bool(answers - {"privilege", "none"})
