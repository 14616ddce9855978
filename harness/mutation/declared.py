"""Declared: everything of the unbroken schema that operators change, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import dict_row

from harness.mutation.mutant import plain, quoted
from harness.postgres.schema_model import Column, Name, Schema, Table
from harness.properties.positions import Positions

_ON_CONFLICT = re.compile(r"\bon\s+conflict\b", re.IGNORECASE)
_PATH = "SET LOCAL search_path = pg_catalog"


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure in SQL or PL/pgSQL."""

    schema: str
    name: str
    arguments: str
    """As ALTER FUNCTION takes them."""
    language: str
    procedure: bool
    volatility: str
    definer: bool
    strict: bool
    parallel: str
    settings: tuple[str, ...]
    """``name=value``."""
    source: str
    """The body; empty where it is SQL-standard."""
    parameters: tuple[tuple[str, str], ...]
    """Of those that a call gives: the type as SQL, and the name of what is behind a domain.

    ``"enum"`` stands for every enum.
    """
    variadic: bool
    rows: bool
    """It gives rows, and not a value."""
    trigger: bool
    elsewhere: bool
    """An operator, an aggregate, a cast or an SQL-standard body has it: nobody reads where."""
    definition: str

    @property
    def identifier(self) -> str:
        """As ALTER takes it: ``FUNCTION "public"."f"(integer)``."""
        word = "PROCEDURE" if self.procedure else "FUNCTION"
        return f"{word} {quoted(self.schema, self.name)}({self.arguments})"

    def __str__(self) -> str:
        return f"{plain(Name(self.schema, self.name))}({self.arguments})"


