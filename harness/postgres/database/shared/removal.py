"""Removing what was created, and writing back what was changed or dropped.

What was created goes by the statements that are made for it, contents before their containers:
databases before the tablespaces they lie in, all of them before the roles that own them.

DDL cannot bring a role back under its oid, nor a grant under the name of a grantor who may
not grant any more. Rows can: oids are ordinary columns, and writing to a catalog tells other
sessions' caches as DDL does. pg_shdepend is one of the catalogs that are written back.
"""

from __future__ import annotations

import json
import time
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
from harness.postgres.database.shared.state import Change, Row, Rows, changes, read


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


_UPDATED = {"pg_authid": "rolname", "pg_database": "datname", "pg_tablespace": "spcname"}
"""Catalogs whose rows stay in their place, and their column that is unique."""
_REPLACED = (
    "pg_auth_members",
    "pg_db_role_setting",
    "pg_parameter_acl",
    "pg_shdescription",
    "pg_shseclabel",
    "pg_shdepend",
)
_GONE = "what was dropped cannot be brought back"
_RELOAD_TIMEOUT = 5.0


def write_back(connection: psycopg.Connection[Any], before: Rows) -> dict[str, str]:
    """Write back what differs and is not new; subject -> reason of what could not be."""
    writing = _Writing(connection)
    # Privileges are printed with the names of roles, so those go first.
    writing.update("pg_authid", _changed(connection, before, "pg_authid"))
    writing.insert("pg_authid", _dropped(connection, before, "pg_authid"))
    for catalog in ("pg_database", "pg_tablespace"):
        writing.update(catalog, _changed(connection, before, catalog))
    rest = changes(before, read(connection))
    for catalog in _REPLACED:
        writing.replace([c for c in rest if c.catalog == catalog and not _stays(c, rest)])
    writing.configure([c for c in rest if c.catalog == "pg_file_settings"])
    lost = {c.row.subject: _GONE for c in rest if c.after is None and not c.row.aspect}
    return {**lost, **writing.reasons}


def _changed(connection: psycopg.Connection[Any], before: Rows, catalog: str) -> list[Change]:
    found = changes(before, read(connection))
    return [c for c in found if c.catalog == catalog and c.before and c.after]


def _dropped(connection: psycopg.Connection[Any], before: Rows, catalog: str) -> list[Change]:
    return [c for c in changes(before, read(connection)) if c.catalog == catalog and not c.after]


def _stays(change: Change, rest: Sequence[Change]) -> bool:
    """Whether a row is that of a new object which could not be removed, and so needs it."""
    survivors = {c.row.object for c in rest if c.created}
    return change.before is None and change.row.object in survivors


@dataclass(frozen=True, slots=True)
class _Writing:
    connection: psycopg.Connection[Any]
    reasons: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def _noting(self, found: Sequence[Change]) -> Iterator[None]:
        """A transaction; where it fails, the reason for all that it was to write."""
        try:
            with self.connection.transaction():
                yield
        except psycopg.Error as error:
            self.reasons.update((change.row.subject, reason(error)) for change in found)

    def update(self, catalog: str, found: Sequence[Change]) -> None:
        """Write rows that are still there, in two steps: names may have been exchanged."""
        if not found:
            return
        with self._noting(found):
            name = sql.Identifier(_UPDATED[catalog])
            aside = _statement("aside.sql").format(catalog=sql.Identifier(catalog), name=name)
            self.connection.execute(aside, [[change.key for change in found]])
            self._execute(f"{catalog}.sql", catalog, [c.before for c in found])

    def insert(self, catalog: str, found: Sequence[Change]) -> None:
        """Write rows that are gone, with the oids that they had."""
        if not found:
            return
        with self._noting(found):
            self._execute("insert.sql", catalog, [c.before for c in found])

    def replace(self, found: Sequence[Change]) -> None:
        """Write rows of one catalog that hang on others and are nothing by themselves."""
        if not found:
            return
        with self._noting(found):
            self._execute("delete.sql", found[0].catalog, [c.after for c in found])
            self._execute("insert.sql", found[0].catalog, [c.before for c in found])

    def _execute(self, query: str, catalog: str, rows: Sequence[Row | None]) -> None:
        contents = [row.content for row in rows if row is not None]
        statement = _statement(query).format(catalog=sql.Identifier(catalog))
        self.connection.execute(statement, [contents])

    def configure(self, found: Sequence[Change]) -> None:
        """Undo ALTER SYSTEM, which cannot be in a transaction."""
        for change in found:
            try:
                self.connection.execute(_alter_system(change))
            except psycopg.Error as error:
                self.reasons[change.row.subject] = reason(error)
        if found:
            _reload(self.connection)


def _alter_system(change: Change) -> sql.Composed:
    name = sql.Identifier(*change.row.name.split("."))
    if change.before is None:
        return sql.SQL("ALTER SYSTEM RESET {}").format(name)
    value = sql.Literal(change.before.content)
    return sql.SQL("ALTER SYSTEM SET {} = {}").format(name, value)


def _reload(connection: psycopg.Connection[Any]) -> None:
    """Have the server read its settings; it has when it tells us to, and then new sessions do."""
    loaded = connection.execute("SELECT pg_conf_load_time()").fetchone()
    connection.execute("SELECT pg_reload_conf()")
    deadline = time.monotonic() + _RELOAD_TIMEOUT
    while connection.execute("SELECT pg_conf_load_time()").fetchone() == loaded:
        if time.monotonic() > deadline:
            break
        time.sleep(0.002)


@cache
def _statement(name: str) -> sql.SQL:
    return sql.SQL((files(__package__) / "write" / name).read_text("utf-8"))
