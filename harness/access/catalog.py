"""Catalog: relations, policies, functions and roles, as far as access hangs on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from harness.postgres.schema_model import Name

Kind = Literal["r", "p", "v", "m", "f"]
"""``pg_class.relkind``: table, partitioned table, view, materialised view, foreign table."""
WRITES = {"INSERT": 8, "UPDATE": 4, "DELETE": 16}
"""Command -> its bit in ``pg_relation_is_updatable``."""
_OBJECTS = ("relation", "sequence", "function")
_PLACES = sql.SQL("SELECT array_agg(tableoid::text || ctid::text) FROM {}")
_PROJECTION = sql.SQL("SELECT array_agg(ROW({})::text) FROM {}")
_IN_FULL = "SET LOCAL search_path = pg_catalog"
"""So that names are printed in full, and mean the same under any other path."""


class Column(NamedTuple):
    """A column; ``type`` is ``pg_type.typname`` of what is under a domain."""

    name: str
    type: str
    kind: str
    labels: Sequence[str]
    not_null: bool
    generated: bool
    identity: str
    has_default: bool
    in_key: bool
    in_check: bool

    @property
    def settable(self) -> bool:
        """Whether an UPDATE may give it any value."""
        return not self.generated and self.identity != "a"


@dataclass(frozen=True)
class Relation:
    """A table, view, materialised view or foreign table."""

    oid: int
    name: Name
    kind: Kind
    protected: bool
    """ENABLE ROW LEVEL SECURITY."""
    forced: bool
    is_partition: bool
    owner: str
    owner_bypasses: bool
    """The owner is a superuser or BYPASSRLS."""
    invoker: bool
    """``security_invoker``."""
    barrier: bool
    """``security_barrier``."""
    check_option: str | None
    definition: str | None
    updatable: int
    """Bits of ``pg_relation_is_updatable``."""
    parents: tuple[int, ...]
    reads: tuple[int, ...]
    """Of a view: the relations that its query reads."""
    columns: tuple[Column, ...]

    @property
    def holds_rows(self) -> bool:
        """Whether rows are known by where they are stored."""
        return self.kind in ("r", "p")

    @property
    def sql(self) -> str:
        """The name, quoted."""
        return self.name.identifier.as_string(None)

    @property
    def places(self) -> str:
        """A query for where each row is stored, as one array of texts."""
        return _PLACES.format(self.name.identifier).as_string(None)

    def projection(self, columns: Sequence[str]) -> str:
        """A query for what each row holds in these columns, as one array of texts."""
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        return _PROJECTION.format(names, self.name.identifier).as_string(None)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def __str__(self) -> str:
        return str(self.name)


@dataclass(frozen=True)
class Policy:
    """A policy of a table."""

    relation: int
    name: str
    permissive: bool
    command: Literal["SELECT", "INSERT", "UPDATE", "DELETE", "ALL"]
    roles: tuple[str, ...]
    """Empty is PUBLIC."""
    qual: str | None
    check: str | None
    reads: tuple[tuple[int, str | None], ...]
    """Relations and their columns, the policy's own table included."""
    functions: tuple[int, ...]

    @property
    def texts(self) -> list[str]:
        """USING and WITH CHECK, those that there are."""
        return [text for text in (self.qual, self.check) if text]

    def applies_to(self, role: Role) -> bool:
        """Whether it is asked when the role does something."""
        return not self.roles or bool({role.name, *role.inherited} & {*self.roles})


@dataclass(frozen=True)
class Function:
    """A function or procedure of a user."""

    oid: int
    schema: str
    name: str
    arguments: str
    types: tuple[str, ...]
    kind: str
    definer: bool
    leakproof: bool
    volatility: str
    returns_set: bool
    returns: str
    returns_kind: str
    language: str
    is_bound: bool
    """Its body is standard SQL, whose names were looked up when it was created."""
    config: tuple[str, ...]
    body: str
    owner: str
    owner_bypasses: bool
    open_to_public: bool
    default_acl: bool

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}({self.arguments})"

    @property
    def identifier(self) -> sql.Identifier:
        """The name, quoted."""
        return sql.Identifier(self.schema, self.name)


@dataclass(frozen=True)
class Role:
    """A role that may do something, or belongs to one that may."""

    name: str
    bypasses: bool
    replicates: bool
    creates_roles: bool
    logs_in: bool
    inherits: bool
    owns: bool
    inherited: tuple[str, ...]
    """Roles whose privileges it has without SET ROLE."""
    member_of: tuple[str, ...]
    """Those that it could become, too."""


class Privilege(NamedTuple):
    """A privilege that a role has in effect."""

    kind: Literal["relation", "sequence", "schema", "function", "server", "wrapper", "parameter"]
    oid: int
    object: str
    role: str
    privilege: str
    how: Literal["yes", "grantable", "columns"]
    columns: Sequence[str]


class StandingGrants(NamedTuple):
    """What is granted to everybody, or comes with every later object."""

    object: str
    """``relation app.tasks``, ``default privileges of owner in app``."""
    role: str
    privilege: str


class Defeated(NamedTuple):
    """A grant of some columns to a role that has the privilege on the whole table."""

    table: int
    role: str
    privilege: str
    columns: str
    """Names, as a list in words."""


class Trigger(NamedTuple):
    """A trigger that an INSERT fires."""

    relation: int
    function: int


PLATFORM = frozenset({"service_role", "dashboard_user", "authenticator"})
"""Roles of Supabase that are meant to do everything, or to become others."""


