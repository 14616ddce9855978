"""Hints: what a condition says of each column that it reads (pure).

A hint names values worth trying, on both sides of what the condition draws a line at; it
does not promise that the condition holds. The server judges.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from harness.rowgen.expression import (
    AnyOf,
    Array,
    Call,
    Cast,
    ColumnRef,
    Comparison,
    Constant,
    Node,
    columns_of,
    parse,
    walk,
)

Kind = Literal[
    "near", "member", "length", "items", "pattern", "like", "similar", "apply", "calendar", "text"
]
_LENGTHS = {"length", "char_length", "character_length", "octet_length", "bit_length"}
_ITEMS = {"cardinality", "array_length", "jsonb_array_length", "json_array_length", "array_upper"}
_CALENDAR = {"extract", "date_part", "date_trunc", "to_char", "age"}
_APPLIED = {"lower", "upper", "btrim", "ltrim", "rtrim", "trim", "initcap", "abs"}
_PATTERNS: dict[str, Kind] = {
    **dict.fromkeys(("~", "~*", "!~", "!~*"), "pattern"),
    **dict.fromkeys(("~~", "~~*", "!~~", "!~~*"), "like"),
}
_ORDERED = {"<", "<=", "=", "<>", "!=", ">=", ">"}


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to try for one column."""

    column: str
    kind: Kind
    sql: str
    """The expression that the column is compared with; of ``apply``, a function's name."""
    reads: tuple[str, ...] = ()
    """Other columns that ``sql`` reads; mostly none."""
    operator: str = ""


def hints(condition: str, columns: Collection[str]) -> tuple[Hint, ...]:
    """Everything that can be learnt from a condition over these columns, in its order."""
    found: list[Hint] = []
    for node in walk(parse(condition)):
        if isinstance(node, Comparison | AnyOf):
            found += _compared(node, columns)
        elif isinstance(node, Call) and node.name in _APPLIED:
            found += (Hint(name, "apply", node.name) for name in _read(node, columns))
        elif isinstance(node, Call) and node.name in _CALENDAR:
            found += (Hint(name, "calendar", "") for name in _read(node, columns))
    texts = {text for node in walk(parse(condition)) if (text := _literal(node))}
    reads = _read(parse(condition), columns)
    found += (Hint(name, "text", text) for text in sorted(texts) for name in reads)
    return tuple(dict.fromkeys(found))


def _literal(node: Node) -> str:
    return node.text or "" if isinstance(node, Constant) else ""


def _read(node: Node, columns: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in columns_of(node) if name in columns)


def _compared(node: Comparison | AnyOf, columns: Collection[str]) -> Iterator[Hint]:
    """The hints of both sides, each compared with the other."""
    if isinstance(node, AnyOf) and isinstance(array := _inside(node.right), ColumnRef):
        # A value that is to be in an array: the array of it alone.
        yield Hint(array.name, "near", f"ARRAY[{node.left.sql}]", _read(node.left, columns))
    sides = [(node.left, node.right), (node.right, node.left)]
    for side, other in sides[:1] if isinstance(node, AnyOf) else sides:
        for measure, column, against in _solved(side, other):
            reads = _read(against, columns)
            if column in columns and column not in reads:
                yield from _hinted(node, column, measure, against, reads)


_INVERSES = {"+": ("-", "-"), "-": ("+", "-"), "*": ("/", "/"), "/": ("*", "/")}


def _solved(side: Node, other: Node) -> Iterator[tuple[str, str, Node]]:
    """What is measured of which column, and the side that it is compared with.

    Sums and products are solved for each of their columns: ``a - b < 3`` says something of
    a beside ``3 + b``, and of b beside ``a - 3``.
    """
    inner = _inside(side)
    if isinstance(inner, Comparison) and inner.operator in _INVERSES:
        left, right = inner.left, inner.right
        for_left, for_right = _INVERSES[inner.operator]
        yield from _solved(left, _joined(other, for_left, right))
        first, second = (left, other) if inner.operator in ("-", "/") else (other, left)
        yield from _solved(right, _joined(first, for_right, second))
    else:
        measure, column = _term(side)
        yield measure, column, other


def _joined(left: Node, operator: str, right: Node) -> Node:
    text = f"({left.sql}) {operator} ({right.sql})"
    return Comparison(text, operator, left, right)


def _hinted(
    node: Comparison | AnyOf, column: str, measure: str, other: Node, reads: tuple[str, ...]
) -> Iterator[Hint]:
    operator = node.operator
    if measure in _LENGTHS | _ITEMS:
        yield Hint(column, "length" if measure in _LENGTHS else "items", other.sql, reads, operator)
    elif operator in _PATTERNS:
        similar = isinstance(other, Call) and other.name == "similar_to_escape"
        kind = "similar" if similar else _PATTERNS[operator]
        for pattern in _each(other) if isinstance(node, AnyOf) else (other.sql,):
            yield Hint(column, kind, pattern, reads, operator)
    elif isinstance(node, AnyOf):
        yield from (Hint(column, "member", item, reads, operator) for item in _each(other))
    elif operator in _ORDERED or measure == "":
        yield Hint(column, "near", other.sql, reads, operator)


def _each(node: Node) -> Iterator[str]:
    """The items of an array as SQL; of one that is no list, the server is asked for them."""
    inner = _inside(node)
    if isinstance(inner, Array):
        yield from (item.sql for item in inner.items)
    else:
        yield f"(SELECT unnest({node.sql}) LIMIT 1)"
        yield from (f"({node.sql})[{place}]" for place in range(2, 17))


def _inside(node: Node) -> Node:
    while isinstance(node, Cast):
        node = node.operand
    return node


def _term(node: Node) -> tuple[str, str]:
    """What is measured of which column: ``("length", "title")``; ``""`` is the value itself."""
    inner = _inside(node)
    if isinstance(inner, ColumnRef):
        return "", inner.name
    if isinstance(inner, Call) and inner.arguments:
        below = (_term(argument) for argument in inner.arguments)
        measure, column = next(((m, c) for m, c in below if c), ("", ""))
        applied = inner.name in _APPLIED or inner.name == "coalesce"
        return (measure if applied else inner.name), column
    return "", ""
