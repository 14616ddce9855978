"""Putting a database back to its template's state after a file that ended in ROLLBACK.

A rollback undoes rows and definitions. It does not undo sequences, nor the pages that
the rows took, nor statistics written in place. Sequences are set back; tables that were
empty and have pages now are truncated, which gives them a new, empty file. Whatever else
differs is not repaired: the database is dropped and another clone takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg

State = dict[str, tuple[Any, ...]]


class PutBack(IntEnum):
    """What became of a database that is to be as its template; LOST is false, as a condition."""

    LOST = 0
    """It is not exactly the template any more."""
    INTACT = 1
    """It was."""
    REPAIRED = 2
    """It is again."""


@cache
def _query(name: str) -> str:
    return (files("harness.postgres.database") / name).read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state that a template's clones start from."""

    tables: State
    """Qualified name -> oid, bytes, pages, rows."""
    sequences: State
    """Qualified name -> last_value, is_called."""
    references: frozenset[tuple[str, str]]
    """Pairs of a table and a table that refers to it."""

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Baseline:
        """The state of the database that is connected to."""
        names = [name for (name,) in connection.execute(_query("sequences.sql"))]
        references = connection.execute(_query("references.sql").encode()).fetchall()
        return cls(_tables(connection), _sequences(connection, names), frozenset(references))

    def restore(self, connection: psycopg.Connection[Any]) -> PutBack:
        """Put a clone back, if it is or can be made what the template is."""
        try:
            if (tables := _tables(connection)) != self.tables:
                self._truncate(connection, tables)
            sequences = _sequences(connection, list(self.sequences))
            if sequences != self.sequences:
                self._set(connection, sequences)
            if tables == self.tables:
                return PutBack.INTACT if sequences == self.sequences else PutBack.REPAIRED
            return PutBack.REPAIRED if _tables(connection) == self.tables else PutBack.LOST
        except psycopg.Error:
            return PutBack.LOST

    def _truncate(self, connection: psycopg.Connection[Any], tables: State) -> None:
        """Give tables that were empty a new file, together with those that refer to them."""
        names = {name for name, state in tables.items() if state != self.tables.get(name)}
        while more := {b for a, b in self.references if a in names} - names:
            names |= more
        if all(self.tables.get(name, (0, 1))[1] == 0 for name in names):
            with connection.transaction():
                # Triggers of the schema under test are not to see this.
                connection.execute("SET LOCAL session_replication_role = replica")
                connection.execute(f"TRUNCATE {', '.join(sorted(names))}".encode())

    def _set(self, connection: psycopg.Connection[Any], sequences: State) -> None:
        for name, state in self.sequences.items():
            if sequences[name] != state:
                connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, *state))


def _tables(connection: psycopg.Connection[Any]) -> State:
    rows = connection.execute(_query("baseline.sql").encode()).fetchall()
    return {name: (oid, *rest) for oid, name, *rest in rows}


def _sequences(connection: psycopg.Connection[Any], names: list[str]) -> State:
    """Last value and is_called of each; the names come quoted from the catalog."""
    if not names:
        return {}
    union = "\nUNION ALL ".join(
        f"SELECT {i}, last_value, is_called FROM {name}"  # noqa: S608
        for i, name in enumerate(names)
    )
    rows = connection.execute(union.encode()).fetchall()
    return {names[i]: (last, called) for i, last, called in rows}


Connection = psycopg.Connection[Any]
Rows = Mapping[int, int]
"""Relation -> number of its rows: all relations that are not shared between databases.

Two more numbers are for what the shared ones have of this database.
"""

_RELATIONS = """
    SELECT oid::bigint, oid::regclass::text FROM pg_class
    WHERE relkind IN ('r', 'm') AND NOT relisshared AND relpersistence <> 't'
"""
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