def is_of_platform(role: str) -> bool:
    """Whether a role is the platform's own, and none that a project's clients are."""
    return role in PLATFORM or role.startswith(("supabase_", "pgsodium_", "harness_"))


@dataclass(frozen=True)
class Catalog:
    """Everything that access hangs on, of one database."""

    relations: tuple[Relation, ...]
    policies: tuple[Policy, ...]
    functions: tuple[Function, ...]
    roles: tuple[Role, ...]
    privileges: tuple[Privilege, ...]
    standing: tuple[StandingGrants, ...]
    defeated: tuple[Defeated, ...] = ()
    triggers: tuple[Trigger, ...] = ()

    @classmethod
    def read(cls, connection: psycopg.Connection[Any], ignore: Collection[str] = ()) -> Catalog:
        """Read the connection's database; schemas in ``ignore`` are left out."""
        with connection.transaction():
            connection.execute(_IN_FULL)
            return cls._read(connection, ignore)

    @classmethod
    def _read(cls, connection: psycopg.Connection[Any], ignore: Collection[str]) -> Catalog:
        left_out = list(ignore)
        roles = tuple(Role(**_tuples(row)) for row in _rows(connection, "roles", left_out))
        names = [role.name for role in roles]
        return cls(
            tuple(_relation(row) for row in _rows(connection, "relations", left_out)),
            tuple(_policy(row) for row in _rows(connection, "policies", left_out)),
            tuple(Function(**_tuples(row)) for row in _rows(connection, "functions", left_out)),
            roles,
            tuple(
                Privilege(**row)
                for file in ("privileges", "objects", "parameters")
                if file != "parameters" or connection.info.server_version >= 150000
                for row in _rows(connection, file, left_out, names)
            ),
            tuple(StandingGrants(**row) for row in _rows(connection, "standing", left_out)),
            tuple(Defeated(**row) for row in _rows(connection, "column_grant_defeated")),
            tuple(Trigger(**row) for row in _rows(connection, "triggers", left_out)),
        )

    @cached_property
    def by_oid(self) -> dict[int, Relation]:
        """Relations by oid."""
        return {relation.oid: relation for relation in self.relations}

    @cached_property
    def by_name(self) -> dict[Name, Relation]:
        """Relations by qualified name."""
        return {relation.name: relation for relation in self.relations}

    @cached_property
    def clients(self) -> tuple[Role, ...]:
        """Roles that work with the schema: neither owners nor the platform's own."""
        return tuple(r for r in self.roles if not r.owns and not is_of_platform(r.name))

    @cached_property
    def tried(self) -> tuple[Role, ...]:
        """Clients, and owners of tables whose policies are FORCEd on them."""
        owners = {r.owner for r in self.relations if r.protected and r.forced}
        clients = {role.name for role in self.clients}
        every = (r for r in self.roles if not is_of_platform(r.name))
        return tuple(r for r in every if r.name in clients or (r.name in owners and not r.bypasses))

    def of(self, relation: Relation) -> list[Policy]:
        """The policies of a table."""
        return [policy for policy in self.policies if policy.relation == relation.oid]

    @cached_property
    def _allowed(self) -> dict[tuple[int, str, str], Privilege]:
        return {(p.oid, p.role, p.privilege): p for p in self.privileges if p.kind in _OBJECTS}

    @cached_property
    def _usable(self) -> set[tuple[str, str]]:
        schemas = (p for p in self.privileges if p.kind == "schema" and p.privilege == "USAGE")
        return {(p.object, p.role) for p in schemas}

    def columns(self, relation: Relation, role: Role, command: str) -> tuple[str, ...] | None:
        """The columns that a role may name in a command; None where it may not use it at all."""
        found = self._allowed.get((relation.oid, role.name, command))
        if found is None or (relation.name.schema, role.name) not in self._usable:
            return None
        return tuple(found.columns) or tuple(column.name for column in relation.columns)

    def whole(self, relation: Relation, role: Role, command: str) -> bool:
        """Whether a privilege is on the table, and not on some of its columns."""
        found = self._allowed.get((relation.oid, role.name, command))
        return found is not None and not found.columns

    def may(self, oid: int, role: Role, privilege: str) -> bool:
        """Whether a role has a privilege on a relation, sequence or function."""
        return (oid, role.name, privilege) in self._allowed

    def below(self, relation: Relation) -> Iterator[Relation]:
        """The tables that a view reads, through other views, and the partitioned ones above."""
        seen, todo = set[int](), [*relation.reads]
        while todo:
            oid = todo.pop()
            if oid in seen or oid not in self.by_oid:
                continue
            seen.add(oid)
            todo += self.by_oid[oid].reads
            yield self.by_oid[oid]

    def above(self, relation: Relation) -> Iterator[Relation]:
        """The tables that this one is a partition of or inherits from."""
        for oid in relation.parents:
            if oid in self.by_oid:
                yield self.by_oid[oid]
                yield from self.above(self.by_oid[oid])


def _rows(
    connection: psycopg.Connection[Any], name: str, *given: list[str]
) -> list[dict[str, Any]]:
    query = (files("harness.access") / "sql" / f"{name}.sql").read_text("utf-8")
    with psycopg.RawCursor(connection, row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), given).fetchall()


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}


def _relation(row: dict[str, Any]) -> Relation:
    name = Name(row.pop("schema"), row.pop("name"))
    columns = tuple(Column(**column) for column in row.pop("columns"))
    return Relation(**_tuples(row), name=name, columns=columns)


def _policy(row: dict[str, Any]) -> Policy:
    reads = tuple((oid, column) for oid, column in row.pop("reads"))
    return Policy(**_tuples(row), reads=reads)
