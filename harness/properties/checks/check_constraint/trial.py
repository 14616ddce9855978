"""Trial: the rows that a CHECK is tried with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from harness.postgres.schema_model import Table
from harness.properties.check_context import CheckContext
from harness.properties.expressions import holds
from harness.rowgen import Boundary, Condition, Draft
from harness.rowgen.conditions import judged_type
from harness.rowgen.expression import Both, Node, parse, substituted

_MOST = 40
"""Rows on either side that are put to the server."""
_GUESSES, _NEAR = 200, 12
_TEXTS = ("text", "varchar", "bpchar", "citext")


def either(expression: str) -> bool:
    """Whether a condition has an OR that must hold, by itself or under AND."""

    def has_or(node: Node) -> bool:
        if not isinstance(node, Both):
            return False
        return node.operator == "or" or any(has_or(operand) for operand in node.operands)

    return has_or(parse(expression))


@dataclass(frozen=True)
class Trial:
    """One condition, a valid row, and what the row is changed to."""

    table: Table
    condition: Condition
    draft: Draft
    context: CheckContext

    @property
    def expression(self) -> str:
        """The condition over the row as it is stored, generated columns among it."""
        constraint = self.table.constraint(self.condition.name)
        own = constraint.expression if constraint and constraint.kind == "check" else None
        return own or self.condition.sql

    def excuses(self, draft: Draft) -> bool:
        """The condition is false once values are rounded, and columns are generated."""
        made = {
            c.name: f"(({c.generated})::{c.type_sql})" for c in self.table.columns if c.generated
        }
        text = substituted(self.expression, made)
        return holds(self.context, self.table, {**draft.stored, **draft.values}, text) is False

    @cached_property
    def _boundaries(self) -> list[Boundary]:
        return self.context.rows.boundaries(self.draft, self.condition)

    def satisfying(self) -> Iterator[tuple[str, Draft]]:
        """The valid row, and it with one column at, below or above each line that is drawn.

        Also without each column that may be NULL: NULL is no violation.
        """
        yield "a valid row", self.draft
        passing = (b for b in self._boundaries if not b.failing and b.truth is not False)
        yield from islice(map(_described, passing), _MOST)
        for column in map(self.table.column, self.condition.columns):
            if column.nullable and column.insertable:
                yield f"{column.name} = NULL", self.draft.replace(**{column.name: None})

    def violations(self) -> Iterator[tuple[str, Draft]]:
        """Rows that violate this condition: those first that violate no other."""
        failing = [b for b in self._boundaries if b.truth is False]
        failing.sort(key=lambda boundary: len(boundary.failing))
        alone = [b for b in failing if set(b.failing) == {self.condition.name}]
        yield from islice(map(_described, alone), _MOST)
        if alone:
            return
        changed = self.context.rows.violation(self.draft, self.condition)
        if changed is not None and not self.excuses(changed):
            changed = None  # what had to change are references, which a search leaves alone
        if changed is not None:
            yield _between(self.condition, changed), changed
        yield from self._without() if changed is None and not alone else ()
        yield from islice(map(_described, failing), 2)
        yield from self._guessed() if changed is None and not failing else ()

    def _without(self) -> Iterator[tuple[str, Draft]]:
        """The row without what it may do without, references among it."""
        columns = map(self.table.column, self.condition.columns)
        nulls = {c.name: None for c in columns if c.nullable and c.insertable}
        draft = self.draft.replace(**nulls)
        if nulls and self.excuses(draft):
            yield _between(self.condition, draft), draft

    def _guessed(self) -> Iterator[tuple[str, Draft]]:
        """Values that no plan allows, of several columns at once; the nearest to the valid row."""
        names = [name for name in self.condition.columns if self._may(name)]
        base = {name: self.draft.stored[name] for name in names}
        chance = random.Random(0)  # noqa: S311  repeatable, not secret
        values = {name: self._guesses(name) for name in names}
        rows = [{n: chance.choice([base[n], *values[n]]) for n in names} for _ in range(_GUESSES)]
        rows.sort(key=lambda row: sum(row[name] != base[name] for name in names))
        types = {name: judged_type(self.table.column(name)) for name in names}
        answers = self.context.rows.server.judge(types, rows, [self.condition.sql])
        for row, answer in zip(rows, answers, strict=True):
            if answer is not None and answer[0] == "f":
                draft = self.draft.replace(**row)
                yield _between(self.condition, draft), draft
                return

    def _guesses(self, name: str) -> list[str | None]:
        """What a column might hold: of its pool, what its like in the row hold, NULL."""
        column = self.table.column(name)
        alike = [o for o in self.condition.columns if self._kind(o) == self._kind(name)]
        pool = self.context.rows.plan(self.table.name).pool(name)
        near = [self.draft.stored[other] for other in alike]
        found = [*near, *pool.refused[:_NEAR], *pool.accepted[:_NEAR]]
        if column.type.root.name in _TEXTS:
            found += [made for text in found if text for made in _variants(text)]
        return [*(text for text in found if text is not None), *[None] * column.nullable]

    def _kind(self, name: str) -> str:
        return self.table.column(name).type.root.sql

    def _may(self, name: str) -> bool:
        return self.table.column(name).generated is None


def _variants(text: str) -> tuple[str, ...]:
    """Other cases, other lengths, other characters."""
    return (text.lower(), text.upper(), text[:-1], f" {text}", f"{text}~", "a", "A", "", "-")


def _described(boundary: Boundary) -> tuple[str, Draft]:
    return f"{boundary.column} = {_shown(boundary.value)}", boundary.draft


def _between(condition: Condition, draft: Draft) -> str:
    values = (f"{n} = {_shown(draft.values.get(n))}" for n in condition.columns)
    return "a row with " + ", ".join(values)


def _shown(text: str | None) -> str:
    return "NULL" if text is None else repr(text if len(text) <= 60 else f"{text[:57]}...")
