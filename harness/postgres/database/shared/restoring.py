"""Putting a server back to the state that it had before a test file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from harness.postgres.database.drop import Connect
from harness.postgres.database.shared.notes import notes, reason
from harness.postgres.database.shared.removal import Removal, write_back
from harness.postgres.database.shared.state import Change, Row, SharedState, changes, read


@dataclass(frozen=True, slots=True)
class Restored:
    """What putting the server back came to."""

    notes: tuple[str, ...] = ()
    """What was done, and what was not, for whoever changed the state."""
    complete: bool = True
    """Whether the server is as it was."""


UNCHANGED = Restored()


def restore_server(
    before: SharedState,
    connection: psycopg.Connection[Any],
    connect: Connect,
    *,
    owned: bool,
    named: Collection[tuple[str, str]] = (),
) -> Restored:
    """Put the server back to the state ``before``; never raises for what the server refuses.

    ``connection`` is one in autocommit to the maintenance database, ``connect`` opens
    others. With ``owned`` everything is put back, which takes a superuser. Without,
    others use the server too: only what is in ``named`` (see created_names) and was
    not there before is dropped, and the rest is only spoken of. What the file did in
    a database of its own is not looked at: drop that before.
    """
    try:
        if not changes(before.rows, read(connection)):
            return UNCHANGED
        with _undisturbed(connection):
            return _restored(before, Removal(connection, connect, owned), named)
    except psycopg.Error as error:
        return Restored((f"could not put the server back: {reason(error)}",), False)


def _restored(
    before: SharedState, removal: Removal, named: Collection[tuple[str, str]]
) -> Restored:
    connection, owned = removal.connection, removal.owned
    found = changes(before.rows, read(connection))
    reasons = removal.remove(_removable(before, found, owned, named))
    if owned:
        reasons |= write_back(connection, before.rows)
    left = changes(before.rows, read(connection))
    return Restored(notes(found, left, reasons, owned), not left)


def _removable(
    before: SharedState, found: list[Change], owned: bool, named: Collection[tuple[str, str]]
) -> list[Row]:
    """The new objects that are to be dropped."""
    created = [change.row for change in found if change.created]
    if owned:
        return created
    known = {row.object for row in before.rows.values() if not row.aspect}
    wanted = {f"{kind} {name}" for kind, name in named} - known
    return [row for row in created if row.object in wanted]


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
def _undisturbed(connection: psycopg.Connection[Any]) -> Iterator[None]:
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
