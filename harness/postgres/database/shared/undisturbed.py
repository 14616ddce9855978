"""A session that does what we say, whatever settings a file has given our own role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

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
