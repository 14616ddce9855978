"""Rows: valid rows of any table, from the catalog and the server's answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

import psycopg
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from psycopg import sql

from harness.postgres.schema_model import Column, Constraint, Name, Schema, Table
from harness.rowgen.boundaries import Boundaries, Boundary
from harness.rowgen.conditions import Condition
from harness.rowgen.draft import Draft, Refusal, Unsatisfiable, Values
from harness.rowgen.evaluator import Server, setting
from harness.rowgen.hints import hints
from harness.rowgen.parents import Parents
from harness.rowgen.plan import Plan
from harness.rowgen.pools import Pools
from harness.rowgen.request import Request
from harness.rowgen.search import Found, Row
from harness.rowgen.text import as_text
from harness.rowgen.views import behind

Made = TypeVar("Made")
_Change = tuple[dict[str, str | None], list[Draft]]
"""Values of some columns, and the rows that were inserted for them."""
_ATTEMPTS = 80
_ALIKE = 16
"""Times that the same is said of another row before no other is tried."""
_DEEPEST = 40


class Rows:
    """A source of valid rows over one connection, inside a transaction of the caller's.

    The same seed on the same database gives the same rows. Nothing is ever committed;
    sequences move, as they do in any transaction.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        schema: Schema,
        seed: int = 0,
        like: Rows | None = None,
    ) -> None:
        """``like`` another on this connection, with this seed: what columns hold is known."""
        self.schema = schema
        self.server: Server = like.server if like else Server(connection)
        self._seed = seed
        self._pools: Pools = like._pools if like else Pools(self.server, schema.encoding, seed)
        self._plans: dict[tuple[Name, frozenset[str]], Plan] = {}
        self._ignored: dict[Name, frozenset[str]] = {}
        self._parents = Parents(self.server, schema, self._parent)
        self._staying: set[int] = set()
        self._missed: dict[str, Unsatisfiable] = {}
        self._deferred = any(defers(table) for table in schema)
        self.wishes: dict[Name, Iterator[Values]] = {}
        """Table -> values for the rows of it that others need as parents, as long as there are
        some."""
        self.refused: dict[Name, dict[str, tuple[Row, Refusal]]] = {}
        """Table -> SQLSTATE -> the first row that code of the schema's ended in an error for."""

    def plan(self, table: str | Name | Table) -> Plan:
        """What is known of a table's rows: its conditions and the values of each column."""
        found = self.schema.table(table)
        key = found.name, self._ignored.get(found.name, frozenset())
        if key not in self._plans:
            seen, extra = behind(found, self.schema)
            plan = Plan(seen, self.schema, self.server, self._pools, self._seed, extra, key[1])
            self._plans[key] = plan
        return self._plans[key]

    def ignore(self, table: Table, condition: str) -> None:
        """Make rows without regard to a condition, which the caller has dropped."""
        self._ignored[table.name] = self._ignored.get(table.name, frozenset()) | {condition}

    def begin(self, anew: bool = False) -> None:
        """The schema is whole again, and the rows are there that were when `stay` was called.

        ``anew``: in another transaction, where none is.
        """
        if anew:
            self._staying = set()
        self._ignored.clear()
        self._parents.forget(self._staying)
        for plan in self._plans.values():
            plan.begin()

    def stay(self) -> None:
        """What is inserted by now stays until something begins anew."""
        self._staying = self._parents.known

    @property
    def made(self) -> list[Draft]:
        """The rows that were inserted and are still there, those of one table in their order."""
        return self._parents.every

    def again(self, drafts: Sequence[Draft]) -> bool:
        """Insert rows that another source has made on this connection; False where one is refused.

        The caller undoes them then. They are in the order in which they refer to each other, and
        of one statement each.
        """
        answers = self.server.each([f"{draft.text} RETURNING *" for draft in drafts])
        if isinstance(answers, Refusal) or any(len(rows) != 1 for rows in answers):
            return False
        # Defaults may have come to something else since.
        now: dict[str, Draft] = {}
        for draft, (row,) in zip(drafts, answers, strict=True):
            names = (column.name for column in draft.table.columns)
            parents = tuple(now[parent.text] for parent in draft.parents)
            stored = dict(zip(names, row, strict=True))
            now[draft.text] = replace(draft, stored=stored, parents=parents)
            self._parents.remember(now[draft.text])
        return True

    def once(self, wanted: object, make: Callable[[], Made]) -> Made:
        """What ``make`` makes; it is not asked again where nothing was found for this before.

        A search that ended in nothing took as many attempts as there may be, and its like would
        do so for each property of a table.
        """
        if wanted is not None and self._missed and (known := self._missed.get(repr(wanted))):
            raise known.with_traceback(None)
        try:
            return make()
        except Unsatisfiable as error:
            if wanted is not None and not (error.refusal and error.refusal.transient):
                self._missed[repr(wanted)] = error
            raise

    def valid(self, table: str | Table, /, **given: Any) -> Draft:
        """A row that the server accepts, tried in a savepoint and not kept.

        Its parents are in the transaction afterwards, reused where there are some. Raises
        Unsatisfiable.
        """
        found, texts = self.schema.table(table), self._texts(table, given)
        request = Request(self.plan(found), texts)
        draft = self._alone(request, lambda: self._fulfil(request, (), keep=False))
        if request.promised:
            # Its parents refer to it: they need one that stays, and then serve others too.
            self.insert(found)
            again = Request(self.plan(found), texts)
            return self._alone(again, lambda: self._fulfil(again, (), keep=False))
        return draft

    def referring(self, table: Table, key: Constraint) -> Draft:
        """The same, with a reference by this foreign key, which may be NULL in others."""
        request = Request(self.plan(table), {}, required=frozenset([key.name]))
        return self._alone(request, lambda: self._fulfil(request, (), keep=False))

    def _alone(self, request: Request, make: Callable[[], Draft]) -> Draft:
        """A row that is not kept; what refers to it is not kept either, but made with it."""
        known = self._parents.known
        with self.server.whole() as undo:
            draft = make()
            if not request.promised:
                return draft
            undo()
        waiting = [p for p in draft.parents if id(p) not in known]
        self._parents.forget(known)
        rows = [text for parent in waiting for text in parent.statements()]
        there = tuple(parent for parent in draft.parents if id(parent) in known)
        return replace(draft, parents=there, before=tuple(rows))

    def insert(self, table: str | Table, n: int = 1, /, **given: Any) -> list[Draft]:
        """Insert ``n`` valid rows with these values, and what they refer to."""
        found, texts = self.schema.table(table), self._texts(table, given)
        return [self._obtain(found, texts, (), keep=True) for _ in range(n)]

    def _texts(self, table: str | Table, given: dict[str, Any]) -> dict[str, str | None]:
        return as_text(self.server.connection, self.schema.table(table), given)

    def _parent(self, table: Table, given: Values, waiting: Sequence[Request]) -> Draft:
        for wish in islice(self.wishes.get(table.name, ()), 1):
            with suppress(Unsatisfiable):
                return self._obtain(table, {**wish, **given}, waiting, keep=True)
        return self._obtain(table, given, waiting, keep=True)

    def _obtain(self, table: Table, given: Values, waiting: Sequence[Request], keep: bool) -> Draft:
        with self.server.whole():
            return self._fulfil(Request(self.plan(table), dict(given)), waiting, keep)

    def _fulfil(self, request: Request, waiting: Sequence[Request], keep: bool) -> Draft:
        """Try rows until the server accepts one, doing otherwise as its refusals say."""
        refusal: Refusal | None = None
        row: Row = {}
        alike = 0
        for _ in range(_ATTEMPTS):
            found = self._candidate(request, waiting)
            if not found.rows:
                if found.refusing and request.reconsider(found.refusing.columns):
                    continue
                raise self._unsatisfiable(request, found, refusal)
            row = found.rows[0]
            answer = self._insert(request, row, waiting, keep)
            if isinstance(answer, Refusal) and (made := request.made_by_a_parent(answer)):
                answer = self._instead(request, row, waiting, keep, made) or answer
            if isinstance(answer, Draft):
                return self._finished(request, answer, keep)
            alike = alike + 1 if answer == refusal else 0
            refusal = answer
            if refusal.inside:
                seen = self.refused.setdefault(request.table.name, {})
                seen.setdefault(refusal.sqlstate, (row, refusal))
            if alike >= _ALIKE and refusal.inside and refusal.sqlstate.startswith("42"):
                break  # a name that nothing has is not there for other rows either
            if not request.learn(refusal, self.schema):
                taken = request.taken_by_a_row(refusal)
                free = taken and not self._is_ours(request.table, row, taken)
                instead = self._instead(request, row, waiting, keep, taken) if free else None
                if isinstance(instead, Draft):
                    return self._finished(request, instead, keep)
                break
        name = refusal.constraint if refusal else ""
        raise Unsatisfiable(request.table, name, row, refusal)

    def _finished(self, request: Request, draft: Draft, keep: bool) -> Draft:
        """The row; what was deferred until a kept row was there is as it is declared again."""
        request.accepted()
        for key in request.awaited if keep else ():
            if not key.deferred:
                self.server.defer(key, "IMMEDIATE")
        return draft

    def _candidate(self, request: Request, waiting: Sequence[Request]) -> Found:
        if len(waiting) > _DEEPEST:
            raise Unsatisfiable(request.table, "", request.settled, None)
        request.parents.clear()
        request.echoed.clear()
        settled = self._parents.settle(request, waiting)
        # A row that refers to itself has promised its own key by now.
        return request.plan.deal({**settled, **request.echoed, **request.promised})

    def _insert(
        self, request: Request, row: Row, waiting: Sequence[Request], keep: bool
    ) -> Draft | Refusal:
        pending = any(other.promised for other in waiting)
        deferred = self._deferred and not pending
        answer = self.server.insert(request.table, row, keep, deferred, request.unchecked)
        if isinstance(answer, Refusal):
            return answer
        parents = tuple({id(parent): parent for parent in request.parents}.values())
        draft = Draft(
            request.table,
            row,
            answer,
            parents,
            unchecked=request.unchecked,
            # Also those that are deferred by themselves: the caller may have changed that.
            before=tuple(setting(key, "DEFERRED") for key in dict.fromkeys(request.deferring)),
            after=tuple(
                setting(key, "IMMEDIATE")
                for key in dict.fromkeys(request.awaited)
                if not key.deferred
            ),
        )
        if keep:
            self._parents.remember(draft)
        return draft

    def _is_ours(self, table: Table, row: Row, columns: Sequence[str]) -> bool:
        """Whether a row with these values was made here; where it gets its defaults, any may be."""
        made = (draft for draft in self.made if draft.table.name == table.name)
        given = [name for name in columns if name in row]
        return any(all(one.stored.get(c) == row[c] for c in given) for one in made)

    def _instead(
        self,
        request: Request,
        row: Row,
        waiting: Sequence[Request],
        keep: bool,
        columns: Sequence[str],
    ) -> Draft | None:
        """The row in the place of one that is there already, which nothing refers to.

        "A profile for each new user": a trigger has made it before any INSERT of ours. Or the
        migrations have filled a table with all that it may hold.
        """

        def value(name: str) -> sql.Composable:
            default = request.table.column(name).default or "NULL"
            return sql.Literal(row[name]) if name in row else sql.SQL(default)

        conditions = [
            sql.SQL("{} = {}").format(sql.Identifier(name), value(name)) for name in columns
        ]
        delete = sql.SQL("DELETE FROM {} WHERE {}").format(
            request.table.identifier, sql.SQL(" AND ").join(conditions)
        )
        if isinstance(self.server.attempt(delete, keep=True), Refusal):
            return None
        answer = self._insert(request, row, waiting, keep)
        if isinstance(answer, Refusal):
            return None
        return replace(answer, cleared=delete.as_string(self.server.connection))

    def _unsatisfiable(
        self, request: Request, found: Found, refusal: Refusal | None
    ) -> Unsatisfiable:
        condition = found.refusing
        name = condition.name if condition else ""
        constant = condition is not None and request.plan.never(condition)
        return Unsatisfiable(request.table, name, found.closest, refusal, constant)

    def distinct(self, draft: Draft, columns: Collection[str]) -> Draft:
        """Another valid row that differs from ``draft`` in these columns and no other given one."""
        table = draft.table
        kept = {n: t for n, t in draft.values.items() if n not in columns}
        request = Request(self.plan(table.name), dict(kept))
        for name in columns:
            if name not in request.plan.referring and table.column(name).insertable:
                request.forced[name] = self._other(request.plan, name, draft.stored.get(name))
        request.fresh |= {k.name for k in table.foreign_keys if set(k.columns) & set(columns)}

        def make() -> Draft:
            found = self._candidate(request, ())
            row = found.rows[0] if found.rows else None
            answer = self._insert(request, row, (), False) if row else None
            if isinstance(answer, Draft):
                return answer
            raise Unsatisfiable(table, "", found.closest, answer)

        return self._alone(request, make)

    def varied(self, draft: Draft, columns: Collection[str]) -> Draft:
        """The draft with other values in as many of these columns as the server accepts.

        All of them at once, and one after the other where something refuses that. References
        lead to another row that is there.
        """
        changes = [*self._referred(draft, columns), *self._changed(draft, columns)]
        whole = {name: text for one, _ in changes for name, text in one.items()}
        parents = [parent for _, some in changes for parent in some]
        if (found := self._accepted(draft, whole, parents)) is not None:
            return found
        for one, some in changes:
            draft = self._accepted(draft, one, some) or draft
        return draft

    def _changed(self, draft: Draft, columns: Collection[str]) -> Iterator[_Change]:
        """For each column that is no reference, another value of its pool."""
        plan = self.plan(draft.table.name)
        for name in columns:
            if name not in plan.referring and draft.table.column(name).insertable:
                held = draft.values.get(name, draft.stored.get(name))
                other = next((text for text in plan.pool(name).accepted if text != held), held)
                if other != held:
                    yield {name: other}, []

    def _referred(self, draft: Draft, columns: Collection[str]) -> Iterator[_Change]:
        """For each foreign key of these columns alone, another row of its target."""
        for key in draft.table.foreign_keys:
            target = self.schema.by_name.get(key.target) if key.target else None
            free = all(draft.table.column(name).insertable for name in key.columns)
            if target is not None and free and set(key.columns) <= set(columns) and not key.period:
                held = [draft.values.get(name, draft.stored.get(name)) for name in key.columns]
                new = not self._parents.leads(key, draft.table)
                if other := self._parents.other(target, key.target_columns, held, new):
                    pairs = zip(key.columns, key.target_columns, strict=True)
                    yield {name: other[0][there] for name, there in pairs}, other[1]

    def _accepted(
        self, draft: Draft, changes: dict[str, str | None], parents: Sequence[Draft]
    ) -> Draft | None:
        """The draft with these changes, where the server accepts it; it is not kept."""
        if not changes:
            return None
        row = {**draft.values, **changes}
        answer = self.server.insert(draft.table, row, False, self._deferred, before=draft.before)
        if isinstance(answer, Refusal):
            return None
        return replace(draft, values=row, stored=answer, parents=(*draft.parents, *parents))

    def _other(self, plan: Plan, name: str, than: str | None) -> str | None:
        for _ in range(100):
            found = plan.unused(name)
            if found != than:
                return found
        return None

    def few(self, table: Table, name: str) -> list[str]:
        """The values of a column that has a few: true and false, labels, what a CHECK lists."""
        column = table.column(name)
        if column.type.root.name == "bool":
            return ["true", "false"]
        if column.type.root.labels:
            return [*column.type.root.labels]
        plan = self.plan(table)
        conditions = plan.own(name)
        found = [h for c in conditions for h in hints(c.sql, c.columns)]
        listed = {hint.kind for hint in found if hint.column == name} & {"member"}
        return plan.compared(name, "") if listed else []

    def conditions(self, table: str | Table) -> tuple[Condition, ...]:
        """What must not be false of a row alone: CHECKs, domains' CHECKs, partition bounds."""
        return self.plan(table).conditions

    def boundaries(self, draft: Draft, condition: Condition) -> list[Boundary]:
        """The draft with one column at, below and above each line that a condition draws."""
        return self._boundaries(draft).around(draft, condition)

    def violation(self, draft: Draft, condition: Condition) -> Draft | None:
        """The draft, changed so that this condition alone refuses it; None where none is found."""
        return self._boundaries(draft).violation(draft, condition)

    def disjuncts(self, draft: Draft, condition: Condition) -> list[tuple[str, Draft | None]]:
        """Each side of the condition's ORs, as SQL, with a row in which it alone is true."""
        return self._boundaries(draft).disjuncts(draft, condition)

    def _boundaries(self, draft: Draft) -> Boundaries:
        return Boundaries(self.plan(draft.table.name), self.server, self._pools)

    def strategy(self, table: str | Table, /, **given: Any) -> SearchStrategy[Draft]:
        """Drafts for Hypothesis: a valid row in which it varies, and shrinks, what may vary."""
        base = self.valid(table, **given)
        plan = self.plan(base.table.name)
        fixed = {*given, *plan.referring}
        names = [c.name for c in base.table.columns if c.insertable and c.name not in fixed]
        names = [name for name in names if not base.table.column(name).identity]
        choices = {name: self._drawn(base.table.column(name), plan) for name in names}
        changes = st.fixed_dictionaries({}, optional=choices)
        return changes.map(lambda values: self._varied(base, values))

    def _drawn(self, column: Column, plan: Plan) -> SearchStrategy[str | None]:
        texts = self._pools.strategy(column, plan.own(column.name))
        return texts | st.none() if column.nullable else texts

    def _varied(self, base: Draft, values: dict[str, str | None]) -> Draft:
        """The base with these values, where the server accepts it; else the base itself."""
        row = {**base.values, **values}
        answer = self.server.insert(base.table, row, False, self._deferred, before=base.before)
        return base if isinstance(answer, Refusal) else replace(base, values=row, stored=answer)


def defers(table: Table) -> bool:
    """Whether something may wait for the transaction's end when a row of the table changes."""
    constraints = any(constraint.deferrable for constraint in table.constraints)
    return constraints or any(trigger.deferrable for trigger in table.triggers)
