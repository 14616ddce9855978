"""View: a database with the schema, as rules see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from harness.access.catalog import Catalog, Policy, Relation, Role
from harness.access.identities import as_settings, inputs_of
from harness.access.inputs import Inputs
from harness.lint.base import Connection

COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
STRANGER = "00000000-0000-4000-8000-000000000009"
"""A claim that belongs to nobody: a uuid, or the number at its end."""


@cache
def query_of(rule: str) -> str:
    """The query of a rule's, ``sql/RULE.sql``."""
    return (files("harness.lint.catalog") / "sql" / f"{rule}.sql").read_text("utf-8")


@dataclass
class View:
    """The catalog, and the server to ask."""

    connection: Connection
    catalog: Catalog
    whole: Catalog
    """The same with the schemas that a platform makes."""
    inputs: Inputs
    provided: frozenset[str]
    """Schemas that a platform makes."""
    _constants: dict[tuple[int, str], bool | None] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, ignore: Collection[str], provided: Collection[str]) -> View:
        """Read a database. ``ignore`` are the schemas that are not judged."""
        catalog = Catalog.read(connection, ignore)
        whole = Catalog.read(connection, [s for s in ignore if s not in provided])
        return cls(connection, catalog, whole, Inputs.of(whole), frozenset(provided))

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """What a query of the catalog returns."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), parameters).fetchall()

    @property
    def clients(self) -> Sequence[Role]:
        """Roles that policies should bind."""
        return [role for role in self.catalog.clients if not role.bypasses]

    @property
    def protected(self) -> Iterator[Relation]:
        """Tables with row level security."""
        return (r for r in self.catalog.relations if r.protected and r.holds_rows)

    @property
    def settings(self) -> list[str]:
        """The custom settings that say who somebody is."""
        return list(self.inputs.names)

    def claims(self, value: str) -> dict[str, str]:
        """Every input with this value; an empty one leaves the settings empty."""
        if not value:
            return dict.fromkeys(self.settings, "")
        return as_settings(self.inputs, dict.fromkeys(inputs_of(self.inputs), value))

    def applying(self, relation: Relation, role: Role, command: str) -> list[Policy]:
        """The policies that are asked when a role uses a command."""
        return [
            policy
            for policy in self.catalog.of(relation)
            if policy.command in (command, "ALL") and policy.applies_to(role)
        ]

    def may(self, relation: Relation, role: Role, command: str) -> bool:
        """Whether a role may use a command on a table, or on some of its columns."""
        return self.catalog.columns(relation, role, command) is not None

    def users(self, relation: Relation, commands: Iterable[str] = COMMANDS) -> list[Role]:
        """Clients that may use one of these commands."""
        return [r for r in self.clients if any(self.may(relation, r, c) for c in commands)]

    def is_narrowed(self, relation: Relation, role: Role, command: str) -> bool:
        """Whether a restrictive policy that is not always true stands before a command."""
        restrictive = [p for p in self.applying(relation, role, command) if not p.permissive]
        return any(not self.always_true(relation, t) for p in restrictive for t in p.texts)

    def always_true(self, relation: Relation, text: str | None) -> bool:
        """Whether the server's planner finds nothing to ask in a condition."""
        return text is not None and self._constant(relation, text) is True

    def _constant(self, relation: Relation, text: str) -> bool | None:
        key = (relation.oid, text)
        if key not in self._constants:
            asked = self._of_columns(relation, text)
            self._constants[key] = (
                True if self._plan(relation, asked) == self._plan(relation, "true") else None
            )
        return self._constants[key]

    def _of_columns(self, relation: Relation, text: str) -> str:
        """The same with what the planner takes NOT NULL columns for since PostgreSQL 17."""
        if self.connection.info.server_version < 170000:
            for column in relation.columns:
                if column.not_null:
                    name = sql.Identifier(column.name).as_string(None)
                    for one in (name, column.name):
                        text = text.replace(f"({one} IS NOT NULL)", "(true)")
        return text

    def _plan(self, relation: Relation, text: str) -> str:
        query = sql.SQL("EXPLAIN (COSTS OFF) SELECT FROM {} WHERE ").format(
            relation.name.identifier
        )
        try:
            rows = self.connection.execute(query.as_string(None).encode() + text.encode())
        except psycopg.Error as error:
            return f"{error.sqlstate} {text}"
        return "\n".join(line for (line,) in rows)

    def state(self, statement: sql.Composed | str, role: Role | None = None) -> str:
        """The SQLSTATE that a statement ends with, as a role; nothing of it stays."""
        text = statement if isinstance(statement, str) else statement.as_string(None)
        try:
            with self.connection.transaction(force_rollback=True):
                if role is not None:
                    self.connection.execute("SELECT set_config('role', %s, true)", [role.name])
                self.connection.execute(text.encode())
        except psycopg.Error as error:
            return error.sqlstate or ""
        return ""

    def values(self, query: str, claims: Mapping[str, str] | None) -> list[Any] | str:
        """The one row of a query with these settings; the SQLSTATE where there is an error.

        None for settings is a session of its own in which nothing was ever set.
        """
        if claims is None:
            info = self.connection.info
            with psycopg.connect(self.connection.info.dsn, password=info.password) as fresh:
                fresh.execute("SET search_path = pg_catalog")
                return _row(fresh, query)
        with self.connection.transaction(force_rollback=True):
            for name, value in claims.items():
                self.connection.execute("SELECT set_config(%s, %s, true)", [name, value])
            return _row(self.connection, query)


def _row(connection: Connection, query: str) -> list[Any] | str:
    try:
        with connection.transaction(force_rollback=True):
            found = connection.execute(query.encode()).fetchone()
    except psycopg.Error as error:
        return error.sqlstate or "error"
    return list(found or ())
