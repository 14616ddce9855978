"""Trial: the rows that a CHECK is tried with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, permutations

from harness.properties.bench import Bench
from harness.relations import Table
from harness.rows import Boundary, Condition, Draft
from harness.rows.conditions import judged_type
from harness.rows.expression import Both, Node, parse

_MOST = 40
"""Rows on either side that are put to the server."""
_GUESSES = 40


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
    bench: Bench

    @cached_property
    def _boundaries(self) -> list[Boundary]:
        return self.bench.rows.boundaries(self.draft, self.condition)

    def satisfying(self) -> Iterator[tuple[str, Draft]]:
        """The valid row, and it with one column at, below or above each line that is drawn."""
        yield "a valid row", self.draft
        passing = (b for b in self._boundaries if not b.failing and b.truth is not False)
        yield from islice(map(_described, passing), _MOST)

    def violations(self) -> Iterator[tuple[str, Draft]]:
        """Rows that violate this condition: those first that violate no other."""
        failing = [b for b in self._boundaries if b.truth is False]
        failing.sort(key=lambda boundary: len(boundary.failing))
        alone = [b for b in failing if set(b.failing) == {self.condition.name}]
        yield from islice(map(_described, alone), _MOST)
        if alone:
            return
        changed = self.bench.rows.violation(self.draft, self.condition)
        if changed is not None:
            yield _between(self.condition, changed), changed
        yield from islice(map(_described, failing), 2)
        yield from self._guessed() if changed is None and not failing else ()

    def _guessed(self) -> Iterator[tuple[str, Draft]]:
        """Values that no plan allows: of foreign keys, and what other columns hold."""
        whole = {n: self.draft.stored[n] for n in self.condition.columns if self._may(n)}
        changes = [{**whole, name: text} for name, text in islice(self._guesses(), _GUESSES)]
        types = {n: judged_type(self.table.column(n)) for n in whole}
        answers = self.bench.rows.server.judge(types, changes, [self.condition.sql])
        for row, answer in zip(changes, answers, strict=True):
            if answer is not None and answer[0] == "f":
                draft = self.draft.replace(**row)
                yield _between(self.condition, draft), draft
                return

    def _guesses(self) -> Iterator[tuple[str, str | None]]:
        names = [name for name in self.condition.columns if self._may(name)]
        yield from ((n, self.draft.stored[o]) for n, o in permutations(names, 2))
        yield from ((n, None) for n in names if self.table.column(n).nullable)
        for name in names:
            pool = self.bench.rows.plan(self.table.name).pool(name)
            yield from ((name, text) for text in [*pool.refused, *pool.accepted])

    def _may(self, name: str) -> bool:
        return self.table.column(name).generated is None


def _described(boundary: Boundary) -> tuple[str, Draft]:
    return f"{boundary.column} = {_shown(boundary.value)}", boundary.draft


def _between(condition: Condition, draft: Draft) -> str:
    values = (f"{n} = {_shown(draft.values.get(n))}" for n in condition.columns)
    return "a row with " + ", ".join(values)


def _shown(text: str | None) -> str:
    return "NULL" if text is None else repr(text if len(text) <= 60 else f"{text[:57]}...")
