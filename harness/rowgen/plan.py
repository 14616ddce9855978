"""Plan: what is known about one table's rows, and learnt while rows are made."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from harness.postgres.schema_model import Schema, Table
from harness.rowgen.conditions import Condition, called_in, conditions
from harness.rowgen.draft import Values
from harness.rowgen.evaluator import Server
from harness.rowgen.hints import Hint, hints
from harness.rowgen.pools import Pool, Pools
from harness.rowgen.search import Found, Row, Search

_ROUNDS = 3
_SEARCHES = 3
"""Times that the same is searched for before nobody looks again."""
_LITERAL = re.compile(r"'((?:[^']|'')*)'|(?<![\w.])(\d+(?:\.\d+)?)")


class Plan:
    """How rows of a table are made; it remembers what the server has said."""

    def __init__(
        self,
        table: Table,
        schema: Schema,
        server: Server,
        pools: Pools,
        seed: int,
        extra: Sequence[Condition] = (),
        ignored: Collection[str] = (),
    ) -> None:
        self.table = table
        every = (*conditions(table, schema), *extra)
        self.conditions = tuple(c for c in every if c.name not in ignored)
        self.loose = False
        """Columns with defaults are given values too: the defaults were refused."""
        self.nulls: set[str] = set()
        """Foreign keys whose parents cannot be had, and which may be NULL."""
        self.lifted: frozenset[str] = frozenset()
        """Foreign keys that were NULL in the last row, since a CHECK wanted it so."""
        self.minimal = False
        """New parents get no more than they need: a trigger refused others."""
        self.favoured: dict[str, str | None] = {}
        """Values that triggers accepted, after they had refused others."""
        self.parents: dict[str, Values] = {}
        """By foreign key, the row that the last accepted one referred to."""
        self._server = server
        self._pools = pools
        self._made: dict[str, Pool] = {}
        self._advised: dict[tuple[str, tuple[Condition, ...]], Pool] = {}
        self._dealt: dict[object, itertools.cycle[Row]] = {}
        self._failed: dict[object, list[Found]] = {}
        """Searches that came to nothing, by what was settled."""
        # Of the table's shape: what it is called decides nothing.
        shape = [column.type_sql for column in table.columns]
        self._chance = random.Random(f"{seed} {shape}")  # noqa: S311  repeatable, not secret
        self.referring = {name for key in table.foreign_keys for name in key.columns}

    def own(self, column: str) -> list[Condition]:
        """The conditions that read this column and no other."""
        return [c for c in self.conditions if set(c.columns) == {column}]

    def others(self, column: str) -> list[Condition]:
        """The conditions that read this column beside others."""
        return [c for c in self.conditions if column in c.columns and len(c.columns) > 1]

    def pool(self, column: str) -> Pool:
        """The values that are worth trying for a column."""
        if column not in self._made:
            own, others = self.own(column), self.others(column)
            made = self._pools.pool(self.table.column(column), own, others)
            while not made.accepted and made.rounds < _ROUNDS and not made.column.nullable:
                self._pools.more(made, own, others)
            if not made.accepted and (called := called_in(own)):
                self._mention(made, self._server.bodies(called))
            self._made[column] = made
        return self._made[column]

    def free(self, fixed: Iterable[str]) -> list[str]:
        """The columns that a row is given values for, beside those that are settled."""
        return [
            column.name
            for column in self.table.columns
            if column.insertable
            and column.name not in fixed
            and column.name not in self.referring
            and (self.loose or not column.has_default)
            and not (column.identity and column.has_default)
        ]

    def spare(self, fixed: Iterable[str]) -> list[str]:
        """The columns that have defaults, which a search may override."""
        taken = {*self.free(fixed), *fixed, *self.referring}
        columns = [c for c in self.table.columns if c.name not in taken and c.insertable]
        return [column.name for column in columns if not column.identity]

    def deal(self, fixed: Values) -> Found:
        """The next row with these values, judged by every condition; others each time.

        What satisfies its own conditions alone is not searched for again: the server says so
        soon enough if a given value does not.
        """
        between = [c for c in self.conditions if len(c.columns) > 1 or c.strict]
        matter = {name for c in between for name in c.columns}
        shared = {name: text for name, text in fixed.items() if name in matter}
        key = (frozenset(shared.items()), self.loose)
        if key not in self._dealt:
            found = self._failed[key][-1] if len(self._failed.get(key, ())) >= _SEARCHES else None
            found = found or self._search(shared)
            if not found.rows:
                self._failed.setdefault(key, []).append(found)
                return replace(found, closest={**found.closest, **fixed})
            chosen = [{n: t for n, t in row.items() if n not in shared} for row in found.rows]
            self._dealt[key] = itertools.cycle(chosen)
        row = {**next(self._dealt[key]), **fixed}
        return Found([row], row, None)

    def _search(self, fixed: Values) -> Found:
        free, spare = self.free(fixed), self.spare(fixed)
        pools = {name: self.pool(name) for name in [*free, *self._read(spare)]}
        between = [c for c in self.conditions if not self._settled(c, free)]
        search = Search(self._server, self.table, between, pools, self._chance)
        empty = self._empty(free, pools)
        if empty is not None:
            nearest = {n: pools[n].failing or next(self._candidates(pools[n]), None) for n in free}
            return Found([], {**nearest, **fixed}, empty)
        return search.run(fixed, free, [name for name in spare if name in pools])

    def _candidates(self, pool: Pool) -> Iterator[str]:
        """Values of a pool; those last of which no condition could say anything but an error."""
        yield from (*pool.accepted, *pool.refused)
        yield from self._pools.draw(pool.column)

    def _read(self, names: Sequence[str]) -> list[str]:
        read = {name for condition in self.conditions for name in condition.columns}
        return [name for name in names if name in read]

    def _settled(self, condition: Condition, free: Sequence[str]) -> bool:
        """The pool of its only column satisfies it, NULL included; or a parent's row does."""
        if len(condition.columns) != 1 or condition.strict:
            return False
        return condition.columns[0] in free or condition.columns[0] in self.referring

    def _empty(self, free: Sequence[str], pools: dict[str, Pool]) -> Condition | None:
        """The condition that leaves a column without any value."""
        for name in free:
            pool = pools[name]
            if not pool.accepted and pool.refusing and not pool.column.nullable:
                return pool.refusing
        return None

    def never(self, condition: Condition) -> bool:
        """Nothing that was tried satisfies the condition, whatever else holds."""
        pools = {name: self.pool(name) for name in condition.columns}
        if any(pool.refusing == condition for pool in pools.values()):
            return True
        return not self.search([condition], {}, condition.columns).rows

    def search(
        self,
        wanted: Sequence[Condition],
        fixed: Values,
        free: Sequence[str],
        refused: bool = False,
    ) -> Found:
        """Rows that satisfy these conditions, with some columns settled and some to choose.

        With ``refused``, values that a column's own conditions refuse are tried as well.
        """
        foreign = tuple(c for c in wanted if c not in self.conditions)
        pools = {name: self._informed(name, foreign) for name in free}
        if refused:
            pools = {name: pool.whole() for name, pool in pools.items()}
        return Search(self._server, self.table, wanted, pools, self._chance).run(fixed, free)

    def _informed(self, column: str, wanted: tuple[Condition, ...]) -> Pool:
        """A column's pool, with what conditions that are not the table's own say of it."""
        pool = self.pool(column)
        found = [h for c in wanted for h in hints(c.sql, c.columns) if h.column == column]
        if not found:
            return pool
        if (column, wanted) not in self._advised:
            texts = self._pools.hinted(pool.column, found)
            self._advised[column, wanted] = self._pools.judged(pool.column, self.own(column), texts)
        made = self._advised[column, wanted]
        accepted = dict.fromkeys([*made.accepted, *pool.accepted])
        return Pool(pool.column, list(accepted), [*made.refused, *pool.refused])

    def begin(self) -> None:
        """The rows are gone that were given values: where there are no others, they are free."""
        for pool in self._made.values():
            if pool.exhausted:
                pool.given = 0

    def unused(self, column: str) -> str | None:
        """A value of a column that no row was given, made anew where all were."""
        pool = self.pool(column)
        found = pool.unused()
        while found is None and not pool.exhausted:
            self._pools.more(pool, self.own(column), self.others(column))
            found = pool.unused()
        return found

    def loosen(self) -> None:
        """Try harder: override defaults, and take what the triggers' own bodies mention."""
        if not self.loose:
            self.loose = True
            self._dealt.clear()
            bodies = [trigger.source for trigger in self.table.triggers]
            for name in self.free(()):
                self._mention(self.pool(name), bodies)

    def compared(self, column: str, source: str) -> list[str]:
        """What a column's own conditions and a function's body compare with, as far as valid."""
        pool = self.pool(column)
        found = [h for c in self.own(column) for h in hints(c.sql, c.columns)]
        for text in dict.fromkeys(_literals(source)):
            found += _mentioned(column, text)
        texts = self._pools.hinted(pool.column, found)
        return self._pools.judged(pool.column, self.own(column), texts).accepted

    def _mention(self, pool: Pool, bodies: Iterable[str]) -> None:
        """Take what functions compare with, as far as literals tell."""
        texts = [text for body in bodies for text in _literals(body)]
        found: list[Hint] = []
        for text in dict.fromkeys(texts):
            found += _mentioned(pool.column.name, text)
        own = self.own(pool.column.name)
        mentioned = self._pools.judged(pool.column, own, self._pools.hinted(pool.column, found))
        pool.mentioned = mentioned.accepted
        pool.accepted = list(dict.fromkeys([*pool.accepted, *mentioned.accepted]))

    def shuffled(self, names: Sequence[str]) -> list[str]:
        """Some of the columns, by chance."""
        return self._chance.sample(names, self._chance.randint(1, len(names))) if names else []

    def some(self, column: str) -> str | None:
        """Any value of a column's pool, or NULL."""
        pool = self.pool(column)
        if pool.column.nullable and (not pool.accepted or self._chance.random() < 0.15):
            return None
        if pool.mentioned and self._chance.random() < 0.6:
            return self._chance.choice(pool.mentioned)
        return self._chance.choice(pool.accepted) if pool.accepted else None


def _mentioned(column: str, text: str) -> Iterator[Hint]:
    """What a literal in a function's body may be to a column."""
    quoted = "'" + text.replace("'", "''") + "'"
    yield from (Hint(column, "near", quoted), Hint(column, "pattern", quoted))
    yield Hint(column, "text", text)


def _literals(source: str) -> list[str]:
    found = _LITERAL.findall(source)
    return [(text or number).replace("''", "'") for text, number in found if text or number]
