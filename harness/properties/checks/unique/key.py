"""Key: a unique index, and rows that lie in and out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from psycopg import sql

from harness.postgres.schema_model import Index, Schema, Table
from harness.properties.base import Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import Stored, evaluate, inserting, same
from harness.properties.row_search import row_where
from harness.properties.statement_result import Answer
from harness.rowgen import Draft
from harness.rowgen.expression import (
    Both,
    Cast,
    ColumnRef,
    Comparison,
    Node,
    NullTest,
    columns_of,
    parse,
)

_TAKEN = "23505"
_TRIES = 24
_STRICT = frozenset(("=", "<>", "!=", "<", "<=", ">", ">=", "~", "~~"))
"""Operators that give NULL of NULL."""


@dataclass(frozen=True)
class Key:
    """A unique index of a table, of a constraint or by itself."""

    table: Table
    index: Index
    names: frozenset[str]
    """What a refusal may call it: its own name, or those of its partitions' indexes."""

    @property
    def name(self) -> str:
        """The constraint's name, or the index's own."""
        return self.index.constraint or self.index.name

    def __str__(self) -> str:
        return f"({', '.join(self.index.keys)})"

    @property
    def keys_of(self) -> dict[str, str]:
        """Its elements by name: a column's, or ``expression_1``."""
        labels = (c or f"expression_{n}" for n, c in enumerate(self.index.columns, 1))
        return dict(zip(labels, self.index.keys, strict=True))

    @property
    def aspects(self) -> Iterator[str]:
        """What is said of it, one by one."""
        yield "duplicate"
        yield from ["deferred"] * (self.index.constraint is not None and not self.index.immediate)
        several = len(self.index.keys) > 1
        yield from (f"differs_in_{name}" if several else "differs" for name in self.keys_of)
        for name in self.index.columns:
            if name and (column := self.table.column(name)).nullable and column.insertable:
                ruled_out = name in self._demanded or name in self._compared
                yield from () if ruled_out else (f"null_in_{name}",)
        if self.index.predicate is not None and None in self._wanted:
            yield "outside_predicate"

    @property
    def _wanted(self) -> list[str | None]:
        """Of each part of the predicate, the column of the key that it demands; None of others."""
        node = parse(self.index.predicate or "true")
        parts = node.operands if isinstance(node, Both) and node.operator == "and" else (node,)
        return [_not_null(part, self.index.columns) for part in parts]

    @property
    def _demanded(self) -> set[str | None]:
        return {*self._wanted} - {None}

    @property
    def _compared(self) -> set[str]:
        """The columns that the predicate compares, and that are not NULL where it is true."""
        node = parse(self.index.predicate or "true")
        parts = node.operands if isinstance(node, Both) and node.operator == "and" else (node,)
        compared = [p for p in parts if isinstance(p, Comparison) and p.operator in _STRICT]
        sides = [side for part in compared for side in (part.left, part.right)]
        return {column.name for side in sides if isinstance(column := bare(side), ColumnRef)}

    @property
    def given(self) -> list[str]:
        """The columns that make a row a duplicate, those that a predicate reads included."""
        read = _sources(self.table, self.index.reads)
        return [n for n in read if self.table.column(n).generated is None]

    @property
    def others(self) -> list[str]:
        """A column of each other key, which is to differ between duplicates of this one."""
        rest = (i for i in self.table.indexes if i.name != self.index.name)
        found = (self._apart(i) for i in rest if i.unique or i.exclusion)
        return list(dict.fromkeys(name for names in found for name in names))

    @property
    def outside_columns(self) -> list[str]:
        """The columns that neither the key nor its predicate reads, and no other key."""
        return [c.name for c in self.table.columns if c.name not in {*self.given, *self.others}]

    def _apart(self, index: Index) -> list[str]:
        """The column that is changed most easily; references only where there is no other."""
        free = [n for n in _sources(self.table, index.reads) if n not in self.given]
        if any(self.table.column(name).identity == "always" for name in free):
            return []
        referring = {name for key in self.table.foreign_keys for name in key.columns}
        return sorted(filter(self._insertable, free), key=lambda name: name in referring)[:1]

    def inside(self, context: CheckContext, null: str = "") -> Draft:
        """A row whose key is complete, but for a column that is to be NULL, in the predicate."""
        conditions = [
            f"({text}) IS {'' if name == null else 'NOT '}NULL"
            for name, text in self.keys_of.items()
        ]
        if self.index.predicate is not None:
            conditions.append(f"({self.index.predicate})")
        return row_where(context, self.table, " AND ".join(conditions), self.given)

    def outside(self, context: CheckContext) -> Draft:
        """A row that the predicate leaves out, its key complete."""
        conditions = [f"({text}) IS NOT NULL" for text in self.index.keys]
        conditions.append(f"({self.index.predicate}) IS NOT TRUE")
        return row_where(context, self.table, " AND ".join(conditions), self.given)

    def differing(self, first: Draft, element: str, context: CheckContext) -> Draft:
        """A row with the rest of the key the same, other keys different; valid if one is found."""
        kept = first.replace(**{n: first.stored[n] for n in self.given if self._insertable(n)})
        may = self._changing(element)
        if not any(self._insertable(name) for name in may):
            kept = kept.without(*may)
        found = context.distinct(kept, [*may, *self.others])
        if found and not same(context, self.table, [kept.stored, found.stored], self.index.keys):
            return found
        return self._forced(kept, may, context)

    def _changing(self, element: str) -> list[str]:
        """The columns to change for one element of the key, or for any, and not for the rest."""
        elements = self.keys_of
        rest = [text for name, text in elements.items() if element not in ("", name)]
        fixed = _sources(self.table, [c for text in rest for c in columns_of(parse(text))])
        read = columns_of(parse(elements[element])) if element else self.index.reads
        outside = [] if element else self._predicate_only()
        return [n for n in _sources(self.table, read) if n not in {*fixed, *outside}]

    def _predicate_only(self) -> set[str]:
        read = {c for text in self.index.keys for c in columns_of(parse(text))}
        return set(self.given) - set(_sources(self.table, read))

    def _forced(self, kept: Draft, may: Sequence[str], context: CheckContext) -> Draft:
        """The row with another value; one that something else refuses if there is no better."""
        tried = list(islice(self._others_of(kept, may, context), _TRIES))
        if not tried:
            raise Undecided(f"no two rows that differ in {', '.join(may) or self} alone")
        answers: list[Answer] = []
        for draft in tried:
            answers.append(context.attempt(inserting(draft)))
            if answers[-1]:
                return draft
        for draft, answer in zip(tried, answers, strict=True):
            if answer.sqlstate == _TAKEN and self._makes_room(draft, context):
                return draft
        if answers[0].sqlstate == _TAKEN:
            raise Undecided(f"rows that are there have every other value of {', '.join(may)}")
        return tried[0]

    def _makes_room(self, draft: Draft, context: CheckContext) -> bool:
        """Whether a row that is there, and that nothing refers to, can go for another."""
        conditions = [
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(draft.stored[name]))
            for name in self.given
        ]
        delete = sql.SQL("DELETE FROM {} WHERE {}").format(
            self.table.identifier, sql.SQL(" AND ").join(conditions)
        )
        mark = len(context.steps)
        if context.attempt(delete, keep=True).count and context.attempt(inserting(draft)):
            context.steps.pop()
            context.prepared(1)
            return True
        del context.steps[mark:]
        return False

    def _others_of(self, kept: Draft, may: Sequence[str], context: CheckContext) -> Iterator[Draft]:
        plan = context.rows.plan(self.table.name)
        for name in may:
            pool = plan.pool(name)
            for text in [*pool.accepted, *pool.refused]:
                row = self._computed({**kept.stored, name: text}, context)
                if not same(context, self.table, [kept.stored, row], self.index.keys):
                    yield replace(kept.replace(**{name: text}), stored=row)

    def _computed(self, row: Stored, context: CheckContext) -> Stored:
        """The row with what is generated from it."""
        read = (self.table.column(name) for name in self.index.reads)
        made = {c.name: c.generated for c in read if c.generated is not None}
        if not made:
            return row
        values = evaluate(context, self.table, row, *made.values())
        return {**row, **dict(zip(made, values, strict=True))}

    def _insertable(self, name: str) -> bool:
        return self.table.column(name).insertable


