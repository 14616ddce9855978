"""Contradictions: conditions of which it can be shown that no row satisfies them.

That a search found nothing proves nothing. What compares columns with constants and with each
other only does not change its truth while their order stays the same; so it is false everywhere if
it is false of every order: at each constant, as many steps beside it as there are columns, and for
NULL. Anything else is left undecided.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

from psycopg import sql

from harness.postgres.schema_model import Column, Table
from harness.properties.check_context import CheckContext
from harness.rowgen import Condition
from harness.rowgen.conditions import judged_type
from harness.rowgen.expression import (
    AnyOf,
    Array,
    Both,
    Call,
    Cast,
    ColumnRef,
    Comparison,
    Constant,
    Node,
    Not,
    NullTest,
    parse,
    walk,
)

_STEPS = {
    **dict.fromkeys(("int2", "int4", "int8", "date"), "1"),
    **dict.fromkeys(("timestamp", "timestamptz"), "'1 microsecond'::interval"),
}
_NUMBERS = ("int2", "int4", "int8")
_EQUALITY = {"=", "<>", "!="}
_ORDER = {"<", "<=", ">", ">="} | _EQUALITY
_MOST = 3000
_TEXTS = ("text", "varchar")
_LENGTHS = ("length", "char_length", "character_length")
_LONGEST = 2000
_NONE = ("harness: none of them", "4a6f9a0e-5d0f-4c8e-9f3b-7d1e2c5a8b60")
"""A text, and a uuid, that no condition names."""


def always_false(condition: Condition, table: Table, context: CheckContext) -> bool:
    """Whether the condition is false of every row that the table could hold, or beside others.

    Those that read the same columns have to hold as well.
    """
    rest = [c for c in context.rows.conditions(table) if {*c.columns} <= {*condition.columns}]
    beside = [c.sql for c in rest if c.name != condition.name and _understood(parse(c.sql), table)]
    joint = " AND ".join(f"({text})" for text in (condition.sql, *beside))
    return any(
        _is_false(replace(condition, sql=text), table, context)
        for text in dict.fromkeys((condition.sql, joint))
    )


def _is_false(condition: Condition, table: Table, context: CheckContext) -> bool:
    tree = parse(condition.sql)
    if not _understood(tree, table):
        return False
    columns = [table.column(name) for name in condition.columns]
    values = [list(_values(column, tree, context, len(columns))) for column in columns]
    if not all(values) or math.prod(map(len, values)) > _MOST:
        return False
    rows = [dict(zip(condition.columns, row, strict=True)) for row in itertools.product(*values)]
    types = {column.name: judged_type(column) for column in columns}
    answers = context.rows.server.judge(types, rows, [condition.sql])
    if not all(answer is not None and answer[0] == "f" for answer in answers):
        return False
    context.query(_shown(condition, rows[0], types))
    return True


def _shown(condition: Condition, row: dict[str, str | None], types: dict[str, str]) -> sql.Composed:
    """One of the rows, as evidence."""
    items = [
        sql.SQL("{}::{} AS {}").format(sql.Literal(row[n]), sql.SQL(types[n]), sql.Identifier(n))
        for n in row
    ]
    return sql.SQL("SELECT ({}) AS satisfied FROM (SELECT {}) AS r").format(
        sql.SQL(condition.sql), sql.SQL(", ").join(items)
    )


def _understood(node: Node, table: Table) -> bool:
    if isinstance(node, Both | Not):
        return all(_understood(part, table) for part in node.parts)
    if isinstance(node, NullTest):
        return isinstance(node.operand, ColumnRef)
    if isinstance(node, Comparison | AnyOf):
        return _compares(node, table)
    if isinstance(node, ColumnRef):
        return table.column(node.name).type.root.name == "bool"
    return isinstance(node, Constant | Cast) and _constant(node)


def _compares(node: Comparison | AnyOf, table: Table) -> bool:
    """A column beside a constant, by an operator that its type has the order for.

    Or beside another one of the same type, where values go up by steps.
    """
    both = [table.column(name) for side in node.parts if (name := _column(side))]
    if len(both) == 2 and isinstance(node, Comparison):
        roots = {column.type.root.name for column in both}
        return len(roots) == 1 and roots <= {*_STEPS} and node.operator in _ORDER
    column, other = _column(node.left), node.right
    if column is None:
        column, other = _column(node.right), node.left
    if column is None and (measured := _measured(node.left) or _measured(node.right)):
        beside = node.right if _measured(node.left) else node.left
        root = table.column(measured).type.root.name
        return root in _TEXTS and _constant(beside) and node.operator in _ORDER
    if column is None:
        return all(_constant(part) for part in node.parts) and node.operator in _ORDER
    operators = _operators(table.column(column))
    return _constant(other) and node.operator in operators


def _operators(column: Column) -> set[str]:
    root = column.type.root
    if root.name in _STEPS or root.category == "enum" or root.name == "bool":
        return _ORDER
    return _EQUALITY if root.name in ("text", "varchar", "uuid") else set()


def _column(node: Node) -> str | None:
    while isinstance(node, Cast) and node.type in ("text", "character varying"):
        node = node.operand
    return node.name if isinstance(node, ColumnRef) else None


def _measured(node: Node) -> str | None:
    """The column of ``length(column)``."""
    if isinstance(node, Call) and node.name in _LENGTHS and len(node.arguments) == 1:
        return _column(node.arguments[0])
    return None


def _constant(node: Node) -> bool:
    return all(isinstance(part, Constant | Cast | Array) for part in walk(node))


def _values(
    column: Column, tree: Node, context: CheckContext, columns: int
) -> Iterator[str | None]:
    """One value of each stretch in which the condition cannot change its truth."""
    root = column.type.root
    if column.nullable:
        yield None
    if root.category == "enum" or root.name == "bool":
        yield from root.labels or ("true", "false")
        return
    texts = [part.text for part in walk(tree) if isinstance(part, Constant) and part.text]
    measured = [part for part in walk(tree) if _measured(part) == column.name]
    if measured and len(measured) == _mentions(tree, column.name):
        sizes = {int(text) + by for text in texts if text.isdigit() for by in (-1, 0, 1)}
        yield from ("x" * size for size in sorted(sizes) if 0 <= size <= _LONGEST)
        return
    if measured:  # no few values stand for all that compare alike
        return
    step = _STEPS.get(root.name)
    if step is None:
        yield from (_NONE[root.name == "uuid"], *texts)
        return
    texts = texts or ["0" if root.name in _NUMBERS else "2000-01-01"]
    steps = [f"{sign} {count} * {step}" for count in range(1, columns + 1) for sign in "+-"]
    near = [_near(text, root.sql, beside) for text in texts for beside in ("", *steps)]
    yield from dict.fromkeys(
        found for found in context.rows.server.texts(near) if found is not None
    )


def _mentions(tree: Node, column: str) -> int:
    return sum(isinstance(part, ColumnRef) and part.name == column for part in walk(tree))


def _near(text: str, type_: str, beside: str) -> str:
    literal = "'" + text.replace("'", "''") + f"'::{type_}"
    return f"{literal} {beside}"
