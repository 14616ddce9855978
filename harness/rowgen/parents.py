"""Parents: the rows that a row refers to, found or inserted before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from psycopg import sql

from harness.postgres.schema_model import Constraint, Name, Schema, Table
from harness.rowgen.conditions import Condition, conditions
from harness.rowgen.draft import Draft, Refusal, Unsatisfiable, Values
from harness.rowgen.evaluator import Server
from harness.rowgen.expression import substituted
from harness.rowgen.request import Request, bare

Obtain = Callable[[Table, Values, Sequence[Request]], Draft]
"""Insert a row with given values, for the requests that wait for it."""


_CIRCLE = Refusal(
    "", "the tables refer to each other, and no reference on the way may be NULL or deferred"
)


class Parents:
    """Foreign keys followed: an existing parent, a new one, the row itself, or NULL."""

    def __init__(self, server: Server, schema: Schema, obtain: Obtain) -> None:
        self._server = server
        self._schema = schema
        self._obtain = obtain
        self._made: dict[object, list[Draft]] = {}
        self._order: dict[Name, list[Constraint]] = {}
        self._awaited: dict[int, Draft] = {}
        """By a row's identity, the one that it was inserted before, and refers to."""

    @property
    def known(self) -> set[int]:
        """The identities of all rows that are remembered."""
        return {id(draft) for made in self._made.values() for draft in made}

    @property
    def every(self) -> list[Draft]:
        """All rows that are remembered, table by table."""
        return [draft for made in self._made.values() for draft in made]

    def forget(self, but: set[int]) -> None:
        """Other rows than these are not there any more."""
        for name, made in self._made.items():
            self._made[name] = [draft for draft in made if id(draft) in but]
        self._awaited = {one: later for one, later in self._awaited.items() if one in but}

    def remember(self, draft: Draft) -> None:
        """A row that stays in the transaction."""
        self._made.setdefault(draft.table.name, []).append(draft)
        self._awaited |= {id(parent): draft for parent in draft.parents if parent.before}

    def settle(self, request: Request, waiting: Sequence[Request]) -> dict[str, str | None]:
        """Values for every referring column of the request, with those that are settled."""
        values = request.chosen = request.settled
        for key in self._in_order(request.table):
            self._follow(key, request, values, waiting)
        return values

    def _in_order(self, table: Table) -> list[Constraint]:
        """The foreign keys: at last those whose targets may refer to the row in turn.

        What they refer to it by is settled by then.
        """
        if table.name not in self._order:
            back = {key.name: self.leads(key, table) for key in table.foreign_keys}
            self._order[table.name] = sorted(
                table.foreign_keys, key=lambda key: (back[key.name], -len(key.columns))
            )
        return self._order[table.name]

    def leads(self, key: Constraint, to: Table) -> bool:
        """Whether what a key refers to may refer to a table, by however many keys.

        A new target could be in the way of a row of that table then.
        """
        seen: set[Name] = set()
        waiting = [key.target]
        while waiting:
            target = self._schema.by_name.get(name) if (name := waiting.pop()) else None
            if target is not None and target.name == to.name:
                return True
            if target is not None and target.name not in seen:
                seen.add(target.name)
                waiting += [other.target for other in target.foreign_keys]
        return False

    def _follow(
        self,
        key: Constraint,
        request: Request,
        values: dict[str, str | None],
        waiting: Sequence[Request],
    ) -> None:
        target = self._schema.by_name.get(key.target) if key.target else None
        known = self._known(key, request, values)
        if target is None or (None in known.values() and self._exempt(key, known)):
            self._fill(key, request, values)
            return
        required = key.name in request.required
        lifted = key.name in request.plan.nulls | request.lifted and not required
        if lifted and self._nulled(key, request, values):
            return
        try:
            found = self._parent(key, target, known, values, request, waiting)
        except Unsatisfiable:
            if required or not self._nulled(key, request, values):
                raise
            request.plan.nulls.add(key.name)
            return
        request.referred[key.name] = {name: found[name] for name in key.target_columns}
        for name, other in zip(key.columns, key.target_columns, strict=True):
            if request.table.column(name).generated is None:
                values[name] = found[other]

    def _known(self, key: Constraint, request: Request, values: Values) -> dict[str, str | None]:
        """The values, by the target's columns, that are settled before a parent is chosen."""
        known: dict[str, str | None] = self._together(key, request, values)
        for name, other in zip(key.columns, key.target_columns, strict=True):
            column = request.table.column(name)
            if other in known:
                continue
            if name in values:
                known[other] = values[name]
            elif column.generated is not None:
                if (text := self._server.texts([column.generated])[0]) is not None:
                    known[other] = text
            elif request.plan.own(name):
                known[other] = (
                    request.plan.some(name) if request.fresh else self._plain(request, name)
                )
        return known

    def _together(self, key: Constraint, request: Request, values: Values) -> dict[str, str | None]:
        """Values of referring columns that conditions want to go with each other, or with others.

        The bounds of a partition by two of them, a country that a code begins with; by the
        target's columns.
        """
        if not request.fresh:
            return {}
        free = [name for name in key.columns if name not in values]
        settled = {**values} if key.name in request.matched else {}
        several = [c for c in request.plan.conditions if len(c.columns) > 1]
        wanted = [
            c for c in several if {*c.columns} & {*free} and {*c.columns} <= {*free, *settled}
        ]
        if not wanted:
            return {}
        read = [name for name in free if any(name in one.columns for one in wanted)]
        fixed = {name: settled[name] for one in wanted for name in one.columns if name in settled}
        of_target = self._of_target(key, read) if settled else []
        found = request.plan.search([*wanted, *of_target], fixed, read).rows[:1]
        targets = dict(zip(key.columns, key.target_columns, strict=True))
        return {targets[name]: row[name] for row in found for name in read}

    def _of_target(self, key: Constraint, read: Sequence[str]) -> list[Condition]:
        """The conditions of the target that are about its key alone, said of the row's columns."""
        target = self._schema.by_name.get(key.target) if key.target else None
        if target is None:
            return []
        pairs = zip(key.columns, key.target_columns, strict=True)
        names = {other: name for name, other in pairs if name in read}
        quoted = {other: sql.Identifier(name).as_string(None) for other, name in names.items()}
        return [
            Condition(c.name, substituted(c.sql, quoted), tuple(names[n] for n in c.columns))
            for c in conditions(target, self._schema)
            if {*c.columns} <= {*names}
        ]

    def _plain(self, request: Request, name: str) -> str | None:
        return next(iter(request.plan.pool(name).accepted), None)

    def _exempt(self, key: Constraint, known: Values) -> bool:
        """NULL refers to nothing: one of them, or under MATCH FULL all."""
        return key.match != "full" or set(known.values()) == {None}

    def _fill(self, key: Constraint, request: Request, values: dict[str, str | None]) -> None:
        """Values that refer to nothing, beside a NULL that lifts the constraint."""
        others = [other for other in request.table.foreign_keys if other != key]
        shared = {name for other in others for name in other.columns}
        for name in key.columns:
            column = request.table.column(name)
            free = name not in values and name not in shared
            if free and column.insertable and not column.nullable:
                values[name] = self._plain(request, name)

    def _nulled(self, key: Constraint, request: Request, values: dict[str, str | None]) -> bool:
        """Make the reference NULL, if it may be."""
        columns = [request.table.column(name) for name in key.columns if name not in values]
        nullable = [column for column in columns if column.nullable and column.insertable]
        if not nullable or (key.match == "full" and len(nullable) < len(key.columns)):
            return False
        values |= dict.fromkeys((column.name for column in nullable), None)
        self._fill(key, request, values)
        return True

    def _parent(
        self,
        key: Constraint,
        target: Table,
        known: Values,
        values: Values,
        request: Request,
        waiting: Sequence[Request],
    ) -> Values:
        """The target's columns of a row that is there, or will be when it is looked for."""
        given = {name: text for name, text in known.items() if text is not None}
        own = key.name in request.fresh and len(given) < len(key.columns)
        if not own and not _mutual(key, request, waiting):
            existing = self._favoured(key, target, given, request)
            if existing is not None:
                request.parents += self._drafts(target, existing)
                return existing
        ancestor = next((r for r in [*waiting, request] if r.table.name == target.name), None)
        if ancestor is not None:
            free = [name for name in key.columns if name not in values]
            nullable = any(request.table.column(name).nullable for name in free)
            required = key.name in request.required or (given and key.name in request.fresh)
            if nullable and not required:
                raise Unsatisfiable(request.table, key.name, request.settled, _CIRCLE)
            return self._promised(key, ancestor, request, given)
        draft = self._new(target, given, [*waiting, request])
        request.parents += [*draft.parents, draft]
        return draft.stored

    def _new(self, target: Table, given: Values, waiting: Sequence[Request]) -> Draft:
        if waiting[-1].minimal:
            with suppress(Unsatisfiable):
                return self._obtain(target, {**dict.fromkeys(bare(target)), **given}, waiting)
        return self._obtain(target, given, waiting)

    def _promised(
        self, key: Constraint, ancestor: Request, request: Request, given: Values
    ) -> Values:
        """Values of a row that is not there yet: of the row itself, or of one that waits for it."""
        itself = ancestor is request
        if not (itself or key.deferrable or self._server.superuser):
            raise Unsatisfiable(request.table, key.name, request.settled, _CIRCLE)
        for name in key.target_columns:
            if name not in ancestor.settled:
                promised = ancestor.echoed if itself else ancestor.promised
                known = given.get(name) or ancestor.chosen.get(name)
                promised[name] = known or ancestor.plan.unused(name)
        if not itself and key.deferrable:
            self._server.defer(key)
            ancestor.awaited.append(key)
            request.deferring.append(key)
        request.unchecked |= not itself and not key.deferrable
        return ancestor.settled

    def _favoured(
        self, key: Constraint, target: Table, given: Values, request: Request
    ) -> Values | None:
        """The row that was referred to the last time, if it is still there, or any other."""
        last = request.plan.parents.get(key.name, {})
        if last and given.items() <= last.items():
            existing = self._existing(key, target, last)
            if existing is not None:
                return existing
        return self._existing(key, target, given)

    def _existing(self, key: Constraint, target: Table, given: Values) -> Values | None:
        """A row of the target with these values, whoever inserted it; the first found."""
        names = list(key.target_columns)
        conditions = [sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in names]
        conditions += [
            sql.SQL("{} = ${}").format(sql.Identifier(name), sql.Literal(number))
            for number, name in enumerate(given, 1)
        ]
        query = sql.SQL("SELECT {} FROM {} WHERE {} LIMIT 1").format(
            sql.SQL(", ").join(map(sql.Identifier, names)),
            target.identifier,
            sql.SQL(" AND ").join(conditions),
        )
        found = self._server.rows(query, list(given.values()))
        return dict(zip(names, found[0], strict=True)) if found else None

    def other(
        self, target: Table, columns: Sequence[str], held: Sequence[str | None], new: bool
    ) -> tuple[dict[str, str | None], list[Draft]] | None:
        """What a row of the target holds in these columns, which is not what is ``held``.

        With the rows that were inserted for it. Where none is there, one is, if it may be a
        ``new`` one; None where none can be.
        """
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        marks = sql.SQL(", ").join(sql.SQL(f"${n}") for n, _ in enumerate(held, 1))
        query = sql.SQL("SELECT {0} FROM {1} WHERE ({0}) IS DISTINCT FROM ({2}) AND {3} LIMIT 1")
        present = sql.SQL(" AND ").join(
            sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in columns
        )
        asked = query.format(names, target.identifier, marks, present)
        if found := self._server.rows(asked, list(held)):
            values = dict(zip(columns, found[0], strict=True))
            return values, self._drafts(target, values)
        with suppress(Unsatisfiable):
            if not new:
                return None
            made = self._obtain(target, {}, ())
            return {name: made.stored[name] for name in columns}, [*made.parents, made]
        return None

    def _drafts(self, target: Table, values: Values) -> list[Draft]:
        """The row that was inserted for these values, with its own parents, to be shown."""
        for draft in reversed(self._made.get(target.name, ())):
            if values.items() <= dict(draft.stored).items():
                later = self._awaited.get(id(draft))
                found = [*draft.parents, draft, *((*later.parents, later) if later else ())]
                return list({id(one): one for one in found}.values())
        return []


def _mutual(key: Constraint, request: Request, waiting: Sequence[Request]) -> bool:
    """Whether a row is made for one that waits, and has to refer to that one and no other.

    A building's main room is one of its own rooms: the key that leads there says so.
    """
    if not waiting or waiting[-1].table.name != key.target:
        return False
    pairs = {*zip(key.columns, key.target_columns, strict=True)}
    back = (other for other in waiting[-1].table.foreign_keys if other.target == request.table.name)
    return any(
        (theirs, own) in pairs
        for other in back
        for own, theirs in zip(other.columns, other.target_columns, strict=True)
    )