@dataclass(frozen=True, slots=True)
class View:
    """A view, with what has to be made again with it."""

    schema: str
    name: str
    materialized: bool
    definition: str
    options: tuple[str, ...]
    """``name=value``."""
    owner: str
    grants: tuple[str, ...]
    """Statements."""
    triggers: tuple[str, ...]
    """Statements."""
    reads: tuple[tuple[str, str, str], ...]
    """Schema, relation and column; no column is the relation as a whole."""

    @property
    def relation(self) -> Name:
        """Its name."""
        return Name(self.schema, self.name)

    def create(self, definition: str = "", options: tuple[str, ...] | None = None) -> list[str]:
        """The statements that make it, with all that belongs to it."""
        query = (definition or self.definition).rstrip().rstrip(";")
        chosen = self.options if options is None else options
        with_ = f" WITH ({', '.join(chosen)})" if chosen else ""
        name = quoted(*self.relation)
        made = [f"CREATE VIEW {name}{with_} AS {query}"]
        made.append(f"ALTER VIEW {name} OWNER TO {quoted(self.owner)}")
        return [*made, *self.triggers, *self.grants]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of row level security."""

    table: Name
    name: str
    command: str
    permissive: bool
    roles: tuple[str, ...]
    using: str | None
    check: str | None

    @property
    def create(self) -> str:
        """The statement that makes it."""
        kind = "PERMISSIVE" if self.permissive else "RESTRICTIVE"
        roles = ", ".join("PUBLIC" if r == "PUBLIC" else quoted(r) for r in self.roles)
        using = f" USING ({self.using})" if self.using is not None else ""
        check = f" WITH CHECK ({self.check})" if self.check is not None else ""
        return (
            f"CREATE POLICY {quoted(self.name)} ON {quoted(*self.table)} AS {kind}"
            f" FOR {self.command} TO {roles}{using}{check}"
        )

    @property
    def drop(self) -> str:
        """The statement that drops it."""
        return f"DROP POLICY {quoted(self.name)} ON {quoted(*self.table)}"


class RowSecurity(NamedTuple):
    """The switches of a table."""

    enabled: bool
    forced: bool


@dataclass(frozen=True, slots=True)
class Privilege:
    """Something that somebody but the owner may do with an object."""

    kind: str
    """``"TABLE"``, ``"COLUMN"``, ``"SEQUENCE"``, ``"FUNCTION"``, ``"PROCEDURE"``, ``"SCHEMA"``."""
    schema: str
    name: str
    part: str
    """The column, or the arguments."""
    role: str
    privilege: str
    grantable: bool

    @property
    def on(self) -> str:
        """As GRANT has it: ``SELECT ON TABLE "public"."tasks"``."""
        if self.kind == "SCHEMA":
            return f"{self.privilege} ON SCHEMA {quoted(self.name)}"
        where = quoted(self.schema, self.name)
        if self.kind == "COLUMN":
            return f"{self.privilege} ({quoted(self.part)}) ON TABLE {where}"
        arguments = f"({self.part})" if self.kind in ("FUNCTION", "PROCEDURE") else ""
        return f"{self.privilege} ON {self.kind} {where}{arguments}"


@dataclass(frozen=True, slots=True)
class DefaultPrivilege:
    """Something that is granted on what an owner creates later."""

    owner: str
    schema: str
    objects: str
    role: str
    privilege: str


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum, and the columns of it: schema, table, name and default."""

    schema: str
    name: str
    labels: tuple[str, ...]
    columns: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class Declared:
    """What operators read."""

    schema: Schema
    functions: tuple[Function, ...]
    views: tuple[View, ...]
    """Each after those that it reads."""
    policies: tuple[Policy, ...]
    row_security: dict[Name, RowSecurity]
    privileges: tuple[Privilege, ...]
    default_privileges: tuple[DefaultPrivilege, ...]
    enums: tuple[Enum, ...]
    sorts_by_code: bool
    """The database's own collation is C."""
    version: int
    roles: tuple[str, ...]
    """Those that are no superusers."""
    foreign: frozenset[str] = frozenset()
    """Schemas that a platform provides: nothing in them is the project's."""
    positions: Mapping[Name, tuple[int, bool]] = field(default_factory=dict)
    """Of each sequence, its last value, and whether it has given that."""

    @classmethod
    def read(
        cls,
        connection: psycopg.Connection[Any],
        ignore: Collection[str] = (),
        bookkeeping: Collection[str] = (),
        foreign: Collection[str] = (),
    ) -> Declared:
        """Read the connection's database; the arguments are those of Schema.read."""
        schema = Schema.read(connection, ignore, bookkeeping)
        left_out = [*ignore, *foreign]
        with connection.transaction():
            connection.execute(_PATH)
            rows = {kind: _rows(connection, kind, left_out) for kind in _KINDS}
        database = rows["database"][0]
        security = {
            Name(row["schema"], row["table"]): RowSecurity(row["enabled"], row["forced"])
            for row in rows["policies"]
        }
        return cls(
            schema,
            tuple(Function(**_tuples(row)) for row in rows["functions"]),
            tuple(View(**_tuples(row)) for row in rows["views"]),
            tuple(_policy(row) for row in rows["policies"] if row["name"] is not None),
            security,
            tuple(Privilege(**row) for row in rows["privileges"]),
            tuple(DefaultPrivilege(**row) for row in rows["default_privileges"]),
            tuple(Enum(**_tuples(row)) for row in rows["enums"]),
            database["C"],
            database["version"],
            tuple(database["roles"]),
            frozenset(foreign),
            {Name(*name): at for name, at in Positions.of(connection).at.items()},
        )

    @cached_property
    def one_order(self) -> bool:
        """Every column sorts by code: the database does, and no column has a collation of its own.

        Where one has, an expression with two columns may end in a conflict that is none today.
        """
        by_code = (None, 'pg_catalog."default"', 'pg_catalog."C"', 'pg_catalog."POSIX"')
        columns = (column for table in self.schema for column in table.columns)
        return self.sorts_by_code and all(column.collation in by_code for column in columns)

    @cached_property
    def infers_keys(self) -> bool:
        """Whether a function has ON CONFLICT, which needs a key on just the columns it names."""
        return any(_ON_CONFLICT.search(function.source) for function in self.functions)

    @property
    def tables(self) -> Iterator[Table]:
        """The project's tables, without views, foreign tables and partitions."""
        for table in self.schema:
            own = table.name.schema not in self.foreign
            if own and table.kind in ("ordinary", "partitioned") and not table.is_partition:
                yield table

    def columns(self) -> Iterator[tuple[Table, Column]]:
        """The columns that are declared where they stand."""
        for table in self.tables:
            for column in table.columns:
                if not column.inherited:
                    yield table, column

    def views_on(self, table: Name, column: str = "") -> list[View]:
        """The views that read a column, or anything of a table, directly or through others."""
        found: list[View] = []
        for view in self.views:
            direct = any(
                (schema, name) == tuple(table) and column in ("", read)
                for schema, name, read in view.reads
            )
            through = any(
                tuple(one.relation) == (schema, name)
                for one in found
                for schema, name, _ in view.reads
            )
            if direct or through:
                found.append(view)
        return found


_KINDS = (
    *("functions", "views", "policies", "privileges", "default_privileges", "enums", "database"),
)


def _rows(
    connection: psycopg.Connection[Any], kind: str, ignore: Collection[str]
) -> list[dict[str, Any]]:
    query = (files("harness.mutation") / "sql" / f"{kind}.sql").read_text("utf-8")
    with psycopg.RawCursor(connection, row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), [list(ignore)]).fetchall()


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    """A row with tuples for lists, those in them as well."""
    return {
        name: tuple(tuple(v) if isinstance(v, list) else v for v in value)
        if isinstance(value, list)
        else value
        for name, value in row.items()
    }


def _policy(row: dict[str, Any]) -> Policy:
    return Policy(
        Name(row["schema"], row["table"]),
        row["name"],
        row["command"],
        row["permissive"],
        tuple(row["roles"]),
        row["using"],
        row["check"],
    )
