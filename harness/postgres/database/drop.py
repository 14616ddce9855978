"""Dropping a database, together with what keeps the server from dropping it.

A prepared transaction, a subscription or a replication slot in use holds a database even
against ``WITH (FORCE)``. All three are gone with a test's database like anything else
in it, so they are ended first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from typing import Any, TypeAlias

import psycopg
from psycopg import errors, sql

from harness.core.errors import ServerError

PREFIX = "harness_"
"""What the names of databases begin with that the harness creates, and may drop."""

Connect: TypeAlias = Callable[[str], psycopg.Connection[Any]]
"""Gives a new connection, in autocommit, to the database of a name."""

_SETTLED = """
    SET ROLE NONE; SET search_path = pg_catalog; SET default_transaction_read_only = off;
    SET statement_timeout = 0; SET lock_timeout = '10s'
"""
_HELD = (errors.ObjectInUse, errors.WrongObjectType)
"""What the server answers where something holds the database, or it was made a template."""


def drop_database(connection: psycopg.Connection[Any], name: str, connect: Connect) -> None:
    """Drop a database of ours and whatever is in it or connected to it.

    ``connection`` is one in autocommit to another database. Raises ServerError where the
    database is not ours, or where it cannot be dropped.
    """
    if not name.startswith(PREFIX):
        raise ServerError(f"refusing to drop {name!r}: the harness did not create it")
    try:
        force_drop(connection, name, connect)
    except psycopg.Error as error:
        raise ServerError(f"cannot drop database {name}: {error}") from None


def force_drop(connection: psycopg.Connection[Any], name: str, connect: Connect) -> None:
    """The same for any database: that it may be dropped is for the caller to know."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    try:
        connection.execute(drop)
    except _HELD:
        release(connection, name, connect)
        connection.execute(drop)


def release(connection: psycopg.Connection[Any], name: str, connect: Connect) -> None:
    """Get rid of what holds a database; what will not go, the server names when it drops."""
    reopen = "ALTER DATABASE {} WITH IS_TEMPLATE false ALLOW_CONNECTIONS true CONNECTION LIMIT -1"
    with suppress(psycopg.Error):
        connection.execute(sql.SQL(reopen).format(sql.Identifier(name)))
        with settled(connect, name) as inside:
            _end_prepared(inside)
            _end_subscriptions(inside)
            inside.execute(_text("shared_slots.sql").encode())


@contextmanager
def settled(connect: Connect, name: str) -> Iterator[psycopg.Connection[Any]]:
    """A session that does what we say, whatever a file has set for our role or the database."""
    with connect(name) as inside:
        inside.execute(_SETTLED)
        yield inside


def _end_prepared(inside: psycopg.Connection[Any]) -> None:
    query = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"
    for (gid,) in inside.execute(query).fetchall():
        roll_back(inside, gid)


def roll_back(inside: psycopg.Connection[Any], gid: str) -> None:
    """Roll back a prepared transaction of the database that is connected to."""
    inside.execute(sql.SQL("ROLLBACK PREPARED {}").format(sql.Literal(gid)))


def _end_subscriptions(inside: psycopg.Connection[Any]) -> None:
    """Without a word to the publisher, which need not be there any more."""
    for (name,) in inside.execute(_text("shared_subscriptions.sql").encode()).fetchall():
        subscription = sql.Identifier(name)
        for step in (
            "ALTER SUBSCRIPTION {} DISABLE",
            "ALTER SUBSCRIPTION {} SET (slot_name = NONE)",
            "DROP SUBSCRIPTION {}",
        ):
            inside.execute(sql.SQL(step).format(subscription))


def _text(name: str) -> str:
    return (files("harness.postgres.database") / name).read_text("utf-8")
