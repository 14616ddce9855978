"""Test files for row level security: who reaches which rows of a table, role by role.

What is expected is what was observed: the file's own rows are inserted in a clone, and each role
tries each command on them as several identities. Then the table's policies are dropped and
changed, one change after the other, and the file has to notice.
"""

# ruff: noqa: S608  what is written is SQL text, with names and values quoted by `quoted` and `literal`

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

import psycopg

from harness.access.catalog import Policy, Relation, Role
from harness.access.contradictions import contradictions
from harness.access.identities import ANYONE, EXPIRED, NOBODY, STRANGE, Identity
from harness.access.survey import USERS, Facts, Grid, survey
from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.instance import Instance, open_instance
from harness.mutation.declared import Declared
from harness.mutation.mutant import literal, quoted
from harness.mutation.operators import mutants
from harness.postgres.database import Database
from harness.postgres.schema_model import Schema, Table
from harness.rowgen.storage import keep_out
from harness.run.access_rows import Connection, Ordered, consulted, telling
from harness.run.scaffold import written
from harness.run.scaffold_file import Scaffold, Step, is_, keep_what_passes, notices
from harness.run.scaffold_rows import insert

_ALWAYS = (NOBODY, EXPIRED, ANYONE, STRANGE, "one", "two")
"""Identities that are tried though another one has the same answers."""
_QUERY = "-- of the file"
"""Stands in the functions that try for the query of the table's rows."""
_ABOUT = "who reaches which rows. It has to run as a superuser, who can become every role"


@dataclass(frozen=True, slots=True)
class _Call:
    """An expression whose value is observed, and what it is about."""

    expression: str
    title: str


def access(config: Config, names: Sequence[str], dry_run: bool) -> str:
    """Write a test file for each table with row level security; what is to be said.

    ``names`` are the tables, all if empty. A file that is there is left alone. Raises ConfigError.
    """
    with open_instance(config) as instance:
        return written(config, suites(instance, names), dry_run)


def suites(instance: Instance, names: Sequence[str] = ()) -> Iterator[Scaffold]:
    """A verified file for each table with row level security.

    Raises ConfigError where there is none, or no role that may use one.
    """
    source, ignored = instance.source, [instance.config.pgtap_schema]
    provided = source.provided if source is not None else frozenset[str]()
    notes = [".".join(name) for name in instance.bookkeeping]
    keep_out(instance.config)
    template = instance.template
    with template.cloned() as plain, template.cloned() as seeded:
        with plain.connect() as connection:
            declared = Declared.read(connection, ignored, notes, provided)
        wanted = [str(declared.schema.table(name).name) for name in names]
        facts = survey(seeded, ignored, provided, wanted)
        used = {grid.relation.oid for grid in facts.grids}
        tables = [r for r in facts.catalog.relations if r.oid in used and r.protected]
        if not tables or facts.seeds is None:
            raise ConfigError("scaffold: no role uses a table with row level security")
        with seeded.connect() as connection:
            made = [_Suite(facts, declared.schema, one, connection).made(plain) for one in tables]
    changes = mutants(declared)
    with template.cloned() as plain:
        for one in made:
            for mutant in changes:
                own = mutant.tables[:1] == (one.table.name,) and mutant.kind == "policy"
                if not own or mutant.apart or mutant.same or not one.steps:
                    continue
                with plain.connect() as connection:  # in which no setting was ever set
                    noticed = notices(connection, one, mutant)
                one.tried += noticed is not None
                one.unnoticed += [mutant.title] if noticed is False else []
            yield one


