"""Bypasses: what gets at rows that policies keep from an identity."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from psycopg import sql

from harness.access.attempts import Attempt, Attempts, Viewer
from harness.access.catalog import Catalog, Function, Relation, Role
from harness.access.identities import Identity
from harness.access.inputs import Inputs, mentions
from harness.access.reading import CHECKED, Reader, removal
from harness.access.seeding import Seeds
from harness.access.values import Row
from harness.access.writing import Writer

FAMILIES = (
    ("int2", "int4", "int8", "numeric"),
    ("uuid",),
    ("text", "varchar", "citext", "name", "bpchar"),
)
_MOST_CALLS = 12


@dataclass(frozen=True, slots=True)
class Bypass:
    """Something by which an identity gets at what it does not see."""

    kind: str
    """``view``, ``column``, ``function``, ``membership``; `may_be_meant` has the others."""
    object: str
    relation: Relation
    """The table whose rows are reached."""
    role: str
    identity: str
    title: str
    statement: str = ""

    @property
    def may_be_meant(self) -> bool:
        """Whether it contradicts nothing: what says yes or no, what a trigger does, and so on."""
        return self.kind in (
            "oracle",
            "trigger",
            "column-of-some",
            "hiding",
            "accepting",
            "cascade",
        )


@dataclass
class BypassSearch:
    """What one role may bypass policies by."""

    attempts: Attempts
    catalog: Catalog
    inputs: Inputs
    seeds: Seeds
    reader: Reader
    role: Role

    def all(self) -> Iterator[Bypass]:
        """Relations that show more, functions, triggers."""
        for relation in self.catalog.relations:
            yield from self._shown(relation)
        for function in self.catalog.functions:
            yield from self._called(function)
        for relation in self.catalog.relations:
            yield from itertools.islice(self._fired(relation), 1)

    def writer(self, relation: Relation) -> Writer:
        """Who writes to a relation as the role."""
        return Writer(
            self.attempts, self.catalog, self.inputs, self.seeds, self.reader, relation, self.role
        )

    # -- views, materialised views, partitions and children ---

    def _shown(self, relation: Relation) -> Iterator[Bypass]:
        guarded = self._guarded(relation)
        if guarded is None or not self.reader.answers(relation, self.role):
            return
        if self.reader.read_query(guarded, self.role) is None:
            return  # the relation is the only way to the rows, and meant to be one
        own = self.reader.visible(guarded, self.role)
        shown = self.reader.visible(relation, self.role)
        read_query = self.reader.read_query(relation, self.role)
        for identity in self.reader.identities:
            seen = shown.seen.get(identity.name, frozenset())
            allowed = own.seen.get(identity.name, frozenset())
            if read_query is not None and (read_query.base is not None or relation.holds_rows):
                more = bool(seen - allowed)
            else:
                more = self._depends(relation, guarded, identity)
            if more:
                title = f"{relation} shows {identity.name} rows of {guarded} that it does not see"
                yield Bypass(
                    "view", str(relation), guarded, self.role.name, identity.name, title,
                    read_query.query if read_query else "",
                )  # fmt: skip
                return

    def _guarded(self, relation: Relation) -> Relation | None:
        """The protected table whose rows a relation without policies of its own shows."""
        if relation.holds_rows:
            above = [r for r in self.catalog.above(relation) if r.protected]
            return above[0] if above and not relation.protected else None
        below = [r for r in self.catalog.below(relation) if r.protected]
        return below[0] if below else None

    def _depends(self, relation: Relation, guarded: Relation, identity: Identity) -> bool:
        """Whether what is shown changes with rows of others."""
        hidden = self.reader.visible(guarded, self.role).anothers(identity)
        read_query = self.reader.read_query(relation, self.role)
        if not hidden or read_query is None:
            return False
        before = removal(guarded, hidden)
        if relation.kind == "m":
            before += f"; REFRESH MATERIALIZED VIEW {relation.sql}"
        actor = identity.actor(self.role.name)
        plain = Attempt(actor, read_query.query, is_query=True)
        without = Attempt(actor, read_query.query, is_query=True, before=before)
        answers = self.attempts.make([plain, without])
        return not any(a.state for a in answers) and answers[0].found != answers[1].found

    # -- SECURITY DEFINER ---

    def _called(self, function: Function) -> Iterator[Bypass]:
        """A function that returns or changes rows of others where it is given their keys."""
        if not self.is_open(function):
            return
        text = self.reached_by(function)
        for identity in self.persons():
            for table in self.catalog.relations:
                if table.protected and self.is_in(table, text):
                    found = self._call(function, table, identity)
                    if found is not None:
                        yield found
                        return

    def is_open(self, function: Function) -> bool:
        """Whether the role may call a function that runs as its owner, and no policy calls it."""
        runs_as_other = function.definer and function.returns not in ("trigger", "event_trigger")
        asked = {oid for policy in self.catalog.policies for oid in policy.functions}
        may = self.catalog.may(function.oid, self.role, "EXECUTE")
        return runs_as_other and function.oid not in asked and may

    def reached_by(self, function: Function) -> str:
        """The body of a function, and of those that it calls."""
        texts, left = [function.body], [f for f in self.catalog.functions if f is not function]
        for text in texts:  # grows meanwhile
            called = [f for f in left if mentions(text, f.name)]
            texts += [f.body for f in called]
            left = [f for f in left if f not in called]
        return "\n".join(texts)

    def is_in(self, table: Relation, text: str) -> bool:
        """Whether a text names a table, or a view that reads it."""
        views = (r for r in self.catalog.relations if table in self.catalog.below(r))
        return any(mentions(text, one.name.name) for one in (table, *views))

    def persons(self) -> list[Identity]:
        """Two who have rows of their own."""
        return [one for one in self.reader.identities if one.principal in (0, 1)][:2]

    def _call(self, function: Function, table: Relation, identity: Identity) -> Bypass | None:
        visible = self.reader.visible(table, self.role)
        hidden = visible.anothers(identity)
        if not hidden:
            return None
        calls = list(
            itertools.islice(
                self.calls(function, table, self.rows_of_others(table, identity)), _MOST_CALLS
            )
        )
        actor = identity.actor(self.role.name)
        look = table.places
        query = function.kind == "f"
        read_query = self.reader.read_query(table, self.role)
        viewers = (
            [Viewer(actor, read_query.query)]
            if read_query is not None and read_query.rows is None
            else []
        )
        tried = [Attempt(actor, call, query, look=look, viewers=viewers) for call in calls]
        before = removal(table, hidden)
        others = [Attempt(actor, call, query, before=before, viewers=viewers) for call in calls]
        answers = self.attempts.make([*tried, *others])
        total = self.reader.total(table)
        for n, call in enumerate(calls):
            answer, without = answers[n], answers[n + len(calls)]
            if answer.state:
                continue
            changed = (total - answer.left) & hidden
            told = query and answer.found != without.found and not without.state
            # What it says of itself, such as the number of a new row, is another each time.
            told = told and self.attempts.make([tried[n]])[0].found == answer.found
            new = frozenset[str]().union(*answer.others) - total
            copied = bool(new) and not without.state and not set().union(*without.others) - total
            shown = told and any(text != "()" for text in answer.found - without.found)
            if changed or shown or copied:
                oracle = function.returns == "bool" and not (changed or copied)
                does = "tells of" if oracle else "shows"
                does = "changes" if changed else "copies for" if copied else does
                title = f"{function} {does} {identity.name} rows of {table} that it does not see"
                kind = "oracle" if oracle else "function"
                return Bypass(
                    kind, str(function), table, self.role.name, identity.name, title, call
                )
        return None

    def calls(self, function: Function, table: Relation, rows: Iterable[Row]) -> Iterator[str]:
        """Calls with what rows of a table hold."""
        for row in rows:
            choices = [self._arguments(type_, table, row) for type_ in function.types]
            if not all(choices) and function.types:
                return
            for values in itertools.product(*choices):
                arguments = sql.SQL(", ").join(
                    sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(type_))
                    for value, type_ in zip(values, function.types, strict=True)
                )
                call = sql.SQL("{}({})").format(function.identifier, arguments)
                if function.kind == "p":
                    yield sql.SQL("CALL {}").format(call).as_string(None)
                else:
                    text = sql.SQL("SELECT array_agg(f::text) FROM {} AS f").format(call)
                    yield text.as_string(None)

    def rows_of_others(self, table: Relation, identity: Identity) -> Iterator[Row]:
        """Rows of a table that are another principal's all over."""
        for row in self.seeds.rows.get(table.name, ()):
            if row.principal is not None and row.principal != identity.principal:
                yield row.stored

    def _arguments(self, type_: str, table: Relation, row: Row) -> list[str]:
        """Values of a type in a row, those of keys first."""
        if type_.startswith("_") and (inner := self._arguments(type_[1:], table, row)):
            return ["{" + ",".join(f'"{text}"' for text in inner) + "}"]
        family = next((f for f in FAMILIES if type_ in f), ())
        if not family:
            return ["true", "false"] if type_ == "bool" else []
        columns = sorted(table.columns, key=lambda column: not column.in_key)
        texts = [row.get(c.name) for c in columns if c.type in family]
        found = list(dict.fromkeys(text for text in texts if text))[:3]
        return found or {"text": ["x"], "uuid": []}.get(family[0], ["1"])

    # -- triggers ---

    def _fired(self, relation: Relation) -> Iterator[Bypass]:
        """What triggers that run as their owner do, or show, of rows of others at an INSERT."""
        functions = {t.function for t in self.catalog.triggers if t.relation == relation.oid}
        definers = [f for f in self.catalog.functions if f.oid in functions and f.definer]
        columns = self.writer(relation).may("INSERT") if definers else None
        if columns is None:
            return
        text = "\n".join(self.reached_by(function) for function in definers)
        for table in self.catalog.relations:
            if table.protected and table.holds_rows and self.is_in(table, text):
                for identity in self.persons():
                    mixed = self._mixed(relation, table, identity, columns)
                    for statement in itertools.islice(mixed, _MOST_CALLS):
                        if does := self._fires(relation, table, identity, statement):
                            title = (
                                f"{identity.name}: a trigger of {relation} {does} rows of"
                                f" {table} that it does not see"
                            )
                            yield Bypass(
                                "trigger", str(relation), table, self.role.name, identity.name,
                                title, statement,
                            )  # fmt: skip

    def _mixed(
        self, relation: Relation, table: Relation, identity: Identity, columns: Sequence[str]
    ) -> Iterator[str]:
        """INSERTs of a row of its own, in which one column names somebody else's row of a table."""
        mine = self.seeds.principal(relation.name, identity.principal or 0)
        theirs = next(self.rows_of_others(table, identity), None)
        if mine is None or theirs is None:
            return
        writer = self.writer(relation)
        for name in columns:
            for value in self._arguments(relation.column(name).type, table, theirs):
                if value != mine.get(name):
                    yield writer.insertion({**mine, name: value}, columns)

    def _fires(
        self, relation: Relation, table: Relation, identity: Identity, statement: str
    ) -> str:
        """``changes``, ``shows`` or nothing: with rows of others, and without them."""
        hidden = self.reader.visible(table, self.role).anothers(identity)
        if not hidden:
            return ""
        actor = identity.actor(self.role.name)
        readable = self.catalog.columns(relation, self.role, "SELECT") or ()
        told = [c for c in relation.columns if c.name in readable and not c.has_default]
        names = sql.SQL(", ").join(sql.Identifier(c.name) for c in told).as_string(None)
        returning = f"{statement} RETURNING ROW({names})::text AS t"
        query = f"WITH x AS ({returning}) SELECT array_agg(t) FROM x"  # noqa: S608  names are quoted
        before = f"{removal(table, hidden)}; {CHECKED}"
        changing, plain, again, without = self.attempts.make(
            [
                Attempt(actor, statement, look=table.places),
                *(Attempt(actor, query, is_query=True) for _ in range(2)),
                Attempt(actor, query, is_query=True, before=before),
            ]
        )
        if not changing.state and (self.reader.total(table) - changing.left) & hidden:
            return "changes"
        failed = plain.state or again.state or without.state
        stable = plain.found == again.found != without.found
        return "shows" if told and stable and not failed else ""
