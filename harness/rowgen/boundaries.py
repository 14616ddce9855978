"""Boundaries: rows on both sides of what a condition draws a line at."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.rowgen.conditions import Condition
from harness.rowgen.draft import Draft
from harness.rowgen.evaluator import Server
from harness.rowgen.expression import Both, Node, parse
from harness.rowgen.hints import hints
from harness.rowgen.neighbouring_values import interesting
from harness.rowgen.plan import Plan
from harness.rowgen.pools import Pools
from harness.rowgen.search import Row, computed, reading

_MOST = 60
_REPAIRS = 12


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
        found = [
            Boundary(draft.replace(**{name: value}), name, value, *answer)
            for (name, value), answer in judged
            if answer is not None
        ]
        repairs = itertools.count()
        return [self._repaired(boundary, condition, repairs) for boundary in found]

    def _repaired(
        self, boundary: Boundary, condition: Condition, repairs: Iterator[int]
    ) -> Boundary:
        """The same with other columns changed where others refuse it, for the first few."""
        others = set(boundary.failing) - {condition.name}
        if not others or next(repairs) >= _REPAIRS:
            return boundary
        rest = self._others(condition)
        read = [n for c in rest if c.name in others for n in c.columns if n != boundary.column]
        changed = self._changed(boundary.draft, rest, list(dict.fromkeys(read)))
        if changed is None:
            return boundary
        row = {**boundary.draft.stored, **changed.values}
        answer = self._judged([row], condition)[0]
        if answer is None or answer[0] != boundary.truth:
            return boundary
        return Boundary(changed, boundary.column, boundary.value, *answer)

    def _values(self, draft: Draft, condition: Condition, name: str) -> list[str | None]:
        found = [h for h in hints(condition.sql, condition.columns) if h.column == name]
        column, pool = self._plan.table.column(name), self._plan.pool(name)
        across = [h for h in found if h.reads and not h.path]
        related = [(h, text) for h in across for text in interesting(column, h.sql)]
        beside = computed(self._server, self._plan.table, draft.stored, related)
        texts: list[str] = [
            *self._pools.hinted(column, found),
            *(text for text in beside if text is not None),
            *pool.refused[:6],
            *pool.accepted[:2],
        ]
        null = [None] if column.nullable else []
        return [*dict.fromkeys(texts[:_MOST]), *null]

    def _judged(
        self, rows: Sequence[Row], condition: Condition
    ) -> list[tuple[bool | None, tuple[str, ...]] | None]:
        """The condition's value on each row, and all that refuses it; None for an error."""
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
        wanted = [broken, *self._others(condition)]
        bases = self._bases(draft, condition)
        each = (self._changed(base, wanted, condition.columns) for base in bases)
        found = next((one for one in each if one is not None), None)
        return found or self._changed(draft, wanted, self._bound_to(condition.columns))

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
                wanted = [alone, *self._plan.conditions]
                bases = self._bases(draft, condition)
                each = (self._changed(base, wanted, condition.columns) for base in bases)
                changed = next((one for one in each if one is not None), None)
                found.append((operand.sql, changed))
        return found

    def _bound_to(self, columns: Sequence[str]) -> list[str]:
        """The columns, and those that other conditions tie to them."""
        tied = [c.columns for c in self._plan.conditions if set(c.columns) & set(columns)]
        return list(dict.fromkeys([*columns, *(name for names in tied for name in names)]))

    def _bases(self, draft: Draft, condition: Condition) -> Iterator[Draft]:
        """The draft, and the same with references NULL that the condition reads."""
        yield draft
        table, referring = self._plan.table, self._plan.referring
        names = [n for n in condition.columns if n in referring and table.column(n).nullable]
        names = [name for name in names if draft.stored.get(name) is not None]
        for size in range(1, len(names) + 1):
            for some in itertools.combinations(names, size):
                nulls: dict[str, str | None] = dict.fromkeys(some)
                yield replace(draft.replace(**nulls), stored={**draft.stored, **nulls})

    def _others(self, condition: Condition) -> list[Condition]:
        return [c for c in self._plan.conditions if c != condition]

    def _changed(
        self, draft: Draft, wanted: Sequence[Condition], columns: Sequence[str]
    ) -> Draft | None:
        """The draft with other values in these columns, so that it satisfies the conditions.

        References stay as they are in the draft.
        """
        may = [n for n in columns if n not in self._plan.referring]
        may = [n for n in may if self._plan.table.column(n).insertable]
        fixed = {n: t for n, t in {**draft.stored, **draft.values}.items() if n not in may}
        # The draft is valid, but for what was changed: what reads none of it stays as it is.
        moved = {n for n in columns if draft.values.get(n, draft.stored.get(n)) is None}
        touched = [c for c in wanted if set(c.columns) & {*may, *moved}]
        found = self._plan.search(touched, fixed, may, refused=True) if touched else None
        if found is None or not found.rows:
            return None
        return draft.replace(**{name: found.rows[0][name] for name in may})


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