@dataclass
class _Suite:
    """The file of one table."""

    facts: Facts
    schema: Schema
    relation: Relation
    seeded: Connection
    """To the database with the rows of the survey."""

    def __post_init__(self) -> None:
        """Choose the rows."""
        assert self.facts.seeds is not None
        self.seeds = self.facts.seeds
        self.table: Table = self.schema.by_name[self.relation.name]
        self.rows = telling(self.seeded, self.facts, self.relation)
        keys = [k for k in (self.table.primary_key, *self.table.keys) if k is not None]
        self.key: tuple[str, ...] = keys[0].columns if keys else self._in_full()
        self.grids = [g for g in self.facts.grids if g.relation is self.relation]
        self.roles = {role.name: role for role in self.facts.catalog.tried}

    def _in_full(self) -> tuple[str, ...]:
        """The columns that every row has a value in, if they tell the rows apart."""
        names = tuple(c.name for c in self.table.columns if all(r[c.name] for r in self.rows))
        values = {tuple(row[name] for name in names) for row in self.rows}
        return names if len(values) == len(self.rows) else ()

    def made(self, plain: Database) -> Scaffold:
        """The file; one that says why where rows cannot be told apart."""
        made = Scaffold(self.table, about=_ABOUT, prefix="access_")
        made.objections = [
            f"harness access: {one.title}"
            for one in contradictions(self.facts)
            if one.table == str(self.relation)
        ]
        made.steps += [Step(text) for text in self._structure()]
        if not self.key or not self.rows:
            why = "it has no key" if self.rows else "no row could be made"
            made.objections.append(f"no rows are tried: {why}")
            return made
        with plain.connect() as connection, connection.transaction(force_rollback=True):
            made.steps += [Step(text, False) for text in self._prepared(connection)]
            made.steps += self._observed(connection)
        with plain.connect() as connection:
            keep_what_passes(connection, made)
        return made

    # -- what is declared ---

    def _structure(self) -> Iterator[str]:
        """That row level security is on, and which policies there are."""
        table, at = literal(quoted(*self.table.name)), ", ".join(map(literal, self.table.name))
        for column, value in (
            ("relrowsecurity", self.relation.protected),
            ("relforcerowsecurity", self.relation.forced),
        ):
            query = f"(SELECT {column} FROM pg_class WHERE oid = {table}::regclass)"
            yield f"SELECT is({query}, {str(value).lower()}, {literal(f'{column} is as it was')});"
        policies = self.facts.catalog.of(self.relation)
        names = ", ".join(literal(policy.name) for policy in policies)
        yield f"SELECT policies_are({at}, ARRAY[{names}]::name[], 'its policies');"
        for policy in policies:
            yield from self._of_policy(policy, at, table)

    def _of_policy(self, policy: Policy, at: str, table: str) -> Iterator[str]:
        name, roles = literal(policy.name), ", ".join(map(literal, policy.roles or ("public",)))
        said = literal(f"roles of {policy.name}")
        yield f"SELECT policy_roles_are({at}, {name}, ARRAY[{roles}]::name[], {said});"
        said = literal(f"command of {policy.name}")
        yield f"SELECT policy_cmd_is({at}, {name}, {literal(policy.command)}, {said});"
        query = f"SELECT polpermissive FROM pg_policy WHERE polrelid = {table}::regclass"
        kind = "permissive" if policy.permissive else "restrictive"
        value, said = str(policy.permissive).lower(), literal(f"{policy.name} is {kind}")
        yield f"SELECT is(({query} AND polname = {name}), {value}, {said});"

    # -- rows ---

    def _prepared(self, connection: Connection) -> Iterator[str]:
        """The rows, roles for users and the functions that try; each one is executed."""
        for user in self.seeds.users:
            yield _executed(connection, f"CREATE ROLE {_own(user)};")
        ordered = Ordered(self.seeded, self.schema)
        ordered.add((self.table.name, row) for row in self.rows)
        ordered.add(consulted(self.facts, self.relation))
        for table, row in ordered.found:
            written = {c.name: row[c.name] for c in table.columns if c.generated is None}
            yield _inserted(connection, table, _own(insert(table, written)))
        yield _executed(connection, self._test_rows())
        text = (files("harness.access") / "sql" / "suite.sql").read_text("utf-8")
        yield _executed(connection, f"\n{text.replace(_QUERY, self._query)}")

    @property
    def _query(self) -> str:
        """What a role that reads the table runs."""
        keys = f"string_agg({self._shown}, ', ' ORDER BY {self._shown} COLLATE \"C\")"
        return f"SELECT {keys}\nFROM {quoted(*self.table.name)} WHERE {self._among}"

    def _test_rows(self) -> str:
        """The function that finds the rows again."""
        return (
            "\nCREATE FUNCTION pg_temp.test_rows(OUT key text, OUT place text, OUT content jsonb)\n"
            f"RETURNS SETOF record LANGUAGE sql AS $$\n    SELECT {self._shown},"
            " tableoid::text || ctid::text, to_jsonb(t)\n"
            f"    FROM {quoted(*self.table.name)} AS t\n    WHERE {self._among}\n$$;"
        )

    @property
    def _shown(self) -> str:
        names = [f"{quoted(name)}::text" for name in self.key]
        return names[0] if len(names) == 1 else f"concat_ws('/', {', '.join(names)})"

    @property
    def _among(self) -> str:
        values = ["/".join(row[name] or "" for name in self.key) for row in self.rows]
        return _own(f"{self._shown} IN ({', '.join(map(literal, values))})")

    # -- what is tried ---

    def _observed(self, connection: Connection) -> Iterator[Step]:
        """Assertions of what each role reaches; nobody first, before anything is set."""
        seen = set[tuple[str, ...]]()
        unset = [i for i in self.facts.identities if i.settings is None]
        for grid in self.grids:
            for identity in unset:
                yield from self._section(connection, grid, identity, seen)
        for grid in self.grids:
            users = ", ".join(map(_own, self.seeds.users))
            role = quoted(grid.role)
            if users:
                yield Step(_executed(connection, f"GRANT {role} TO {users};"), False)
            for identity in self.facts.identities:
                if identity.settings is not None and self._uses(grid):
                    yield from self._section(connection, grid, identity, seen)
            if users:
                yield Step(_executed(connection, f"REVOKE {role} FROM {users};"), False)

    def _uses(self, grid: Grid) -> bool:
        role = self.roles[grid.role]
        commands = ("SELECT", "INSERT", "UPDATE", "DELETE")
        return any(self.facts.catalog.columns(self.relation, role, one) for one in commands)

    def _section(
        self, connection: Connection, grid: Grid, identity: Identity, seen: set[tuple[str, ...]]
    ) -> Iterator[Step]:
        """What one identity of a role reaches, unless another one's answers are the same.

        Where other tables decide, a person with the same answers may be one whom they refuse.
        """
        key = (grid.role, *(cell.answer for cell in grid.cells[identity.name].values()))
        person = identity.principal is not None and self._looks_elsewhere
        if key in seen and identity.name not in _ALWAYS and not person:
            return
        seen.add(key)
        for call in self._calls(grid, identity):
            yield Step(is_(call.expression, _value(connection, call.expression), call.title))

    @cached_property
    def _looks_elsewhere(self) -> bool:
        """Whether policies of the table ask other tables, by themselves or through functions."""
        consulted = self.seeds.inputs.consulted
        policies = self.facts.catalog.of(self.relation)
        asked = {oid for policy in policies for oid, _ in policy.reads if oid in consulted}
        return bool(asked) or bool(consulted and any(policy.functions for policy in policies))

    def _calls(self, grid: Grid, identity: Identity) -> Iterator[_Call]:
        role, who = self.roles[grid.role], f"{grid.role}, {identity.name}"
        actor = f"{literal(_own(identity.user or grid.role))}, {_settings(identity)}"
        for command, text in self._statements(grid, identity, role):
            statement = literal(_own(text))
            yield _Call(f"pg_temp.reached({actor}, {statement})", f"{who}: {command}")
        allowed = self.facts.catalog.columns(self.relation, role, "INSERT")
        every = [column.name for column in self.table.columns if column.insertable]
        columns = ", ".join(quoted(n) for n in every if allowed is None or n in allowed)
        if columns and (allowed is not None or identity.settings is None):
            named = f"{literal(quoted(*self.table.name))}, {literal(columns)}"
            yield _Call(f"pg_temp.may_add({actor}, {named})", f"{who}: INSERT of rows like these")

    def _statements(self, grid: Grid, identity: Identity, role: Role) -> Iterator[tuple[str, str]]:
        """Command and statement; one that the role has no privilege for is nobody's alone."""
        table, catalog = quoted(*self.table.name), self.facts.catalog
        first = identity.settings is None
        if first or catalog.columns(self.relation, role, "SELECT") is not None:
            yield "SELECT", "SELECT"
        cells = grid.cells[identity.name]
        settable = [c.name for c in self.table.columns if c.insertable]
        for command in ("UPDATE", "DELETE"):
            cell = cells.get(command)
            if cell is not None and cell.statement:
                yield command, cell.statement
            elif first and command == "DELETE":
                yield command, f"DELETE FROM {table}"
            elif first and settable:
                yield command, f"UPDATE {table} SET {quoted(settable[0])} = NULL"
        yield from self._given_away(identity, role)

    def _given_away(self, identity: Identity, role: Role) -> Iterator[tuple[str, str]]:
        """UPDATEs of what says whose a row is, to the other principal's value."""
        allowed = self.facts.catalog.columns(self.relation, role, "UPDATE") or ()
        mine, theirs = (
            self.seeds.principal(self.relation.name, number)
            for number in ((0, 1) if identity.principal == 0 else (1, 0))
        )
        if identity.principal not in (0, 1) or mine is None or theirs is None:
            return
        for column in self.table.columns:
            name, value = column.name, theirs[column.name]
            whose = name in self.seeds.inputs.principal and column.insertable
            if whose and name in allowed and value is not None and value != mine[name]:
                text = f"UPDATE {quoted(*self.table.name)} SET {quoted(name)} = {literal(value)}"
                yield f"UPDATE that gives {name} away", text


def _settings(identity: Identity) -> str:
    return literal(json.dumps(dict(identity.settings or {})))


def _own(text: str) -> str:
    """A text with the file's own roles in place of the survey's."""
    for user in USERS:
        text = text.replace(user, user.replace("harness_", "test_"))
    return text


def _executed(connection: Connection, text: str) -> str:
    connection.execute(text.encode())
    return text


def _inserted(connection: Connection, table: Table, text: str) -> str:
    """An INSERT; an upsert where a trigger has made a row with this key already."""
    try:
        with connection.transaction():
            return _executed(connection, f"{text};")
    except psycopg.errors.UniqueViolation:
        key = table.primary_key.columns if table.primary_key else ()
        others = [c.name for c in table.columns if c.insertable and c.name not in key]
        then = ", ".join(f"{quoted(n)} = excluded.{quoted(n)}" for n in others)
        where = f" ({', '.join(map(quoted, key))})" if key and then else ""
        action = f"UPDATE SET {then}" if where else "NOTHING"
        return _executed(connection, f"{text}\nON CONFLICT{where} DO {action};")


def _value(connection: Connection, expression: str) -> str:
    found = connection.execute(f"SELECT {expression}".encode()).fetchone()
    assert found is not None
    return str(found[0])
