"""SharedState: a snapshot of what all databases of a server share, how two differ, and the lock.

Roles and their memberships, settings and passwords, privileges on parameters, tablespaces,
databases that are not the harness' own, comments and security labels on all of these,
prepared transactions, replication slots and origins, and what ALTER SYSTEM wrote.

``catalogs/NN_catalog.sql`` reads one catalog; the files are put together as one statement. A file
whose first line says ``From PostgreSQL 15`` is left out on older servers, one that says ``As
superuser`` where we are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

_VERSION = re.compile(r"-- From PostgreSQL (\d+)\b")
_ROLE = re.compile(r"-- As (superuser|another role)\b")


@cache
def statement(version: int, superuser: bool) -> str:
    """One SELECT of (catalog, key, aspect, kind, name, content)."""
    common = files(__package__).joinpath("named.sql").read_text("utf-8")
    union = "\nUNION ALL\n".join(
        # The names of our own files: nothing from outside gets here.
        f"SELECT '{catalog}' AS catalog, q.* FROM (\n{query}) AS q"  # noqa: S608
        for catalog, query in _queries(version, superuser)
    )
    return f"{common}\n{union}"


def _queries(version: int, superuser: bool) -> Iterator[tuple[str, str]]:
    """Catalog and query of each file that serves this server and role, by name."""
    entries = files(__package__).joinpath("catalogs").iterdir()
    for entry in sorted(entries, key=lambda entry: entry.name):
        query = entry.read_text("utf-8")
        if _served(query, version, superuser):
            yield entry.name.partition(".")[0][3:], query


def _served(query: str, version: int, superuser: bool) -> bool:
    first, role = _VERSION.match(query), _ROLE.match(query)
    if role is not None and (role[1] == "superuser") is not superuser:
        return False
    return first is None or version >= int(first[1])


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a shared catalog."""

    aspect: str
    """What of the object it holds (``"the members of "``); ``""`` where it is the object."""
    kind: str
    name: str
    content: str = field(repr=False)
    """As JSON; it may hold a password and is not for printing."""

    @property
    def object(self) -> str:
        """The object that it is about: ``role alice``."""
        return f"{self.kind} {self.name}"

    @property
    def subject(self) -> str:
        """What it is, for a person: ``the members of role staff``."""
        return f"{self.aspect}{self.object}"


Rows: TypeAlias = Mapping[tuple[str, str], Row]
"""Catalog and key within it -> row."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is not as it was: new where ``before`` is None, gone where ``after`` is."""

    catalog: str
    key: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """The row as it was, or the new one."""
        found = self.before or self.after
        assert found is not None
        return found

    @property
    def created(self) -> bool:
        """Whether it is an object that was not there before."""
        return self.before is None and not self.row.aspect


def read(connection: psycopg.Connection[Any]) -> Rows:
    """The server's state. Planning takes longer than running: keep the connection."""
    superuser = connection.info.parameter_status("is_superuser") == "on"
    query = statement(connection.info.server_version // 10000, superuser)
    with psycopg.RawCursor(connection, row_factory=tuple_row) as cursor:
        found = cursor.execute(query, prepare=True).fetchall()
    return {(catalog, key): Row(*values) for catalog, key, *values in found}


def changes(before: Rows, after: Rows) -> list[Change]:
    """What differs between two states, by subject."""
    keys = dict.fromkeys([*before, *after])
    found = [Change(*key, before.get(key), after.get(key)) for key in keys]
    return sorted(filter(_differs, found), key=lambda change: change.row.subject)


def _differs(change: Change) -> bool:
    if change.before is None or change.after is None:
        return True
    return change.before.content != change.after.content


@dataclass(frozen=True, slots=True, eq=False)
class SharedState:
    """The state of a server at one time."""

    rows: Rows = field(repr=False)

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> SharedState:
        """The state of the server that is connected to, without what is the harness' own.

        One query, prepared: over a connection that is kept it takes half a millisecond.
        """
        return cls(read(connection))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharedState) and not changes(self.rows, other.rows)

    __hash__ = None  # type: ignore[assignment]  # equality is by content


# --- the lock on it ----------------------------------------------------------------------------
# It works across threads and processes and is kept by the server itself: a session that ends in any
# way gives it up. PostgreSQL serves waiters in the order in which they came: files that need the
# server to themselves are not starved by the many that do not, which queue up behind the first that
# waits.

KEY = int.from_bytes(b"harness ", "big")
"""Of the advisory lock, in the maintenance database."""

ROLES = int.from_bytes(b"harness!", "big")
"""Of the lock for files that create roles and their like, and roll that back."""


@contextmanager
def server_lock(connection: psycopg.Connection[Any], exclusive: bool) -> Iterator[None]:
    """Hold the server for the length of a block: alone, or with others that share it.

    ``connection`` is one in autocommit to the maintenance database that nobody else waits
    on. Blocks must not be nested: two that share the lock and want it alone wait for each
    other.
    """
    with _lock(connection, "" if exclusive else "_shared", KEY):
        yield


@contextmanager
def roles_lock(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Keep others of the same kind away: two that create the same roles could deadlock.

    To be held inside a shared server_lock.
    """
    with _lock(connection, "", ROLES):
        yield


@contextmanager
def _lock(connection: psycopg.Connection[Any], kind: str, key: int) -> Iterator[None]:
    connection.execute(f"SELECT pg_advisory_lock{kind}({key})".encode())
    try:
        yield
    finally:
        _release(connection, f"SELECT pg_advisory_unlock{kind}({key})".encode())


def _release(connection: psycopg.Connection[Any], unlock: bytes) -> None:
    """Give the lock up; with a connection that is lost, the server has done so."""
    with suppress(psycopg.OperationalError):
        if connection.info.transaction_status is TransactionStatus.INERROR:
            connection.rollback()
        connection.execute(unlock)
