"""Removing what was created, by the statements that are made for it.

Contents go before their containers: databases before the tablespaces they lie in, all of
them before the roles that own them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from harness.postgres.database.drop import Connect, force_drop, roll_back, settled
from harness.postgres.database.shared.notes import reason
from harness.postgres.database.shared.rows import Row


@dataclass(frozen=True, slots=True)
class Removal:
    """Drops objects; what the server refuses is kept with its reason."""

    connection: psycopg.Connection[Any]
    connect: Connect
    owned: bool
    """Whether the server is ours, so that what others have on new objects may go, too."""
    _reasons: dict[str, str] = field(default_factory=dict)

    def remove(self, created: Sequence[Row]) -> dict[str, str]:
        """Drop objects; object -> reason of those that are still there."""
        for kind, drop in _DROPS.items():
            for row in created:
                if row.kind == kind:
                    with self._noting(row.object):
                        drop(self, row)
        if roles := [row.name for row in created if row.kind == "role"]:
            self._remove_roles(roles)
        return self._reasons

    @contextmanager
    def _noting(self, subject: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            self._reasons[subject] = reason(error)

    def _prepared_transaction(self, row: Row) -> None:
        with settled(self.connect, json.loads(row.content)["database"]) as inside:
            roll_back(inside, row.name)

    def _replication_slot(self, row: Row) -> None:
        self.connection.execute(_query("slot_users.sql"), [row.name])
        self.connection.execute("SELECT pg_drop_replication_slot(%s)", [row.name])

    def _database(self, row: Row) -> None:
        force_drop(self.connection, row.name, self.connect)

    def _tablespace(self, row: Row) -> None:
        self._execute("DROP TABLESPACE {}", [row.name])

    def _replication_origin(self, row: Row) -> None:
        self.connection.execute("SELECT pg_replication_origin_drop(%s)", [row.name])

    def _remove_roles(self, names: list[str]) -> None:
        """Drop roles with what is theirs; together, as they may hang on each other."""
        self._drop_owned(names)
        if self.owned:
            self._take_over(names)
        try:
            self._execute("DROP ROLE {}", names)
        except psycopg.Error:
            for name in names:
                with self._noting(f"role {name}"):
                    self._execute("DROP ROLE {}", [name])

    def _drop_owned(self, names: list[str]) -> None:
        """Drop what roles own, and take their privileges; DROP ROLE names what remains."""
        statement = _listed(f"DROP OWNED BY {{}} {'CASCADE' if self.owned else ''}", names)
        found = self.connection.execute(_query("databases_of_roles.sql"), [names]).fetchall()
        for (database,) in found:
            with suppress(psycopg.Error):
                if database == self.connection.info.dbname:
                    self.connection.execute(statement)
                    continue
                with settled(self.connect, database) as inside:
                    inside.execute(statement)

    def _take_over(self, names: list[str]) -> None:
        """Become the owner of databases and tablespaces that were given to new roles."""
        statement = "ALTER {} {} OWNER TO CURRENT_USER"
        for kind, name in self.connection.execute(_query("owned.sql"), {"roles": names}).fetchall():
            with suppress(psycopg.Error):
                self.connection.execute(
                    sql.SQL(statement).format(sql.SQL(kind), sql.Identifier(name))
                )

    def _execute(self, statement: str, names: Sequence[str]) -> None:
        self.connection.execute(_listed(statement, names))


_DROPS: dict[str, Callable[[Removal, Row], None]] = {
    "prepared transaction": Removal._prepared_transaction,
    "replication slot": Removal._replication_slot,
    "database": Removal._database,
    "tablespace": Removal._tablespace,
    "replication origin": Removal._replication_origin,
}


def _listed(statement: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(statement).format(sql.SQL(", ").join(map(sql.Identifier, names)))


@cache
def _query(name: str) -> bytes:
    return (files(__package__) / "remove" / name).read_bytes()
