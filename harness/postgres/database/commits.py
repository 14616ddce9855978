"""Whether something was committed in a database, in ways that a script's text does not show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
Rows = Mapping[int, int]
"""Relation -> number of its rows: all relations that are not shared between databases.

Two more numbers are for what the shared ones have of this database.
"""

_RELATIONS = """
    SELECT oid::bigint, oid::regclass::text FROM pg_class
    WHERE relkind IN ('r', 'm') AND NOT relisshared AND relpersistence <> 't'
        AND has_table_privilege(oid, 'SELECT')
"""
"""Who is no superuser may not read some catalogs, the statistics of ANALYZE above all."""
_SETTINGS, _DATABASE = 0, 1
"""Stand for what the shared catalogs have of a database: no relation has these numbers."""
_OF_DATABASE = f"""
    SELECT {_SETTINGS}::bigint, count(*), count(*) FILTER (WHERE age(s.xmin) <= since.age)
    FROM pg_db_role_setting AS s, since
    WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL
    SELECT {_DATABASE}::bigint, count(*), count(*) FILTER (WHERE age(d.xmin) <= since.age)
    FROM pg_database AS d, since
    WHERE d.datname = current_database()
"""  # noqa: S608
_UPCOMING = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


@cache
def _commits_query() -> str:
    return (files("harness.postgres.database") / "commits.sql").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Commits:
    """What the server says of the time since a transaction id was the next one."""

    upcoming: int
    """The next transaction id now."""
    any: bool
    """Whether a transaction was committed, in whichever database of the server."""
    others: bool
    """Whether somebody else is at work in this database, and may commit later on."""


def upcoming(connection: Connection) -> int:
    """The next transaction id."""
    row = connection.execute(_UPCOMING).fetchone()
    assert row is not None
    return int(row[0])


def commits(connection: Connection, since: int) -> Commits:
    """What was committed since ``upcoming`` gave that number."""
    row = connection.execute(_commits_query().encode(), {"since": since}).fetchone()
    assert row is not None
    found, committed, others = row
    return Commits(found, committed is not False, others)


def rows(connection: Connection) -> Rows:
    """The number of rows of every relation of the database, catalogs included."""
    found = connection.execute(_RELATIONS).fetchall()
    return {oid: count for oid, count, _ in _counted(connection, dict(found), 0)}


def unchanged(connection: Connection, before: Rows, since: int) -> bool:
    """Whether the database has the rows of ``before``, and none of a transaction since then."""
    names = dict(connection.execute(_RELATIONS).fetchall())
    if {_SETTINGS, _DATABASE, *names} != before.keys():
        return False
    counted = _counted(connection, names, since)
    return all(count == before[oid] and not newer for oid, count, newer in counted)


def _counted(
    connection: Connection, names: Mapping[int, str], since: int
) -> list[tuple[int, int, int]]:
    """Relation, number of rows, and of those from a transaction id on; names come quoted."""
    each = (
        f"SELECT {oid}::bigint, count(*), count(*) FILTER (WHERE age(xmin) <= since.age)"  # noqa: S608
        f" FROM {name}, since"
        for oid, name in names.items()
    )
    union = "\nUNION ALL ".join([_OF_DATABASE, *each])
    since_sql = f"WITH since (age) AS MATERIALIZED (SELECT age('{since % 2**32}'::xid))"
    return connection.execute(f"{since_sql}\n{union}".encode()).fetchall()
