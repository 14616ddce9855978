"""The server to oneself: a lock across threads and processes, kept by the server itself.

A session that ends in any way gives its lock up. PostgreSQL serves waiters in the order in
which they came: files that need the server to themselves are not starved by the many that
do not, which queue up behind the first that waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
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
