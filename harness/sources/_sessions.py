"""What a tool does to its session between two files, so that settings meet what they would meet.

Each source says which of these it is; docs/sources.md has them side by side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from harness.core.results import Location
from harness.postgres.session import Failure
from harness.sources.base import MigrationError

_AFRESH = """
    CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *;
    SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES
"""
"""DISCARD ALL, but for the statements that the driver has prepared."""

_AS_CONNECTED = """
    SELECT set_config(split_part(one, '=', 1), substr(one, strpos(one, '=') + 1), false)
    FROM pg_db_role_setting
    CROSS JOIN unnest(setconfig) AS one
    LEFT JOIN pg_settings AS known ON lower(known.name) = lower(split_part(one, '=', 1))
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
        AND split_part(one, '=', 1) <> 'client_encoding'
        AND (known.context IS NULL OR known.context = 'user'
            OR known.context = 'superuser' AND current_setting('is_superuser') = 'on')
    ORDER BY setrole <> 0, setdatabase <> 0
"""
"""ALTER DATABASE ... SET and ALTER ROLE ... SET as a new connection takes them, the strongest last;
what the client asked for when it connected outdoes them."""

_DEFAULT_SCHEMA = """
    BEGIN; SET LOCAL search_path TO DEFAULT; SELECT current_schema(); ROLLBACK
"""


def afresh(connection: psycopg.Connection[Any]) -> None:
    """Make a session as good as that of a new connection."""
    connection.execute(_AFRESH, prepare=False)
    connection.execute(_AS_CONNECTED, prepare=False)


def default_schema(connection: psycopg.Connection[Any]) -> str | None:
    """Where a new connection of this user creates what has no schema; outside a transaction."""
    cursor = connection.execute(_DEFAULT_SCHEMA, prepare=False)
    while cursor.description is None:
        cursor.nextset()
    row = cursor.fetchone()
    assert row is not None
    return None if row[0] is None else str(row[0])


def refuse(path: Path, message: str) -> MigrationError:
    """The error for a file after which the tool itself would not go on."""
    return MigrationError(Location(path, 1), Failure(message))
