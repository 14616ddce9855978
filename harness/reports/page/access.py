"""Who may do what: a grid for each role and table, from what ``access`` found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from harness.core.results import Kind, Result, Run

_NOTHING = ("none", "privilege", "")
_TONES = {"all": "all", "own": "own", "none": "no", "privilege": "no", "policy": "no", "": "no"}
_SHORT = {"UPDATE sighted": "UPDATE WHERE", "DELETE sighted": "DELETE WHERE"}
_RARE = ("GIVE", "TAKE", "UPSERT", "EXISTS")

Cells = Mapping[str, Mapping[str, str]]
"""Identity -> command -> answer."""


class Cell(NamedTuple):
    """An answer, and the class that its colours go by."""

    answer: str
    tone: str


class Grid(NamedTuple):
    """What one role may do with a table."""

    role: str
    commands: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    """Identities that are answered alike, and the answers."""


class Relation(NamedTuple):
    """A table or view with its grids, and the roles that may do nothing with it."""

    name: str
    grids: tuple[Grid, ...]
    barred: tuple[str, ...]


def grids(run: Run) -> Iterator[tuple[str, str, Cells]]:
    """Relation, role and cells of every grid."""
    for result in _with_cells(run):
        facts: Mapping[str, Any] = result.facts
        yield str(facts["relation"]), str(facts["role"]), facts["cells"]


def _with_cells(run: Run) -> Iterator[Result]:
    for group in run.groups:
        if group.kind is Kind.ACCESS:
            yield from (result for result in group.results if "cells" in result.facts)


def may_nothing(cells: Cells) -> bool:
    """Whether nobody reaches anything."""
    return all(answer in _NOTHING for row in cells.values() for answer in row.values())


def relations(run: Run) -> tuple[Relation, ...]:
    """Every table and view that was tried."""
    found: dict[str, tuple[list[Grid], list[str]]] = {}
    for relation, role, cells in grids(run):
        shown, barred = found.setdefault(relation, ([], []))
        if may_nothing(cells):
            barred.append(role)
        else:
            shown.append(_grid(role, cells))
    return tuple(Relation(name, tuple(a), tuple(b)) for name, (a, b) in found.items())


def _grid(role: str, cells: Cells) -> Grid:
    commands = _commands(cells)
    rows: dict[tuple[str, ...], list[str]] = {}
    for identity, row in cells.items():
        rows.setdefault(tuple(row.get(name, "") for name in commands), []).append(identity)
    return Grid(
        role,
        tuple(_SHORT.get(name, name) for name in commands),
        tuple((", ".join(who), tuple(map(cell, answers))) for answers, who in rows.items()),
    )


def _commands(cells: Cells) -> list[str]:
    """The columns that say something; a write with and without WHERE that is the same, once."""
    found = list(dict.fromkeys(name for row in cells.values() for name in row))
    for name in ("UPDATE", "DELETE"):
        other = f"{name} sighted"
        if other in found and all(row.get(name) == row.get(other) for row in cells.values()):
            found.remove(other)
    idle = {n for n in _RARE if all(row.get(n, "") in _NOTHING for row in cells.values())}
    return [name for name in found if name not in idle]


def cell(answer: str) -> Cell:
    """An answer with its class: everything, something of one's own, something else, nothing."""
    first = answer.partition(" ")[0]
    return Cell(answer or "–", _TONES.get(answer, _TONES.get(first, "other")))
