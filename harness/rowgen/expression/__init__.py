"""Expressions: what ``pg_get_expr`` prints, read as a tree (pure).

The server prints an expression in full parentheses and with every cast, so a small grammar
reads it. What the grammar does not know becomes `Opaque`: nothing is guessed about it, and
the server can still be asked for its value.
"""

from harness.rowgen.expression.parse import parse
from harness.rowgen.expression.tokens import substituted
from harness.rowgen.expression.tree import (
    AnyOf,
    Array,
    Both,
    Call,
    Cast,
    ColumnRef,
    Comparison,
    Constant,
    Field,
    Node,
    Not,
    NullTest,
    Opaque,
    columns_of,
    walk,
)

__all__ = [
    "AnyOf",
    "Array",
    "Both",
    "Call",
    "Cast",
    "ColumnRef",
    "Comparison",
    "Constant",
    "Field",
    "Node",
    "Not",
    "NullTest",
    "Opaque",
    "columns_of",
    "parse",
    "substituted",
    "walk",
]
