"""Search: rows that all conditions of a table accept, judged many at a time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.postgres.schema_model import Column, Table
from harness.rowgen.conditions import Condition, judged_type
from harness.rowgen.draft import Values
from harness.rowgen.evaluator import Server
from harness.rowgen.hints import Hint, hints
from harness.rowgen.neighbouring_values import ending, interesting
from harness.rowgen.pools import Pool

_BATCH = 120
_ROUNDS = 12
_ENDED = 6
"""Texts that get another beginning or end."""
Row = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: rows that pass, or the nearest one and what refuses it."""

    rows: list[Row]
    closest: Row
    refusing: Condition | None


class Search:
    """The free columns of a table, what they may hold, and what must hold between them."""

    def __init__(
        self,
        server: Server,
        table: Table,
        conditions: Sequence[Condition],
        pools: Mapping[str, Pool],
        chance: random.Random,
    ) -> None:
        self._server = server
        self._table = table
        self._conditions = list(conditions)
        self._pools = pools
        self._chance = chance

    def run(self, fixed: Values, free: Sequence[str], spare: Sequence[str] = ()) -> Found:
        """Rows of ``fixed`` and ``free`` columns; ``spare`` ones have defaults to override."""
        rows = [{**self._plain(number, free), **fixed} for number in (0, 1)]
        rows += [self._any(fixed, free) for _ in range(_BATCH - 2)]
        if not self._conditions:
            return Found(_distinct(rows), rows[0], None)
        for _ in range(_ROUNDS):
            scored = self._scored(rows)
            passing = [row for row, failing in scored if not failing]
            if passing:
                return Found(_distinct(passing), passing[0], None)
            best, failing = min(scored, key=lambda pair: len(pair[1]))
            settled = [c for c in failing if not set(c.columns) & {*free, *spare}]
            if settled and failing is not self._conditions:
                return Found([], best, settled[0])  # nothing that may be chosen changes it
            rows = list(self._mutations(scored, [*free, *filter(self._has_any, spare)]))
            if not rows:
                break
        return Found([], best, failing[0])

    def _plain(self, number: int, free: Sequence[str]) -> Row:
        """The first or the second plain value of each column: rows that are alike hide mistakes.

        So do columns of a key that hold the same: code that mixes them up finds the right row.
        """
        places = self._places(free)
        row: Row = {}
        for name in free:
            some, place = self._pools[name].accepted, number + 2 * places.get(name, 0)
            row[name] = some[place if place < len(some) else number % len(some)] if some else None
        return row

    def _places(self, free: Sequence[str]) -> dict[str, int]:
        """How many columns of its type a column of a key has before it there."""
        found: dict[str, int] = {}
        for key in self._table.keys:
            names = [name for name in key.columns if name in free]
            for number, name in enumerate(names):
                kinds = [self._kind(other) for other in names[:number]]
                found[name] = max(found.get(name, 0), kinds.count(self._kind(name)))
        return found

    def _has_any(self, name: str) -> bool:
        """Whether there is anything that a column may hold, to override its default with."""
        return bool(self._pools[name].accepted) or self._pools[name].column.nullable

    def _any(self, fixed: Values, free: Sequence[str]) -> Row:
        return {**{name: self._some(name) for name in free}, **fixed}

    def _some(self, name: str, null: float = 0.1) -> str | None:
        pool = self._pools[name]
        if not pool.accepted or (pool.column.nullable and self._chance.random() < null):
            return None
        # The plain ones more often: they satisfy more of what was not understood.
        if self._chance.random() < 0.4:
            return self._chance.choice(pool.accepted[:8])
        return self._chance.choice(pool.accepted)

    def _scored(self, rows: Sequence[Row]) -> list[tuple[Row, list[Condition]]]:
        """Each row with the conditions that it fails; all of them where one is an error."""
        read = {name for c in self._conditions for name in c.columns}
        columns, constants = reading(self._table, read, rows)
        texts = [condition.sql for condition in self._conditions]
        scored: list[tuple[Row, list[Condition]]] = []
        answers = self._server.judge(columns, rows, texts, constants)
        for row, answer in zip(rows, answers, strict=True):
            if answer is None:
                scored.append((row, self._conditions))
                continue
            pairs = zip(self._conditions, answer, strict=True)
            scored.append((row, [c for c, text in pairs if c.fails(text)]))
        return scored

    def _mutations(
        self, scored: Sequence[tuple[Row, list[Condition]]], may: Sequence[str]
    ) -> Iterator[Row]:
        """Neighbours of the best rows in the columns of what they fail."""
        best = sorted(scored, key=lambda pair: len(pair[1]))[:4]
        for row, failing in best:
            columns = [n for n in dict.fromkeys(x for c in failing for x in c.columns) if n in may]
            if columns:
                yield from self._related(row, failing, columns)
                yield from (self._mutated(row, columns) for _ in range(_BATCH // 4))

    def _mutated(self, row: Row, columns: Sequence[str]) -> Row:
        chosen = self._chance.sample(columns, self._chance.randint(1, min(4, len(columns))))
        return {**row, **{name: self._other(row, name) for name in chosen}}

    def _other(self, row: Row, name: str) -> str | None:
        """Another value for a column: of its pool, NULL, or what a sibling holds."""
        kin = [o for o in self._pools if o != name and self._kind(o) == self._kind(name)]
        if kin and self._chance.random() < 0.2:
            value = row.get(self._chance.choice(kin))
            if self._may_hold(name, value):
                return value
        return self._some(name, null=0.3)

    def _kind(self, name: str) -> str:
        return self._pools[name].column.type.root.sql

    def _related(
        self, row: Row, failing: Sequence[Condition], columns: Sequence[str]
    ) -> Iterator[Row]:
        """What other columns of the row, or an expression of them, say about each column."""
        names = [column.name for column in self._table.columns]
        every = [hint for c in failing for hint in hints(c.sql, names)]
        found = [h for h in every if h.reads and not h.path and h.column in columns]
        wanted = [(hint, text) for hint in found for text in self._tried(hint)]
        for (hint, _), value in zip(
            wanted, computed(self._server, self._table, row, wanted), strict=True
        ):
            if self._may_hold(hint.column, value):
                yield {**row, hint.column: value}

    def _tried(self, hint: Hint) -> list[str]:
        """SQL of what is worth trying for a column that is compared with others of the row."""
        if hint.kind in ("prefix", "suffix"):
            return ending(hint.kind, hint.sql, self._pools[hint.column].accepted[:_ENDED])
        if hint.kind != "near":
            return []
        return interesting(self._table.column(hint.column), hint.sql)

    def _may_hold(self, name: str, value: str | None) -> bool:
        return value is not None or self._table.column(name).nullable


def computed(
    server: Server, table: Table, row: Values, wanted: Sequence[tuple[Hint, str]]
) -> list[str | None]:
    """What expressions come to on a row; None for NULL and for errors."""
    if not wanted:
        return []
    types, constants = reading(table, {name for hint, _ in wanted for name in hint.reads}, [row])
    return server.computed(types, row, [text for _, text in wanted], constants)


def reading(
    table: Table, read: set[str], rows: Sequence[Values]
) -> tuple[dict[str, str], dict[str, str]]:
    """How ``Server.judge`` gets the columns that are read.

    Types of those that the rows give, and expressions of the defaults of the others.
    """
    given = {name for row in rows for name in row}
    wanted = [c for c in table.columns if c.name in read and not c.generated]
    columns = {c.name: judged_type(c) for c in wanted if c.name in given}
    return columns, {c.name: _default(c) for c in wanted if c.name not in given}


def _default(column: Column) -> str:
    """What an omitted column will hold; of a sequence, nothing is taken for a trial."""
    default = column.default if column.volatility != "volatile" else None
    return f"({default or 'NULL'})::{judged_type(column)}"


def _distinct(rows: Sequence[Row]) -> list[Row]:
    return list({tuple(row.items()): row for row in rows}.values())
