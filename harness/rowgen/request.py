"""Request: one row that is wanted, and what the server's refusals say to do otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice

from harness.postgres.schema_model import Column, Constraint, Schema, Table
from harness.rowgen.draft import Draft, Refusal, Values
from harness.rowgen.expression import columns_of, parse
from harness.rowgen.plan import Plan

_UNIQUE, _EXCLUDED, _NOT_NULL, _ORPHAN, _CHECK = "23505", "23P01", "23502", "23503", "23514"
_CHOICES = 64
"""Of which foreign keys are NULL."""


@dataclass
class FullRequest:
    """What a request was before it was tried with nothing but what it needs."""

    forced: dict[str, str | None]
    fresh: set[str]
    minimal: bool
    given_up: bool = False

    def give_up(self, request: Request) -> None:
        """Go back to it: that was refused as well."""
        request.forced, request.fresh, request.minimal = self.forced, self.fresh, self.minimal
        self.given_up = True


def bare(table: Table) -> list[str]:
    """The columns that a row can do without: what was born yesterday has nothing in them."""
    return [c.name for c in table.columns if c.nullable and c.insertable and not c.has_default]


@dataclass
class Request:
    """A row of a table with given values, while it is looked for."""

    plan: Plan
    given: dict[str, str | None]
    forced: dict[str, str | None] = field(default_factory=dict)
    """Values that replace others which were refused."""
    fresh: set[str] = field(default_factory=set)
    """Foreign keys that need parents of their own: their columns are unique."""
    matched: set[str] = field(default_factory=set)
    """Those whose parents are chosen by what conditions say of them beside settled columns."""
    parents: list[Draft] = field(default_factory=list)
    required: frozenset[str] = frozenset()
    """Foreign keys that may be NULL, and are not to be."""
    chosen: dict[str, str | None] = field(default_factory=dict)
    """What is settled so far while the references are followed one after the other."""
    promised: dict[str, str | None] = field(default_factory=dict)
    """Values that a row inserted before this one refers to already."""
    awaited: list[Constraint] = field(default_factory=list)
    """The foreign keys of those rows, deferred for the time being."""
    deferring: list[Constraint] = field(default_factory=list)
    """Its own foreign keys that are deferred until the row is there that they refer to."""
    echoed: dict[str, str | None] = field(default_factory=dict)
    """Values by which the row refers to itself; chosen anew each time."""

    referred: dict[str, Values] = field(default_factory=dict)
    """By foreign key, the columns of the row that it refers to."""
    unchecked: bool = False
    """It refers to a row that waits for it, and neither can be first: nobody checks it."""
    displeased: bool = False
    """Something else than a key has refused it."""
    lifted: frozenset[str] = frozenset()
    """Foreign keys that are NULL in it."""
    minimal: bool = False
    """Parents that are made for it get no more than they need."""
    _liftings: dict[frozenset[str], Iterator[frozenset[str]]] = field(default_factory=dict)
    _full: FullRequest | None = None

    def __post_init__(self) -> None:
        favoured = self.plan.favoured.items()
        self.forced = {name: text for name, text in favoured if name not in self.given}
        self.lifted, self.minimal = self.plan.lifted, self.plan.minimal

    def accepted(self) -> None:
        """Remember what to begin with next time."""
        self.plan.parents = dict(self.referred)
        self.plan.lifted = self.lifted
        if self.displeased:
            self.plan.favoured, self.plan.minimal = dict(self.forced), self.minimal

    @property
    def table(self) -> Table:
        """Where the row goes."""
        return self.plan.table

    @property
    def settled(self) -> dict[str, str | None]:
        """What is not to be chosen any more."""
        return {**self.forced, **self.echoed, **self.promised, **self.given}

    def learn(self, refusal: Refusal, schema: Schema) -> bool:
        """Do otherwise next time; False where there is nothing left to be changed."""
        if refusal.sqlstate == _NOT_NULL and refusal.column in self._changeable():
            return self._force(refusal.column)
        if refusal.sqlstate in (_UNIQUE, _EXCLUDED, _ORPHAN):
            return self._renew(self._columns(refusal, schema))
        self.displeased = True
        if refusal.sqlstate == _CHECK and (columns := self._columns(refusal, schema)):
            return self._vary(columns)
        return self._please_triggers(refusal)

    def made_by_a_parent(self, refusal: Refusal) -> list[str]:
        """The columns of a key that a new parent's own trigger has filled; none where it has not.

        The parent was inserted for this row alone, and yet something refers to it already.
        """
        index = self.table.index(refusal.constraint) if refusal.sqlstate == _UNIQUE else None
        columns = [name for name in index.columns if name] if index else []
        # Part of a reference may be taken by any row: the unique columns hold all of it.
        fresh_keys = [key for key in self.table.foreign_keys if key.name in self.fresh]
        keys = [key for key in fresh_keys if {*key.columns} <= {*columns}]
        fresh = {name for key in keys for name in key.columns} - {*self.given, *self.promised}
        whole = index is not None and len(columns) == len(index.columns)
        return columns if whole and fresh and set(columns) <= fresh else []

    def taken_by_a_row(self, refusal: Refusal) -> list[str]:
        """The columns of a key of which every value that may be is taken; none where others may."""
        index = self.table.index(refusal.constraint) if refusal.sqlstate == _UNIQUE else None
        columns = [name for name in index.columns if name] if index else []
        settled = {*self.given, *self.promised, *self.plan.referring}
        whole = index is not None and len(columns) == len(index.columns)
        return columns if whole and not settled & {*columns} else []

    def reconsider(self, columns: Collection[str]) -> bool:
        """Settle these columns otherwise, since no row goes with them; False where none may be."""
        stuck = set(columns) & set(self.forced)
        for name in stuck:
            del self.forced[name]
        return bool(stuck) or self._other_parents(columns)

    def _other_parents(self, columns: Collection[str]) -> bool:
        """Refer to other rows, in these columns; False where that has been tried."""
        keys = self._keys(set(columns))
        new = {key.name for key in keys} - self.fresh
        if new:
            # One at a time: two that were the same differ when one of them is new.
            self.fresh.add(min(new))
            return True
        if unmatched := {key.name for key in keys} - self.matched:
            self.matched.add(min(unmatched))
            return True
        return self._lift(frozenset(k.name for k in keys if self._may_be_null(k)))

    def _lift(self, keys: frozenset[str]) -> bool:
        """Make others of these NULL; False where every choice of them has been tried."""
        if keys not in self._liftings:
            sizes = range(len(keys) + 1)
            choices = (some for size in sizes for some in combinations(sorted(keys), size))
            self._liftings[keys] = map(frozenset, islice(choices, _CHOICES))
        for some in self._liftings[keys]:
            if some != self.lifted & keys:
                self.lifted = self.lifted - keys | some
                return True
        return False

    def _may_be_null(self, key: Constraint) -> bool:
        return any(self.table.column(name).nullable for name in key.columns)

    def _keys(self, columns: set[str]) -> list[Constraint]:
        """The foreign keys in which something may be changed."""
        may = columns & set(self._changeable())
        return [key for key in self.table.foreign_keys if may & set(key.columns)]

    def _columns(self, refusal: Refusal, schema: Schema) -> list[str]:
        """The columns of what refused, by its name."""
        other = schema.by_name.get(refusal.table) if refusal.table else None
        for owner in (self.table, other):
            index = owner.index(refusal.constraint) if owner else None
            constraint = owner.constraint(refusal.constraint) if owner else None
            columns = index.reads if index else constraint.columns if constraint else ()
            if columns:
                # Of a partition or a view's table, the columns that have the same name.
                return self._written([c for c in self.table.columns if c.name in columns])
        return []

    def _written(self, columns: Sequence[Column]) -> list[str]:
        """Their names; of generated ones, what they are made from, too."""
        read = {n for c in columns if c.generated for n in columns_of(parse(c.generated))}
        names = {c.name for c in columns} | read
        return [column.name for column in self.table.columns if column.name in names]

    def _changeable(self) -> list[str]:
        taken = {*self.given, *self.promised}
        return [c.name for c in self.table.columns if c.insertable and c.name not in taken]

    def _plain(self, columns: Collection[str]) -> list[str]:
        """Those of the columns that are free to hold anything."""
        may = [name for name in self._changeable() if name in columns]
        return [name for name in may if name not in self.plan.referring]

    def _force(self, name: str) -> bool:
        self.forced[name] = self.plan.unused(name)
        return self.forced[name] is not None

    def _renew(self, columns: Collection[str]) -> bool:
        """Something that is not there yet: in the roomiest column, or by a parent of its own."""
        if taken := [name for name in columns if name in self.promised]:
            for name in taken:
                del self.promised[name]  # to be promised anew, as another
            self.fresh |= {key.name for key in self._keys({*taken})}
            return True
        keys, plain = self._keys(set(columns)), self._plain(columns)
        self.fresh |= {key.name for key in keys}
        for name in sorted(plain, key=self._room, reverse=True):
            if self._force(name):
                return True
            # An enum beside a boolean: every pair, in any order.
            self.forced[name] = self.plan.some(name)
        # What the table makes itself is another each time.
        itself = [name for name in columns if name in self.echoed or self._automatic(name)]
        return bool(keys) or len(plain) > 1 or any(name not in self.given for name in itself)

    def _vary(self, columns: Collection[str]) -> bool:
        for name in self.plan.shuffled(self._plain(columns)):
            self.forced[name] = self.plan.some(name)
        keys = self._keys(set(columns))
        self.fresh |= {key.name for key in keys}
        return bool(keys or self._plain(columns))

    def _room(self, name: str) -> tuple[bool, bool, int]:
        """How freely a column may be changed: not what others must agree with, many values."""
        pool = self.plan.pool(name)
        # A default that differs each time is left alone while there is another way.
        return (not self._automatic(name), not self.plan.others(name), len(pool.accepted))

    def _please_triggers(self, refusal: Refusal) -> bool:
        """A trigger's refusal names no column; its message may mention one."""
        if self._full is None:
            return self._minimized()
        if not self._full.given_up:
            self._full.give_up(self)
        self.plan.loosen()
        for name in self._changeable():  # a number of ours, where a sequence's was taken
            if name in self.forced and self._automatic(name):
                self.forced[name] = self.plan.unused(name)
        words = f"{refusal.message} {refusal.detail}".lower().replace("_", " ")
        names = [name for name in self._changeable() if not self._automatic(name)]
        told = [name for name in names if name.lower().replace("_", " ") in words]
        return self._vary(told or names)

    def _minimized(self) -> bool:
        """The row, and new parents for it, with nothing but what they need."""
        self._full = FullRequest(dict(self.forced), set(self.fresh), self.minimal)
        plain = [name for name in bare(self.table) if name in self._changeable()]
        self.forced |= {name: None for name in plain if name not in self.plan.referring}
        self.fresh |= {key.name for key in self.table.foreign_keys}
        self.minimal = True
        return True

    def _automatic(self, name: str) -> bool:
        column = self.table.column(name)
        return column.identity is not None or column.volatility == "volatile"
