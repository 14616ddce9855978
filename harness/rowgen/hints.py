"""Hints: what a condition says of each column that it reads (pure).

A hint names values worth trying, on both sides of what the condition draws a line at; it
does not promise that the condition holds. The server judges.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from harness.rowgen.expression import (
    AnyOf,
    Array,
    Call,
    Cast,
    ColumnRef,
    Comparison,
    Constant,
    Field,
    Node,
    columns_of,
    parse,
    walk,
)
from harness.rowgen.json_paths import Path, sought

Kind = Literal[
    "near", "member", "length", "items", "pattern", "like", "similar", "apply", "calendar", "text",
    "typeof", "value", "prefix", "suffix",
]  # fmt: skip
_LENGTHS = {"length", "char_length", "character_length", "octet_length", "bit_length"}
_ITEMS = {"cardinality", "array_length", "jsonb_array_length", "json_array_length", "array_upper"}
_CALENDAR = {"extract", "date_part", "date_trunc", "to_char", "age"}
_APPLIED = {"lower", "upper", "btrim", "ltrim", "rtrim", "trim", "initcap", "abs"}
_PATTERNS: dict[str, Kind] = {
    **dict.fromkeys(("~", "~*", "!~", "!~*"), "pattern"),
    **dict.fromkeys(("~~", "~~*", "!~~", "!~~*"), "like"),
}
_ORDERED = {"<", "<=", "=", "<>", "!=", ">=", ">"}
_PARTS = {"->", "->>", "#>", "#>>"}
_ENDS: dict[str, Kind] = {
    "substr": "prefix",
    "substring": "prefix",
    "left": "prefix",
    "starts_with": "prefix",
    "right": "suffix",
}
_TYPEOF = {"jsonb_typeof", "json_typeof"}
_BY_PATH = {"@?", "@@"}


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
    path: Path = ()
    """The part of the column's value that it is about; none is the whole."""


def hints(condition: str, columns: Collection[str]) -> tuple[Hint, ...]:
    """Everything that can be learnt from a condition over these columns, in its order."""
    found: list[Hint] = []
    for node in walk(parse(condition)):
        if isinstance(node, Comparison | AnyOf):
            found += _compared(node, columns)
            found += _by_path(node, columns)
        elif isinstance(node, Call) and node.name.startswith("jsonb_path_"):
            found += _by_path(node, columns)
        elif isinstance(node, Call) and node.name in _APPLIED:
            found += (Hint(name, "apply", node.name) for name in _read(node, columns))
        elif isinstance(node, Call) and node.name == "starts_with" and len(node.arguments) == 2:
            found += _compared(Comparison(node.sql, "=", *_begun(node)), columns)
        elif isinstance(node, Call) and node.name in _CALENDAR:
            found += (Hint(name, "calendar", "") for name in _read(node, columns))
    texts = {text for node in walk(parse(condition)) for text in _literals(node)}
    reads = _read(parse(condition), columns)
    found += (Hint(name, "text", text) for text in sorted(texts) for name in reads)
    return tuple(dict.fromkeys(found))


def _literals(node: Node) -> list[str]:
    """The text of a literal; of an array's, that of each item."""
    if not isinstance(node, Constant) or not node.text:
        return []
    items = node.text[1:-1].split(",") if re.fullmatch(r"\{[\w, -]+\}", node.text) else []
    return [node.text, *(item.strip() for item in items)]


def _read(node: Node, columns: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in columns_of(node) if name in columns)


def _compared(node: Comparison | AnyOf, columns: Collection[str]) -> Iterator[Hint]:
    """The hints of both sides, each compared with the other."""
    if isinstance(node, AnyOf) and isinstance(array := _inside(node.right), ColumnRef):
        # A value that is to be in an array: the array of it alone.
        yield Hint(array.name, "near", f"ARRAY[{node.left.sql}]", _read(node.left, columns))
    sides = [(node.left, node.right), (node.right, node.left)]
    if node.operator in _PARTS:
        return  # what it is compared with says something
    for side, other in sides[:1] if isinstance(node, AnyOf) else sides:
        for term, against in _solved(side, other):
            reads = _read(against, columns)
            if term.column in columns and term.column not in reads:
                for hint in _hinted(node, term.column, term.measure, against, reads):
                    yield replace(hint, path=term.path)


def _begun(node: Call) -> tuple[Node, Node]:
    """``starts_with(a, b)`` as a beginning that is compared with a text."""
    text, start = node.arguments
    return Call(node.sql, node.name, (text,)), start


def _by_path(node: Node, columns: Collection[str]) -> Iterator[Hint]:
    """What a JSON path says: ``$.lines[*].price ? (@ > 10)`` of a document that has it."""
    if isinstance(node, Comparison) and node.operator in _BY_PATH:
        sides: tuple[Node, ...] = (node.left, node.right)
    else:
        sides = node.arguments[:2] if isinstance(node, Call) else ()
    if len(sides) < 2:
        return
    column, path = _term(sides[0]), _inside(sides[1])
    if column.column in columns and isinstance(path, Constant) and path.text:
        for steps, values in sought(path.text):
            for value in values:
                yield Hint(column.column, "value", value, (), "", (*column.path, *steps))


_INVERSES = {"+": ("-", "-"), "-": ("+", "-"), "*": ("/", "/"), "/": ("*", "/")}


@dataclass(frozen=True, slots=True)
class Term:
    """What is measured of which column, or of a part of it."""

    measure: str = ""
    """``"length"``; empty is the value itself."""
    column: str = ""
    path: Path = ()


def _solved(side: Node, other: Node) -> Iterator[tuple[Term, Node]]:
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
        yield _term(side), other


def _joined(left: Node, operator: str, right: Node) -> Node:
    text = f"({left.sql}) {operator} ({right.sql})"
    return Comparison(text, operator, left, right)


def _hinted(
    node: Comparison | AnyOf, column: str, measure: str, other: Node, reads: tuple[str, ...]
) -> Iterator[Hint]:
    operator = node.operator
    if measure in _TYPEOF:
        yield Hint(column, "typeof", other.sql, reads, operator)
    elif measure in _ENDS:
        yield Hint(column, _ENDS[measure], other.sql, reads, operator)
    elif measure in _LENGTHS | _ITEMS:
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


def _term(node: Node) -> Term:
    inner = _inside(node)
    if isinstance(inner, ColumnRef):
        return Term("", inner.name)
    if isinstance(inner, Field):
        return _part(_term(inner.operand), (inner.name,))
    if isinstance(inner, Comparison) and inner.operator in _PARTS:
        return _part(_term(inner.left), _keys(inner.operator, _inside(inner.right)))
    if isinstance(inner, Call) and inner.arguments:
        below = next((t for t in map(_term, inner.arguments) if t.column), Term())
        applied = inner.name in _APPLIED or inner.name == "coalesce"
        return below if applied else replace(below, measure=inner.name)
    return Term()


def _part(of: Term, steps: Path) -> Term:
    """A part of what is measured; nothing where that is no plain value, or no part is named."""
    return replace(of, path=(*of.path, *steps)) if steps and not of.measure else Term()


def _keys(operator: str, key: Node) -> Path:
    if not isinstance(key, Constant) or key.text is None:
        return ()
    if operator.startswith("#"):
        return tuple(key.text.strip("{}").split(","))
    return (key.text if key.sql.startswith("'") else int(key.text),)
