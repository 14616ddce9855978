"""Reading: what an identity sees of a relation, told as rows of the table that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from harness.access.attempts import Actor, Answer, Attempt, Attempts
from harness.access.catalog import Catalog, Relation, Role
from harness.access.classes import Ids, Visibility
from harness.access.identities import Identity
from harness.postgres.schema_model import Schema

CHECKED = "SET LOCAL session_replication_role = origin"
"""After `removal`: triggers and foreign keys are in force."""
_UNCHECKED = "SET LOCAL session_replication_role = replica"
_PAIRS = sql.SQL("SELECT array_agg(tableoid::text || ctid::text || ' ' || ROW({})::text) FROM {}")


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """How rows of a relation are read by a role, and what that says of stored rows."""

    query: str
    base: Relation | None
    """The table whose rows they are; None where they are told apart by their contents alone."""
    rows: Mapping[str, Ids] | None = None
    """What the query returns -> the stored rows that have it; None: it returns these."""

    def ids(self, found: Iterable[str]) -> Ids:
        """The stored rows, or the contents where those are all there is."""
        if self.rows is None:
            return frozenset(found)
        return frozenset(one for text in found for one in self.rows.get(text, ()))


@dataclass
class Reader:
    """What roles see, remembered."""

    attempts: Attempts
    catalog: Catalog
    schema: Schema
    identities: Sequence[Identity]
    unread: Mapping[int, str] = field(default_factory=dict)
    """Relations that are not to be read, and why."""
    _visible: dict[tuple[int, str], Visibility] = field(default_factory=dict)
    _answers: dict[tuple[int, str], dict[str, Answer]] = field(default_factory=dict)
    _found: dict[tuple[str, tuple[tuple[str, str], ...]], Ids] = field(default_factory=dict)
    _totals: dict[int, Ids] = field(default_factory=dict)
    _read_queries: dict[tuple[int, tuple[str, ...], bool], ReadQuery] = field(default_factory=dict)

    def total(self, relation: Relation) -> Ids:
        """Every row of a table."""
        if relation.oid not in self._totals:
            self._totals[relation.oid] = self.as_superuser(relation.places)
        return self._totals[relation.oid]

    def as_superuser(self, query: str, settings: Mapping[str, str] | None = None) -> Ids:
        """What a query finds whatever policies say; remembered, since rows stay as they are."""
        key = (query, tuple(sorted((settings or {}).items())))
        if key not in self._found:
            actor = Actor(None, settings if settings is not None else {})
            self._found[key] = self.attempts.make([Attempt(actor, query, is_query=True)])[0].found
        return self._found[key]

    def read_query(self, relation: Relation, role: Role) -> ReadQuery | None:
        """How a role reads a relation; None where it may not."""
        columns = self.catalog.columns(relation, role, "SELECT")
        if columns is None:
            return None
        whole = self.catalog.whole(relation, role, "SELECT")
        key = (relation.oid, columns, whole)
        if key not in self._read_queries:
            self._read_queries[key] = self._new_read_query(relation, columns, whole)
        return self._read_queries[key]

    def _new_read_query(self, relation: Relation, columns: Sequence[str], whole: bool) -> ReadQuery:
        if relation.holds_rows:
            if whole:
                return ReadQuery(relation.places, relation)
            return self._mapped(relation, relation, columns)
        base = self.base(relation)
        if base is not None and (key := self._key(base, columns)):
            return self._mapped(relation, base, key)
        return ReadQuery(relation.projection(columns), None)

    def base(self, relation: Relation) -> Relation | None:
        """The one table that a view or materialised view is over, through others."""
        if relation.holds_rows:
            return relation
        found = {r.oid: r for r in self.catalog.below(relation) if r.holds_rows}
        return next(iter(found.values())) if len(found) == 1 else None

    def _key(self, base: Relation, columns: Sequence[str]) -> list[str]:
        table = self.schema.by_name.get(base.name)
        keys = [list(key.columns) for key in table.keys] if table else []
        return next((key for key in keys if set(key) <= set(columns)), [])

    def _mapped(self, relation: Relation, base: Relation, columns: Sequence[str]) -> ReadQuery:
        pairs = self.as_superuser(places_with(base, columns))
        rows: dict[str, set[str]] = {}
        for pair in pairs:
            place, _, text = pair.partition(" ")
            rows.setdefault(text, set()).add(place)
        return ReadQuery(
            relation.projection(columns), base, {k: frozenset(v) for k, v in rows.items()}
        )

    def answers(self, relation: Relation, role: Role) -> dict[str, Answer]:
        """What reading comes to, by identity's name; empty where the role may not read."""
        key = (relation.oid, role.name)
        if key not in self._answers:
            read_query, found = self.read_query(relation, role), dict[str, Answer]()
            if read_query is not None and relation.oid not in self.unread:
                tried = self.attempts.make(
                    [
                        Attempt(one.actor(role.name), read_query.query, is_query=True)
                        for one in self.identities
                    ]
                )
                for identity, answer in zip(self.identities, tried, strict=True):
                    found[identity.name] = answer._replace(found=read_query.ids(answer.found))
            self._answers[key] = found
        return self._answers[key]

    def visible(self, relation: Relation, role: Role) -> Visibility:
        """What every identity of a role sees of a relation."""
        key = (relation.oid, role.name)
        if key not in self._visible:
            seen = {name: answer.found for name, answer in self.answers(relation, role).items()}
            self._visible[key] = Visibility(
                self._every(relation, role, seen), seen, self.identities
            )
        return self._visible[key]

    def _every(self, relation: Relation, role: Role, seen: Mapping[str, Ids]) -> Ids:
        """All that there is to see."""
        read_query = self.read_query(relation, role)
        if relation.holds_rows:
            return self.total(relation)
        if read_query is None:
            base = self.base(relation)
            return self.total(base) if base else frozenset()
        if read_query.base is not None:
            return self.total(read_query.base)
        if relation.oid in self.unread:
            return frozenset()
        settings = [one.settings or {} for one in self.identities]
        found = [self.as_superuser(read_query.query, one) for one in settings]
        return frozenset().union(*found, *seen.values())


