"""Seeding: rows such that every condition of a policy is true of some and false of others.

Each *principal* (a user, a tenant) has a value of each type, the same in every table, so that one
identity fits them all. A table gets a row for each principal, and variations of the first ones in
each column that conditions read. Whether that was enough is not assumed: see `Judged`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql

from harness.access.catalog import Catalog, Relation
from harness.access.inputs import Inputs
from harness.access.values import NUMBERS, Row, Values
from harness.postgres.schema_model import Constraint, Name, Schema, Table
from harness.rowgen import Refusal, Rows, Unsatisfiable

_PRINCIPALS = 3
_BEHIND = 1000
_UNCHECKED = "SET LOCAL session_replication_role = replica"
_CHECKED = "SET LOCAL session_replication_role = origin"
_MOST_VARIATIONS = 24
_FEW = 4
_NEGATED = re.compile(r"\bNOT \(?(?:\(|EXISTS|[\w.\"]+\()|<> ALL")


@dataclass(frozen=True, slots=True)
class Seeded:
    """A row that was inserted."""

    stored: Row
    principal: int | None
    """Whose it is all over; None for a variation."""


@dataclass
class Seeds:
    """The rows of a database in which access is tried."""

    catalog: Catalog
    inputs: Inputs
    users: Sequence[str]
    """Role names, one a principal, where ``current_user`` is read; empty otherwise."""
    rows: dict[Name, list[Seeded]] = field(default_factory=dict)
    referred_to: dict[Name, set[str]] = field(default_factory=dict)
    """Columns that lead to a principal through foreign keys, by table."""
    refused: dict[Name, str] = field(default_factory=dict)
    """Tables without a row of ours, and why."""

    def fill(
        self, connection: psycopg.Connection[Any], schema: Schema, unread: Container[int] = ()
    ) -> None:
        """Insert rows into every table, parents first; the caller's transaction keeps them.

        Materialised views in ``unread`` are not refreshed.
        """
        _leave_room(connection, schema)
        self._follow(schema)
        source = Rows(connection, schema)
        for table in _in_order(schema):
            relation = self.catalog.by_name.get(table.name)
            if relation is None or not relation.holds_rows:
                continue
            self.rows[table.name] = []
            _Table(self, source, table, relation).fill()
        for relation in self.catalog.relations:
            if relation.kind == "m" and relation.oid not in unread:
                connection.execute(f"REFRESH MATERIALIZED VIEW {relation.sql}".encode())

    def _follow(self, schema: Schema) -> None:
        """Columns that are read, and the keys that they refer to, at any depth."""
        todo = [(t, key) for t in schema for key in t.foreign_keys if key.target]
        grown = True
        while grown:
            grown = False
            for table, key in todo:
                relation = self.catalog.by_name.get(table.name)
                read = set(self.inputs.of_relation(relation)) if relation else set()
                read |= self.referred_to.get(table.name, set())
                assert key.target is not None
                known = self.referred_to.setdefault(key.target, set())
                pairs = zip(key.columns, key.target_columns, strict=True)
                new = {there for here, there in pairs if here in read} - known
                known |= new
                grown |= bool(new)

    def principal(self, table: Name, number: int) -> Row | None:
        """The row of a table that is a principal's all over."""
        found = (s.stored for s in self.rows.get(table, ()) if s.principal == number)
        return next(found, None)


