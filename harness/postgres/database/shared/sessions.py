"""Sessions that do what we say: with the server to themselves, whatever a role's settings are.

The lock works across threads and processes and is kept by the server itself: a session that ends
in any way gives it up. PostgreSQL serves waiters in the order in which they came: files that need
the server to themselves are not starved by the many that do not, which queue up behind the first
that waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

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


_SETTINGS = {
    "role": "none",
    "search_path": "pg_catalog",
    "default_transaction_read_only": "off",
    "statement_timeout": "0",
    # Whoever holds a lock that we need may hold it for ever.
    "lock_timeout": "10s",
    # Times are written as they were read.
    "timezone": "UTC",
}


@contextmanager
def undisturbed(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Our settings for the length of a block, and then those from before."""
    before = dict(zip(_SETTINGS, _get(connection), strict=True))
    _set(connection, _SETTINGS)
    try:
        yield
    finally:
        _set(connection, before)


def _get(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    calls = [sql.SQL("current_setting({})").format(sql.Literal(name)) for name in _SETTINGS]
    found = connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls))).fetchone()
    assert found is not None
    return tuple(found)


def _set(connection: psycopg.Connection[Any], settings: Mapping[str, str]) -> None:
    call = sql.SQL("set_config({}, {}, false)")
    calls = [call.format(sql.Literal(name), sql.Literal(v)) for name, v in settings.items()]
    connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls)))