def places_with(relation: Relation, columns: Sequence[str]) -> str:
    """A query for where each row is stored, and after a space what it holds in these columns."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return _PAIRS.format(names, relation.name.identifier).as_string(None)


def removal(relation: Relation, rows: Ids) -> str:
    """A DELETE of these rows, one or more, by where they are stored, whatever refers to them.

    Triggers and foreign keys are out of force afterwards.
    """
    delete = sql.SQL("DELETE FROM {}").format(relation.name.identifier).as_string(None)
    return f"{_UNCHECKED}; {delete} WHERE {stored_in(rows)}"


def stored_in(rows: Ids) -> str:
    """A condition: a row is stored in one of these places."""
    places = sql.SQL(", ").join(map(sql.Literal, sorted(rows)))
    return sql.SQL("tableoid::text || ctid::text IN ({})").format(places).as_string(None)


def changing(relation: Relation, place: str, column: str, text: str) -> str:
    """An UPDATE of a column of the row that is stored in a place, whatever refers to it."""
    update = sql.SQL("UPDATE {} SET {} = {} WHERE tableoid::text || ctid::text = {}").format(
        relation.name.identifier, sql.Identifier(column), sql.Literal(text), sql.Literal(place)
    )
    return f"{_UNCHECKED}; {update.as_string(None)}"


def holding(row: Mapping[str, str | None]) -> sql.Composed:
    """A condition: a row holds these values, as the server prints them.

    A cast of a boolean prints another text.
    """
    held = sql.SQL("{} IS NOT DISTINCT FROM {}")
    wheres = [held.format(printed(name), sql.Literal(text)) for name, text in row.items()]
    return sql.SQL(" AND ").join(wheres) if wheres else sql.SQL("true").format()


def printed(name: str) -> sql.Composed:
    """A column as the server prints it."""
    return sql.SQL("CASE WHEN {0} IS NOT NULL THEN format('%s', {0}) END").format(
        sql.Identifier(name)
    )
