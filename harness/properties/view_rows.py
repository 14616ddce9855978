"""Rows that a view shows: in the tables that it reads, joined and as its WHERE wants them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from harness.postgres.schema_model import Table
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import holds, inserting
from harness.rowgen import Draft
from harness.rowgen.conditions import generating, over
from harness.rowgen.expression import (
    Both,
    ColumnRef,
    Comparison,
    Node,
    parse,
    substituted,
    walk,
)

_ENDS = re.compile(r"\b(?:GROUP BY|HAVING|WINDOW|UNION|INTERSECT|EXCEPT|ORDER BY|LIMIT|OFFSET)\b")
_WHERE = re.compile(r"\bWHERE\b")
_ON = re.compile(r"\bON \(")
_NOT_ALIASES = {"join", "left", "right", "full", "cross", "inner", "on", "where", "group", "order"}
_NOT_ALIASES |= {"union", "limit", "having", "window", "natural", "using", "except", "intersect"}


def bases(view: Table, context: CheckContext) -> Iterator[Table]:
    """The tables that the view reads, directly or through other views."""
    for name in view.reads:
        base = context.schema.by_name.get(name)
        if base is not None and base.kind == "view":
            yield from bases(base, context)
        elif base is not None:
            yield base


def show(context: CheckContext, view: Table) -> dict[str, str | None]:
    """Put rows into what a view reads, so that it shows one if such rows are found.

    What is there by then, by column; of columns that are called alike, that of the row that
    refers to others.
    """
    shown: dict[str, str | None] = {}
    for name in view.reads:
        inner = context.schema.by_name.get(name)
        if inner is not None and inner.kind == "view":
            shown |= show(context, inner)
    read = [context.schema.by_name[name] for name in view.reads if name in context.schema.by_name]
    tables = [table for table in read if table.kind != "view"]
    wanted = _Wanted.of(view, tables)
    made: dict[str, Mapping[str, str | None]] = {}
    for table in _in_order(tables):
        with suppress(Undecided, Failed):
            draft = _wanted(context, table, wanted, made)
            stored = context.keep(inserting(draft)).rows
            context.prepared(1)
            made |= {str(table): stored[0]} if stored else {}
            shown |= made.get(str(table), {})
    return shown


def _wanted(
    context: CheckContext,
    table: Table,
    wanted: _Wanted,
    made: Mapping[str, Mapping[str, str | None]],
) -> Draft:
    """A valid row that belongs to those that are there, with what the view asks of it."""
    given: dict[str, str | None] = {}
    for key in table.foreign_keys:
        row = made.get(str(key.target), {})
        pairs = zip(key.columns, key.target_columns, strict=True)
        given |= {name: row[other] for name, other in pairs if row}
    for column, other, theirs in wanted.equal.get(str(table), ()):
        if other in made and table.column(column).insertable:
            given[column] = made[other].get(theirs)
    draft = context.valid(table, **given)
    condition = " AND ".join(wanted.conditions.get(str(table), ()))
    if not condition or holds(context, table, draft.stored, condition):
        return draft
    condition = substituted(condition, generating(table))
    unlike = over(table, "what the view leaves out", f"({condition}) IS NOT TRUE")
    return context.rows.violation(draft, unlike) or draft


def _in_order(tables: Sequence[Table]) -> list[Table]:
    """Those that others refer to first."""
    left, ordered = list(tables), list[Table]()
    while left:
        names = {table.name for table in left}
        free = [t for t in left if not {k.target for k in t.foreign_keys} & (names - {t.name})]
        ordered += (free or left)[:1]
        left.remove(ordered[-1])
    return ordered


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a view's WHERE and ON ask of the tables that it reads, by their names."""

    conditions: Mapping[str, list[str]]
    """SQL over the columns of one table."""
    equal: Mapping[str, list[tuple[str, str, str]]]
    """A column, and the table and column that it has to equal."""

    @classmethod
    def of(cls, view: Table, tables: Sequence[Table]) -> _Wanted:
        """What is understood of the view's query; the rest is left out."""
        text = view.definition or ""
        aliases = {alias: table for table in tables for alias in _aliases(text, table)}
        conditions: dict[str, list[str]] = {}
        equal: dict[str, list[tuple[str, str, str]]] = {}
        for part in _parts(text):
            columns = [(node, *_split(node, aliases)) for node in walk(part) if _is_column(node)]
            owners = {str(table) for _, table, _ in columns if table is not None}
            if not columns or any(table is None for _, table, _ in columns):
                continue
            if len(owners) == 1:
                conditions.setdefault(owners.pop(), []).append(_unqualified(part.sql, aliases))
            elif len(columns) == 2 and isinstance(part, Comparison) and part.operator == "=":
                (_, one, name), (_, other, theirs) = columns
                equal.setdefault(str(one), []).append((name, str(other), theirs))
                equal.setdefault(str(other), []).append((theirs, str(one), name))
        return cls(conditions, equal)


def _aliases(text: str, table: Table) -> Iterator[str]:
    """What a table is called in a query, as the server prints it."""
    schema, name = table.name
    named = rf'(?:"?{re.escape(schema)}"?\.)?"?{re.escape(name)}"?'
    for found in re.finditer(rf'(?:FROM|JOIN|,)\s+\(*(?:ONLY )?{named}(?:\s+("[^"]+"|\w+))?', text):
        alias = found[1]
        yield name if alias is None or alias.lower() in _NOT_ALIASES else alias.strip('"')


def _parts(text: str) -> Iterator[Node]:
    """The conditions that have to hold together, of WHERE and of each ON."""
    found = [_balanced(text, match.end() - 1) for match in _ON.finditer(text)]
    if where := _WHERE.search(text):
        rest = text[where.end() :]
        end = _ENDS.search(rest)
        found.append(rest[: end.start() if end else None].rstrip("; \n"))
    for condition in found:
        node = parse(condition.strip())
        yield from node.operands if isinstance(node, Both) and node.operator == "and" else (node,)


def _balanced(text: str, start: int) -> str:
    """The parenthesis that opens at a place, to its end."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return text[start : place + 1]
    return text[start:]


def _is_column(node: Node) -> bool:
    return isinstance(node, ColumnRef)


def _split(node: Node, aliases: Mapping[str, Table]) -> tuple[Table | None, str]:
    """The table that a column is of, and its name; None where that is not understood."""
    assert isinstance(node, ColumnRef)
    qualifier = node.sql.rpartition(".")[0].strip('"')
    tables = [*{id(table): table for table in aliases.values()}.values()]
    table = aliases.get(qualifier) if qualifier else tables[0] if len(tables) == 1 else None
    known = table is not None and any(column.name == node.name for column in table.columns)
    return (table if known else None), node.name


def _unqualified(text: str, aliases: Mapping[str, Table]) -> str:
    for alias in aliases:
        text = re.sub(rf'(?<![\w."])"?{re.escape(alias)}"?\.(?=[\w"])', "", text)
    return text
