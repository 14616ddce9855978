"""Writing rows of the shared catalogs back, as a superuser may.

DDL cannot bring a role back under its oid, nor a grant under the name of a grantor who may
not grant any more. Rows can: oids are ordinary columns, and writing to a catalog tells other
sessions' caches as DDL does. pg_shdepend is one of the catalogs that are written back.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from harness.postgres.database.shared.notes import reason
from harness.postgres.database.shared.rows import Change, Row, Rows, changes, read

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
