"""Boundaries: rows on both sides of what a condition draws a line at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.rows.conditions import Condition
from harness.rows.draft import Draft
from harness.rows.expression import Both, Node, parse
from harness.rows.hints import hints
from harness.rows.near import interesting
from harness.rows.plan import Plan
from harness.rows.pools import Pools
from harness.rows.search import Row, reading
from harness.rows.server import Server

_MOST = 60


@dataclass(frozen=True, slots=True)
class Boundary:
    """A valid row with one column changed, and what its conditions say of that."""

    draft: Draft
    """The changed row; nobody has inserted it yet."""
    column: str
    value: str | None
    truth: bool | None
    """The condition's value on the row; None is NULL, which a CHECK lets pass."""
    failing: tuple[str, ...]
    """Every condition of the table that refuses the row, by name, this one included."""


class Boundaries:
    """Variations of a draft in the columns of a condition, judged by the server."""

    def __init__(self, plan: Plan, server: Server, pools: Pools) -> None:
        self._plan = plan
        self._server = server
        self._pools = pools

    def around(self, draft: Draft, condition: Condition) -> list[Boundary]:
        """Values at, just below and just above each line, every literal and others, NULL."""
        changes = [
            (name, value)
            for name in condition.columns
            if name not in self._plan.referring and self._plan.table.column(name).insertable
            for value in self._values(draft, condition, name)
        ]
        rows: list[Row] = [{**draft.stored, name: value} for name, value in changes]
        judged = zip(changes, self._judged(rows, condition), strict=True)
        return [
            Boundary(draft.replace(**{name: value}), name, value, *answer)
            for (name, value), answer in judged
            if answer is not None
        ]

    def _values(self, draft: Draft, condition: Condition, name: str) -> list[str | None]:
        found = [h for h in hints(condition.sql, condition.columns) if h.column == name]
        column, pool = self._plan.table.column(name), self._plan.pool(name)
        related = [text for h in found if h.reads for text in interesting(column, h.sql)]
        texts = [
            *self._pools.hinted(column, found),
            *self._computed(draft, related),
            *pool.refused[:6],
            *pool.accepted[:2],
        ]
        null = [None] if column.nullable else []
        return [*dict.fromkeys(texts[:_MOST]), *null]

    def _computed(self, draft: Draft, texts: Sequence[str]) -> Iterator[str]:
        """Expressions over the draft's own columns, each alone: one error spoils no other."""
        rows: list[Row] = [dict(draft.stored)]
        read = reading(self._plan.table, set(draft.stored), rows)
        for text in texts:
            for answer in self._server.judge(read[0], rows, [text], read[1]):
                if answer is not None and answer[0] is not None:
                    yield answer[0]

    def _judged(
        self, rows: Sequence[Row], condition: Condition
    ) -> list[tuple[bool | None, tuple[str, ...]] | None]:
        every = [condition, *self._plan.conditions]
        read = {name for c in every for name in c.columns}
        columns, constants = reading(self._plan.table, read, rows)
        answers = self._server.judge(columns, rows, [c.sql for c in every], constants)
        return [
            None
            if answer is None
            else (_truth(answer[0]), tuple(c.name for c, a in _pairs(every, answer) if c.fails(a)))
            for answer in answers
        ]

    def violation(self, draft: Draft, condition: Condition) -> Draft | None:
        """The draft, changed so that this condition alone refuses it; None where none is found."""
        broken = Condition(condition.name, f"NOT ({condition.sql})", condition.columns, True)
        rest = [c for c in self._plan.conditions if c != condition]
        return self._changed(draft, [broken, *rest], condition)

    def disjuncts(self, draft: Draft, condition: Condition) -> list[tuple[str, Draft | None]]:
        """For each side of every OR that must hold: a valid row in which it alone is true."""
        found: list[tuple[str, Draft | None]] = []
        for operands in _alternatives(parse(condition.sql)):
            for operand in operands:
                others = [o for o in operands if o is not operand]
                text = " AND ".join(
                    [f"({operand.sql})", *(f"coalesce(NOT ({o.sql}), true)" for o in others)]
                )
                alone = Condition(condition.name, text, condition.columns, strict=True)
                changed = self._changed(draft, [alone, *self._plan.conditions], condition)
                found.append((operand.sql, changed))
        return found

    def _changed(
        self, draft: Draft, wanted: Sequence[Condition], condition: Condition
    ) -> Draft | None:
        columns = [n for n in condition.columns if n not in self._plan.referring]
        columns = [n for n in columns if self._plan.table.column(n).insertable]
        fixed = {n: t for n, t in draft.stored.items() if n not in columns}
        if not columns:
            return None
        found = self._plan.search(wanted, fixed, columns, refused=True)
        changes = {name: found.rows[0][name] for name in columns} if found.rows else None
        return draft.replace(**changes) if changes is not None else None


def _truth(answer: str | None) -> bool | None:
    return None if answer is None else answer == "t"


def _pairs(
    every: Sequence[Condition], answer: Sequence[str | None]
) -> Iterator[tuple[Condition, str | None]]:
    """The table's conditions with their answers; the first is the one asked about, twice."""
    return zip(every[1:], answer[1:], strict=True)


def _alternatives(node: Node) -> Iterator[tuple[Node, ...]]:
    """The operands of each OR that stands alone or under AND."""
    if isinstance(node, Both) and node.operator == "or":
        yield node.operands
    elif isinstance(node, Both):
        for operand in node.operands:
            yield from _alternatives(operand)
