"""Where the tables of a picture stand: layers from left to right, what is referred to first.

Which layer a table is in, and the order within one, is fast-sugiyama's; boxes of their own widths
and heights are put where these say. Parts that no foreign key links stand
beside and below each other, in rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

GAP_X, GAP_Y = 90, 28
"""Pixels between two layers, and between two boxes of one."""
TALLEST = 1_400
"""Pixels after which a layer goes on in another column beside it."""
WIDEST = 1_250
"""Pixels after which parts that nothing links begin another row."""

Size = tuple[int, int]
Edge = tuple[int, int]


class Box(NamedTuple):
    """Where a table stands, in pixels from the top left."""

    x: float
    y: float
    width: int
    height: int


Part = dict[int, Box]
"""Tables that hang together, by their numbers."""


class NoLayout(Exception):  # noqa: N818  what is missing
    """The library that lays the picture out is not installed."""


def place(sizes: Sequence[Size], edges: Sequence[Edge]) -> list[Box]:
    """A box for each size; ``edges`` go from a table to the one that it refers to.

    Raises NoLayout.
    """
    linked = _distinct(edges)
    parts = [_part(layers, sizes, linked) for layers in _components(linked)]
    placed = {table for part in parts for table in part}
    loose = [n for n in range(len(sizes)) if n not in placed]
    boxes = _in_rows([*parts, *({n: Box(0, 0, *sizes[n])} for n in loose)])
    return [boxes[n] for n in range(len(sizes))]


def _distinct(edges: Sequence[Edge]) -> list[Edge]:
    """One edge for each pair, whichever way: the library takes for ever with the same one twice."""
    found: dict[frozenset[int], Edge] = {}
    for edge in edges:
        if edge[0] != edge[1]:
            found.setdefault(frozenset(edge), edge)
    return sorted(found.values())


def _components(edges: Sequence[Edge]) -> list[list[list[int]]]:
    """The layers of each part that hangs together, the largest part first."""
    if not edges:
        return []
    try:
        from fast_sugiyama import from_edges
    except ImportError:
        raise NoLayout from None
    tables = {table for edge in edges for table in edge}
    parts = []
    # What it calls a table is a number: it keeps names in a set, whose order is another each time.
    for positions, *_ in from_edges(edges, vertex_spacing=40):
        layers: Mapping[float, list[tuple[float, int]]] = defaultdict(list)
        for table, (x, y) in positions:
            if table in tables:  # others stand for the bends of long edges
                layers[y].append((x, int(table)))
        order = _from_the_target(edges, layers)
        parts.append([[table for _, table in sorted(layers[y])] for y in order])
    return sorted(parts, key=lambda part: (-sum(map(len, part)), min(map(min, part))))


def _from_the_target(
    edges: Sequence[Edge], layers: Mapping[float, list[tuple[float, int]]]
) -> list[float]:
    """The layers so that most references go back to the left."""
    at = {table: y for y, found in layers.items() for _, table in found}
    forward = sum(at[a] > at[b] for a, b in edges if a in at and b in at)
    backward = sum(at[a] < at[b] for a, b in edges if a in at and b in at)
    return sorted(layers, reverse=backward > forward)


def _part(layers: Sequence[Sequence[int]], sizes: Sequence[Size], edges: Sequence[Edge]) -> Part:
    """Tables that hang together: layers beside each other, each table beside what it refers to."""
    neighbours: dict[int, list[int]] = defaultdict(list)
    for one, other in edges:
        neighbours[one].append(other)
        neighbours[other].append(one)
    boxes: Part = {}
    x = 0.0
    for column in (column for layer in layers for column in _columns(layer, sizes)):
        wanted = [_beside(neighbours[table], boxes) for table in column]
        heights = [sizes[table][1] for table in column]
        for table, y in zip(column, _apart(wanted, heights), strict=True):
            boxes[table] = Box(x, y, *sizes[table])
        x += max(sizes[n][0] for n in column) + GAP_X
    top = min(box.y for box in boxes.values())
    return {table: box._replace(y=box.y - top) for table, box in boxes.items()}


def _beside(tables: Sequence[int], boxes: Part) -> float | None:
    """The middle of those that stand already; None where none does."""
    middles = [boxes[n].y + boxes[n].height / 2 for n in tables if n in boxes]
    return sum(middles) / len(middles) if middles else None


def _apart(wanted: Sequence[float | None], heights: Sequence[int]) -> list[float]:
    """Tops of boxes in this order, with gaps, near the middles that are wanted of them."""
    tops: list[float] = []
    bottom: float | None = None
    for middle, height in zip(wanted, heights, strict=True):
        top = middle - height / 2 if middle is not None else bottom if bottom is not None else 0.0
        tops.append(top if bottom is None else max(top, bottom))
        bottom = tops[-1] + height + GAP_Y
    off = [
        top + height / 2 - middle
        for top, height, middle in zip(tops, heights, wanted, strict=True)
        if middle is not None
    ]
    shift = sum(off) / len(off) if off else 0.0
    return [top - shift for top in tops]


def _columns(layer: Sequence[int], sizes: Sequence[Size]) -> list[list[int]]:
    """A layer in columns that are not too tall."""
    columns: list[list[int]] = [[]]
    height = 0
    for table in layer:
        height += sizes[table][1] + GAP_Y
        if height > TALLEST and columns[-1]:
            columns.append([])
            height = sizes[table][1] + GAP_Y
        columns[-1].append(table)
    return columns


def _in_rows(parts: Sequence[Part]) -> Part:
    """Parts beside each other, in rows as wide as the widest of them at least."""
    widths = [max(box.x + box.width for box in part.values()) for part in parts]
    heights = [max(box.y + box.height for box in part.values()) for part in parts]
    widest = max([*widths, WIDEST])
    boxes: Part = {}
    x, y, tallest = 0.0, 0.0, 0.0
    for part, width, height in zip(parts, widths, heights, strict=True):
        if x and x + width > widest:
            x, y, tallest = 0.0, y + tallest + 2 * GAP_Y, 0.0
        boxes |= {n: box._replace(x=box.x + x, y=box.y + y) for n, box in part.items()}
        x, tallest = x + width + GAP_Y * 2, max(tallest, height)
    return boxes
