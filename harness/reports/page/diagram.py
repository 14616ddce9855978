"""The schema as a picture: tables with their columns, foreign keys, and what colours them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.core.outline import Outline, OutlineColumn, OutlineTable
from harness.core.results import Run
from harness.reports.page.colourings import Colouring, Shade, colourings, shade
from harness.reports.page.layout import Box, NoLayout, place

MOST = 300
"""Tables in one picture; of more, there is one for each schema."""
MANY = 40
"""Tables from which on a box has the columns of its keys alone."""
COLUMNS = 14
"""Columns that a box has at most."""
ROW, HEAD, CHARACTER = 18, 42, 7.3
"""Pixels of a row, of the head, and of a character."""
_PADDING = 24

Point = tuple[float, float]


class Row(NamedTuple):
    """A column's line in a box."""

    y: float
    name: str
    type: str
    key: str
    """``PK``, ``FK``, or empty."""


class DrawnTable(NamedTuple):
    """A box with its rows."""

    name: str
    box: Box
    rows: tuple[Row, ...]
    more: int
    """Columns that are left out."""
    view: bool
    shades: tuple[Shade, ...]
    """One for each colouring."""


class Link(NamedTuple):
    """A foreign key as a path; ``name`` says which it is."""

    path: str
    name: str


class Diagram(NamedTuple):
    """A picture; where it could not be drawn, ``missing`` says why, and the tables are there."""

    id: str
    title: str
    width: float
    height: float
    tables: tuple[DrawnTable, ...]
    links: tuple[Link, ...]
    colourings: tuple[Colouring, ...]
    missing: str = ""


def diagrams(run: Run) -> tuple[Diagram, ...]:
    """One of all tables; where there are more than MOST, one for each schema."""
    if not run.outline:
        return ()
    choices = colourings(run)
    if len(run.outline) <= MOST:
        return (_diagram("schema", "all tables", run.outline, choices),)
    schemas = dict.fromkeys(table.schema for table in run.outline)
    parts = ((name, tuple(t for t in run.outline if t.schema == name)) for name in schemas)
    made = (_diagram(f"schema-{n}", p[0], p[1], choices) for n, p in enumerate(parts))
    return tuple(made)


def _diagram(id_: str, title: str, tables: Outline, choices: tuple[Colouring, ...]) -> Diagram:
    if len(tables) > MOST:
        why = f"{len(tables):,} tables: more than {MOST} in one schema are not drawn"
        return Diagram(id_, title, 0, 0, _undrawn(tables, choices), (), choices, why)
    shown = [_shown(table, len(tables) > MANY) for table in tables]
    sizes = [_size(table, rows) for table, rows in zip(tables, shown, strict=True)]
    index = {table.qualified: n for n, table in enumerate(tables)}
    edges = [
        (n, index[key.target])
        for n, table in enumerate(tables)
        for key in table.keys
        if key.target in index
    ]
    try:
        boxes = place(sizes, edges)
    except NoLayout:
        why = "the picture needs fast-sugiyama: pip install 'pgtap-harness[html]'"
        return Diagram(id_, title, 0, 0, _undrawn(tables, choices), (), choices, why)
    drawn = tuple(map(_drawn, tables, boxes, shown, [choices] * len(tables)))
    width = max(box.x + box.width for box in boxes)
    height = max(box.y + box.height for box in boxes)
    links = tuple(_links(tables, drawn, index))
    return Diagram(id_, title, width + 2, height + 2, drawn, links, choices)


def _undrawn(tables: Outline, choices: tuple[Colouring, ...]) -> tuple[DrawnTable, ...]:
    nowhere = Box(0, 0, 0, 0)
    return tuple(_drawn(table, nowhere, table.columns, choices) for table in tables)


def _shown(table: OutlineTable, keys_only: bool) -> tuple[OutlineColumn, ...]:
    """The columns of a box: those of keys first where not all fit, in the table's order."""
    linked = {name for key in table.keys for name in key.columns}
    keys = [one for one in table.columns if one.primary or one.name in linked]
    if keys_only:
        return tuple(keys[:COLUMNS])
    if len(table.columns) <= COLUMNS:
        return table.columns
    others = [one for one in table.columns if one not in keys]
    chosen = {one.name for one in (*keys, *others)[:COLUMNS]}
    return tuple(one for one in table.columns if one.name in chosen)


def _size(table: OutlineTable, shown: Sequence[OutlineColumn]) -> tuple[int, int]:
    longest = max((len(one.name) + len(_type(one.type)) + 6 for one in shown), default=0)
    # What is said of the table stands below its name, so that the box is as wide as both.
    width = max(longest, len(table.short) + 2, 22) * CHARACTER + _PADDING
    more = len(table.columns) > len(shown)
    return round(width), round(HEAD + ROW * (len(shown) + more) + 8)


_SHORT = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
    "double precision": "float8",
}


def _type(text: str) -> str:
    """A type as people write it."""
    for long, short in _SHORT.items():
        text = text.replace(long, short)
    text = text.replace("character varying", "varchar")
    return text if len(text) <= 24 else f"{text[:23]}…"


def _drawn(
    table: OutlineTable,
    box: Box,
    shown: Sequence[OutlineColumn],
    choices: tuple[Colouring, ...],
) -> DrawnTable:
    linked = {name for key in table.keys for name in key.columns}
    rows = tuple(
        Row(
            HEAD + ROW * (n + 1) - 4,
            one.name,
            _type(one.type),
            "PK" if one.primary else "FK" if one.name in linked else "",
        )
        for n, one in enumerate(shown)
    )
    shades = tuple(shade(one, table) for one in choices)
    more = len(table.columns) - len(shown)
    return DrawnTable(table.short, box, rows, more, table.view, shades)


def _links(tables: Outline, drawn: Sequence[DrawnTable], index: dict[str, int]) -> Iterable[Link]:
    for table, own in zip(tables, drawn, strict=True):
        for key in table.keys:
            if key.target in index:
                other = drawn[index[key.target]]
                path = _path(own, other, key.columns[0] if key.columns else "")
                name = f"{table.short} ({', '.join(key.columns)}) → {other.name}"
                yield Link(path, name)


def _path(own: DrawnTable, other: DrawnTable, column: str) -> str:
    """A curve from the column to the head of the table that it refers to."""
    row = next((row.y for row in own.rows if row.name == column), HEAD)
    y1, y2 = own.box.y + row - 4, other.box.y + HEAD / 2
    if own is other:
        x = own.box.x + own.box.width
        return f"M{x:.0f} {y1:.0f}h16q8 0 8 -8V{y2 + 8:.0f}q0 -8 -8 -8h-16"
    right, left = own.box.x + own.box.width, own.box.x
    target_right, target_left = other.box.x + other.box.width, other.box.x
    if target_right <= left:
        return _curve((left, y1), (target_right, y2), -1, 1)
    if right <= target_left:
        return _curve((right, y1), (target_left, y2), 1, -1)
    return _curve((right, y1), (target_right, y2), 1, 1)  # one above the other


def _curve(start: Point, end: Point, out: int, into: int) -> str:
    """A curve that leaves its start and reaches its end level, on the sides that are given."""
    (x1, y1), (x2, y2) = start, end
    bend = max(abs(x1 - x2) / 2, 40)
    a, b = x1 + out * bend, x2 + into * bend
    return f"M{x1:.0f} {y1:.0f}C{a:.0f} {y1:.0f} {b:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