@dataclass
class _Table:
    """The rows of one table."""

    seeds: Seeds
    source: Rows
    table: Table
    relation: Relation

    @cached_property
    def values(self) -> Values:
        """What its columns hold."""
        seeds = self.seeds
        return Values(seeds.inputs, seeds.users, self.source, self.table, self.relation)

    def fill(self) -> None:
        """A row for each principal, then the variations."""
        many = _PRINCIPALS
        if self._is_referred_to or self._is_of_persons or self._excludes:
            many = len(NUMBERS)
        for number in range(many):
            own = self._own(number)
            if number >= _PRINCIPALS and self._is_of_persons:
                own |= self._in_first_tenant() | self.values.literal_choice(number)
            elif number == _PRINCIPALS - 1 and self._consulted and not self._is_of_persons:
                own |= self.values.flags()
            self._insert({**dict.fromkeys(self._optional(own)), **own}, number)
            if self.seeds.principal(self.table.name, number) is None:
                self._insert(own, number)
            if self.seeds.principal(self.table.name, number) is None:
                self._insert(self.values.plain(own), number)
        if self._consulted:
            for given in self._relations_between():
                self._insert(given, None)
        if self.relation.is_partition and not self.values.read:
            return
        # One whom nothing but his own row says anything of, where policies look for members.
        for number in range(2 if self._consulted else _PRINCIPALS):
            base = self.seeds.principal(self.table.name, number)
            if base is not None:
                most = _MOST_VARIATIONS if number == 0 else 8
                for given in itertools.islice(self._variations(number), most):
                    self._insert(given, None)

    def _insert(self, given: Row, principal: int | None) -> None:
        name, kept = self.table.name, self.seeds.rows[self.table.name]
        try:
            with self.source.server.whole():
                stored = self.source.insert(self.table, 1, **given)[0].stored
        except Unsatisfiable as error:
            there = self._that_is_there(given)
            if there is None and not kept:
                self.seeds.refused.setdefault(name, str(error).splitlines()[0])
            if there is None or any(row.stored == there for row in kept):
                return
            stored = there
        kept.append(Seeded(self._as_given(given, stored), principal))
        self.seeds.refused.pop(name, None)

    def _as_given(self, given: Row, stored: Row) -> Row:
        """The row with what says whose it is, where a trigger has taken that from the session."""
        whose = {
            name: text
            for name, text in given.items()
            if name in self.seeds.inputs.principal and text is not None and stored[name] != text
        }
        keys = [key.columns for key in self.table.keys if not whose.keys() & set(key.columns)]
        if not whose or not keys:
            return dict(stored)
        values = [(name, sql.Literal(text)) for name, text in whose.items()]
        place = [(name, sql.Literal(stored[name])) for name in keys[0]]
        update = sql.SQL("UPDATE {} SET {} WHERE {} RETURNING *").format(
            self.table.identifier,
            sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(n), v) for n, v in values),
            sql.SQL(" AND ").join(
                sql.SQL("{} = {}").format(sql.Identifier(n), v) for n, v in place
            ),
        )
        server = self.source.server
        server.ask(sql.SQL(_UNCHECKED))
        answer = server.attempt(update, keep=True)
        server.ask(sql.SQL(_CHECKED))
        if isinstance(answer, Refusal) or not answer:
            return dict(stored)
        names = [column.name for column in self.table.columns]
        return dict(zip(names, answer[0], strict=True))

    def _that_is_there(self, given: Row) -> Row | None:
        """A row with these values that a trigger has made already: a profile for each user."""
        values = {name: text for name, text in given.items() if text is not None}
        if not values:
            return None
        wheres = [
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(text))
            for name, text in values.items()
        ]
        query = sql.SQL("SELECT * FROM {} WHERE {} LIMIT 1").format(
            self.table.identifier, sql.SQL(" AND ").join(wheres)
        )
        found = self.source.server.rows(query)
        names = [column.name for column in self.table.columns]
        return dict(zip(names, found[0], strict=True)) if found else None

    @property
    def _consulted(self) -> bool:
        return self.relation.oid in self.seeds.inputs.consulted

    @property
    def _is_referred_to(self) -> bool:
        """Whether tables that are looked into refer to this one: all principals are needed."""
        keys = self.source.schema.references(self.table)
        names = (self.seeds.catalog.by_name.get(key.table) for key in keys)
        return any(one and one.oid in self.seeds.inputs.consulted for one in names)

    @cached_property
    def _excludes(self) -> bool:
        """Whether its policies ask for what is not elsewhere: of some rows, nothing must be."""
        policies = [] if self._consulted else self.seeds.catalog.of(self.relation)
        return any(_NEGATED.search(text) for policy in policies for text in policy.texts)

    @property
    def _is_of_persons(self) -> bool:
        """Whether what somebody is stands here, one row each: an administrator's are needed."""
        principal = self.seeds.inputs.principal
        return self._consulted and any(set(key.columns) <= principal for key in self.table.keys)

    @property
    def _referred_to(self) -> list[str]:
        """Keys by which others refer to a principal: his value is theirs, too."""
        return sorted(self.seeds.referred_to.get(self.table.name, set()))

    def _own(self, number: int) -> dict[str, str | None]:
        """The values of a principal, parents of the same one."""
        given: dict[str, str | None] = {}
        for key in self.table.foreign_keys:
            given |= self._parent(key, number)
            if key.target == self.table.name and self._is_optional(key):
                given |= self._above(key, number)
        for name in (*self.values.read, *self._referred_to):
            if name not in given and self.values.may_give(name):
                value = self.values.principal_value(name, number)
                if value is not None:
                    given[name] = value
        return given

    def _optional(self, own: Row) -> list[str]:
        """What conditions read and an application leaves out: ``deleted_at``."""
        return [
            column.name
            for column in self.table.columns
            if column.name in self.values.read
            and column.name not in own
            and column.nullable
            and not column.has_default
            and column.insertable
        ]

    def _parent(self, key: Constraint, number: int) -> dict[str, str | None]:
        if key.target is None or key.target == self.table.name:
            return {}
        row = self.seeds.principal(key.target, number)
        if row is None:
            return {}
        pairs = zip(key.columns, key.target_columns, strict=True)
        return {here: row[there] for here, there in pairs if here in self._writable}

    def _is_optional(self, key: Constraint) -> bool:
        return all(
            self.table.column(n).nullable and self.values.may_give(n) and n not in self._keyed
            for n in key.columns
        )

    @property
    def _keyed(self) -> set[str]:
        return {name for key in self.table.keys for name in key.columns}

    def _above(self, key: Constraint, number: int) -> dict[str, str | None]:
        """Of a tree: roots, and below the first of them those that only tables looked into need."""
        first = self.seeds.principal(self.table.name, 0) if number >= _PRINCIPALS else None
        pairs = zip(key.columns, key.target_columns, strict=True)
        return {here: first[there] if first else None for here, there in pairs}

    @property
    def _writable(self) -> set[str]:
        return {column.name for column in self.table.columns if column.insertable}

    def _relations_between(self) -> Iterator[dict[str, str | None]]:
        """The first principal in a second tenant, and others in the first one's."""
        groups = self.values.groups()
        principal = self.seeds.inputs.principal
        whose = [group for group in groups if principal & set(group)]
        others = [g for g in groups if g not in whose and not self.values.literal_columns([*g])]
        first = self._unkeyed(self._own(0))
        second = self._own(1)
        if len(whose) > 1 and not others:
            yield from self._between_persons(whose, first)
        if not whose or not others:
            return
        elsewhere = {name: second.get(name) for g in others for name in g}
        yield {**first, **elsewhere, **self.values.flags()}
        for number in (3, 4):
            mate = self._unkeyed(self._own(number))
            rest = {n: v for n, v in mate.items() if not any(n in g for g in others)}
            yield {**first, **rest, **self.values.literal_choice(number)}
        yield from self._with_owners_row()

    def _with_owners_row(self) -> Iterator[dict[str, str | None]]:
        """Somebody in what is the first one's by its own column, and in no row of this table."""
        for key in self.table.foreign_keys:
            target = self.source.schema.by_name.get(key.target) if key.target else None
            relation = self.seeds.catalog.by_name.get(key.target) if key.target else None
            mine = self.seeds.principal(key.target, 0) if key.target else None
            if target is None or relation is None or mine is None:
                continue
            owners = self._owners(target, relation)
            varied = [s.stored for s in self.seeds.rows[relation.name] if s.principal is None]
            own = [row for row in varied if owners and all(row[n] == mine[n] for n in owners)]
            pairs = zip(key.columns, key.target_columns, strict=True)
            for row in own[:1]:
                yield {**self._unkeyed(self._own(3)), **{here: row[there] for here, there in pairs}}

    def _owners(self, table: Table, relation: Relation) -> list[str]:
        """Columns of a table that say whose a row is, by themselves, in several rows."""
        keyed = {name for key in table.keys for name in key.columns}
        read = self.seeds.inputs.of_relation(relation)
        return [n for n in read if n in self.seeds.inputs.principal and n not in keyed]

    def _between_persons(
        self, whose: Sequence[tuple[str, ...]], first: Row
    ) -> Iterator[dict[str, str | None]]:
        """Rows that name two persons, who follow or block each other: accepted, and not yet."""
        pending = dict.fromkeys(self._optional(first))
        for number, flags in ((1, self.values.flags()), (2, pending)):
            other = self._unkeyed(self._own(number))
            for group in whose:
                yield {**first, **{name: other.get(name) for name in group}, **flags}

    def _in_first_tenant(self) -> dict[str, str | None]:
        """What makes a person whose row is his by its key a colleague of the first one's."""
        first, whose = self._own(0), self._keyed | self.seeds.inputs.principal
        groups = [key.columns for key in self.table.foreign_keys if not whose & {*key.columns}]
        return {name: first[name] for group in groups for name in group if name in first}

    def _variations(self, number: int) -> Iterator[dict[str, str | None]]:
        """A principal's row with columns changed: by themselves, then together."""
        base = self._unkeyed(self._own(number))
        if number == 0 and self._looks_for_members and self._owners(self.table, self.relation):
            yield dict(base)  # of which no other table says anything
        yield from self._named(base, number)
        choices = self.values.choices(base)
        for name, values in choices.items():
            yield from ({**base, name: v} for v in values if name not in base or base[name] != v)
        groups = [g for g in self.values.groups() if not self.values.in_key(g)]
        if len(groups) > 1 and number == 0:
            groups = [group for group in groups if set(group) <= base.keys()]
            for another in (1, 2) if self._excludes or self._looks_for_members else (1,):
                other = self._unkeyed(self._own(another))
                for group in groups:
                    yield {**base, **{name: other.get(name) for name in group}}
        yield from self._below_variations(base)
        for group in groups:
            nullable = all(self.table.column(name).nullable for name in group)
            if nullable:
                yield {**base, **dict.fromkeys(group)}
        if len(choices) > 1:
            for together in itertools.product(*choices.values()):
                yield {**base, **dict(zip(choices, together, strict=True))}

    def _named(self, base: Row, number: int) -> Iterator[dict[str, str | None]]:
        """Rows that others refer to by a text that conditions name: a bucket, a status."""
        inputs = self.seeds.inputs
        for name in self._referred_to if number == 0 else ():
            column = self.relation.column(name)
            if column.type in ("text", "varchar", "citext") and self.values.may_give(name):
                texts = (*self.values.below(name), *inputs.literals[:_FEW])
                yield from ({**base, name: text} for text in texts)

    def _below_variations(self, base: Row) -> Iterator[dict[str, str | None]]:
        """Rows that refer to a variation where policies look: comments on a post that is public."""
        literals = set(self.seeds.inputs.literals)
        literals |= {text for name in self._writable for text in self.values.below(name)}
        for key in self.table.foreign_keys:
            target = self.seeds.catalog.by_name.get(key.target) if key.target else None
            if target is None or key.target == self.table.name:
                continue
            if not set(key.columns) <= set(self.values.read) & self._writable:
                continue
            varied = [s.stored for s in self.seeds.rows[target.name] if s.principal is None]
            pairs = list(zip(key.columns, key.target_columns, strict=True))
            if target.oid not in self._asked:
                names = [there for _, there in pairs]
                varied = [row for row in varied if literals & {row[name] for name in names}]
            some = varied if len(varied) <= 2 * _FEW else [*varied[:_FEW], *varied[-_FEW:]]
            yield from ({**base, **{here: row[there] for here, there in pairs}} for row in some)

    @cached_property
    def _asked(self) -> set[int]:
        """The tables that its policies look into, by themselves or through functions."""
        policies = self.seeds.catalog.of(self.relation)
        asked = {oid for policy in policies for oid, _ in policy.reads}
        called = any(policy.functions for policy in policies)
        return asked | (self.seeds.inputs.consulted if called else set())

    @property
    def _looks_for_members(self) -> bool:
        """Whether its policies ask other tables, which may know of a third one's tenant nothing."""
        return bool(self._asked - {self.relation.oid}) and not self._consulted

    def _unkeyed(self, row: dict[str, str | None]) -> dict[str, str | None]:
        """The same without keys of one column, of which there is one row each."""
        return {name: text for name, text in row.items() if not self.values.in_key((name,))}


def _leave_room(connection: psycopg.Connection[Any], schema: Schema) -> None:
    """Let sequences begin behind the numbers of principals, which are given as keys."""
    for sequence in schema.sequences:
        if sequence.minimum <= _BEHIND <= sequence.maximum and sequence.increment > 0:
            connection.execute("SELECT setval(%s, %s)", [_quoted(sequence.name), _BEHIND])


def _quoted(name: Name) -> str:
    return name.identifier.as_string(None)


def _in_order(schema: Schema) -> list[Table]:
    """Tables after those that they refer to, circles wherever they come."""
    done, ordered, todo = set[Name](), list[Table](), [t for t in schema if t.kind != "view"]
    while todo:
        ready = [
            t for t in todo if all(k.target in done or k.target == t.name for k in t.foreign_keys)
        ]
        for table in ready or todo[:1]:
            ordered.append(table)
            done.add(table.name)
            todo.remove(table)
    return ordered
