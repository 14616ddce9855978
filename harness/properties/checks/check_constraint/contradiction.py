"""Contradictions: conditions of which it can be shown that no row satisfies them.

That a search found nothing proves nothing. What compares columns with constants only does not
change its truth between two neighbouring constants; so it is false everywhere if it is false
at each constant, next to each, and for NULL. Anything else is left undecided.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from psycopg import sql

from harness.postgres.schema_model import Column, Table
from harness.properties.check_context import CheckContext
from harness.rowgen import Condition
from harness.rowgen.conditions import judged_type
from harness.rowgen.expression import (
    AnyOf,
    Array,
    Both,
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
_EQUALITY = {"=", "<>", "!="}
_ORDER = {"<", "<=", ">", ">="} | _EQUALITY
_MOST = 3000


def always_false(condition: Condition, table: Table, context: CheckContext) -> bool:
    """Whether the condition is false of every row that the table could hold."""
    tree = parse(condition.sql)
    if not _understood(tree, table):
        return False
    columns = [table.column(name) for name in condition.columns]
    values = [list(_values(column, tree, context)) for column in columns]
    if math.prod(map(len, values)) > _MOST:
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
    """A column beside a constant, by an operator that its type has the order for."""
    column, other = _column(node.left), node.right
    if column is None:
        column, other = _column(node.right), node.left
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


def _constant(node: Node) -> bool:
    return all(isinstance(part, Constant | Cast | Array) for part in walk(node))


def _values(column: Column, tree: Node, context: CheckContext) -> Iterator[str | None]:
    """One value of each stretch in which the condition cannot change its truth."""
    root = column.type.root
    if column.nullable:
        yield None
    if root.category == "enum" or root.name == "bool":
        yield from root.labels or ("true", "false")
        return
    texts = [part.text for part in walk(tree) if isinstance(part, Constant) and part.text]
    step = _STEPS.get(root.name)
    if step is None:
        yield from ("harness: none of them", *texts) if root.name != "uuid" else texts
        return
    near = [_near(text, root.sql, sign, step) for text in texts for sign in ("", "+", "-")]
    yield from dict.fromkeys(
        found for found in context.rows.server.texts(near) if found is not None
    )


def _near(text: str, type_: str, sign: str, step: str) -> str:
    literal = "'" + text.replace("'", "''") + f"'::{type_}"
    return f"{literal} {sign} {step}" if sign else literal