def keys(table: Table, schema: Schema) -> Iterator[Key]:
    """The unique indexes of a table that holds rows, without those of WITHOUT OVERLAPS."""
    if table.stores_rows:
        for index in table.indexes:
            if index.unique and not index.exclusion:
                yield Key(table, index, frozenset(_names(table, index, schema)))


def _names(table: Table, index: Index, schema: Schema) -> Iterator[str]:
    yield index.name
    for name in table.children:
        child = schema.by_name.get(name)
        for other in child.indexes if child and child.is_partition else ():
            alike = (other.keys, other.predicate) == (index.keys, index.predicate)
            if child and other.unique and alike:
                yield from _names(child, other, schema)


def _sources(table: Table, names: Iterable[str]) -> list[str]:
    """The columns themselves; for generated ones, those that they are made from."""
    wanted = set(names)
    for column in table.columns:
        if column.name in wanted and column.generated is not None:
            wanted |= set(columns_of(parse(column.generated)))
    return [c.name for c in table.columns if c.name in wanted and c.generated is None]


def bare(node: Node) -> Node:
    """What is under casts."""
    while isinstance(node, Cast):
        node = node.operand
    return node


def _not_null(node: Node, columns: Iterable[str | None]) -> str | None:
    """The one of the columns that a condition wants to be not NULL, and nothing else."""
    if not (isinstance(node, NullTest) and node.negated and isinstance(node.operand, ColumnRef)):
        return None
    return node.operand.name if node.operand.name in columns else None
