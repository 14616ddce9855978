"""What the server has counted in a database: a cheap answer to what a script has written there.

Looking at every table of a big schema takes as long as many a test. The server counts what is read
and written for each relation, in transactions that are rolled back, too. Its counters are believed
where nothing in the database or the script can switch them off, where they were reset by us and by
nobody since, and on PostgreSQL 15 and later, where a session's own counts can be asked for at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]

_SWITCH = re.compile("track_counts", re.IGNORECASE)
_RESET_AT = """
    SELECT pg_stat_get_db_stat_reset_time(d.oid)::text
    FROM pg_database AS d WHERE d.datname = current_database()
"""


@cache
def _query(name: str) -> bytes:
    return (files("harness.postgres.database") / name).read_bytes()


@dataclass(frozen=True, slots=True)
class Written:
    """What was used since the counters were reset."""

    statistics: Decimal | None
    """Stands for pages and rows of all relations; None where there is none."""
    tables: list[int]
    """Tables that were read or written, by themselves or their indexes."""
    sequences: list[str]
    """Qualified and quoted names."""


def may_switch_off(text: str) -> bool:
    """Whether a script may keep the server from counting."""
    return _SWITCH.search(text) is not None


def countable(connection: Connection) -> bool:
    """Whether the counters of this database can be believed and reset."""
    if connection.info.server_version < 150000:
        return False
    row = connection.execute(_query("countable.sql")).fetchone()
    return row is not None and bool(row[0])


def flush(connection: Connection) -> None:
    """Have what this session has counted seen by the next statement."""
    connection.execute("SELECT pg_stat_force_next_flush()")


def reset(connection: Connection) -> str | None:
    """Reset the counters of the database that is connected to; when that was."""
    flush(connection)
    connection.execute("SELECT pg_stat_reset()")
    return reset_at(connection)


def reset_at(connection: Connection) -> str | None:
    """When the counters were last reset; None where they never were."""
    row = connection.execute(_RESET_AT).fetchone()
    return row[0] if row else None


def written(connection: Connection) -> Written:
    """What was used since then, by whoever is not in a transaction any more."""
    row = connection.execute(_query("written.sql")).fetchone()
    assert row is not None
    return Written(*row)


def committed_here(connection: Connection, since: int, settings: int) -> bool:
    """Whether something may have been committed in this database since the counters were reset.

    ``since`` is the transaction id that was the next one then, ``settings`` the number of entries
    of this database in pg_db_role_setting.
    """
    values = {"since": since % 2**32, "settings": settings}
    row = connection.execute(_query("committed_here.sql"), values).fetchone()
    return row is None or row[0] is not False
