"""Putting a database back to its template's state, and what was written or committed there.

A rollback undoes rows and definitions. It does not undo sequences, nor the pages that
the rows took, nor statistics written in place. Sequences are set back; tables that were
empty and have pages now are truncated, which gives them and their indexes new files. Whatever
else differs is not repaired: the database is dropped and another clone takes its place.

What the server has counted says which tables and sequences are to be looked at; where that cannot
be believed, all are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg

State = dict[str, tuple[Any, ...]]

_TRIGGERS = """
    UPDATE pg_class SET relhastriggers = %s
    WHERE oid = ANY(%s::oid[]) AND relhastriggers = %s
    RETURNING oid
"""
_INDEXES = """
    UPDATE pg_class AS c SET relpages = i[2]::int, reltuples = i[3]::real
    FROM (SELECT string_to_array(unnest(%s::text[]), ' ') AS i) AS were
    WHERE c.oid = i[1]::oid AND (c.relpages, c.reltuples) IS DISTINCT FROM (i[2]::int, i[3]::real)
"""


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
class Written:
    """What was used since the counters were reset."""

    statistics: Decimal | None
    """Stands for pages and rows of all relations; None where there is none."""
    tables: list[int]
    """Tables that were read or written, by themselves or their indexes."""
    sequences: list[str]
    """Qualified and quoted names."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state that a template's clones start from."""

    tables: State
    """Qualified name -> oid, bytes, bytes with all that belongs to it, indexes, pages, rows."""
    sequences: State
    """Qualified name -> last_value, is_called."""
    references: frozenset[tuple[str, str]]
    """Pairs of a table and a table that refers to it."""
    statistics: Decimal | None
    """What ``Written`` says of pages and rows; None as well where nothing is counted."""
    superuser: bool
    """Whether catalogs can be written, for what TRUNCATE does not put back by itself."""
    countable: bool
    """Whether the counters of a clone can be believed."""

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Baseline:
        """The state of the database that is connected to."""
        names = [name for (name,) in connection.execute(_query("sequences.sql"))]
        references = connection.execute(_query("references.sql").encode()).fetchall()
        countable = counters_believed(connection)
        return cls(
            _tables(connection),
            _sequences(connection, names),
            frozenset(references),
            written_since_reset(connection).statistics if countable else None,
            connection.info.parameter_status("is_superuser") == "on",
            countable,
        )

    def restore(self, connection: psycopg.Connection[Any], counted: bool = False) -> PutBack:
        """Put a clone back, if it is or can be made what the template is.

        ``counted`` says that the counters of the clone tell all that was written there.
        """
        try:
            return self._restored(connection, counted)
        except psycopg.Error:
            return PutBack.LOST

    def _restored(self, connection: psycopg.Connection[Any], counted: bool) -> PutBack:
        written = written_since_reset(connection) if counted and self.countable else None
        moved = written is not None and written.statistics != self.statistics
        tables, sequences = self._different(connection, None if moved else written)
        if not (tables or sequences):
            return PutBack.LOST if moved else PutBack.INTACT
        with connection.transaction():
            # Triggers of the schema under test are not to see this.
            connection.execute("SET LOCAL session_replication_role = replica")
            if tables and not self._truncate(connection, tables):
                return PutBack.LOST
            for name in sequences:
                connection.execute(
                    "SELECT setval(%s::regclass, %s, %s)", [name, *self.sequences[name]]
                )
        again = _tables(connection, [self._oid(name) for name in tables])
        same = all(again.get(name) == self.tables.get(name) for name in tables)
        if moved:
            same &= written_since_reset(connection).statistics == self.statistics
        return PutBack.REPAIRED if same else PutBack.LOST

    def _different(
        self, connection: psycopg.Connection[Any], written: Written | None
    ) -> tuple[set[str], set[str]]:
        """The tables and the sequences that are not as in the template.

        All are looked at where nobody knows what was written.
        """
        tables = _tables(connection, written.tables if written else None)
        if written is None and tables.keys() != self.tables.keys():
            return self.tables.keys() ^ tables.keys(), set()
        known = set(written.sequences) & self.sequences.keys() if written else self.sequences
        positions = _sequences(connection, list(known))
        return (
            {name for name, state in tables.items() if state != self.tables.get(name)},
            {name for name, state in positions.items() if state != self.sequences[name]},
        )

    def _truncate(self, connection: psycopg.Connection[Any], names: set[str]) -> bool:
        """Give tables that were empty new files; whether that is all of them.

        A table cannot be truncated without those that refer to it, although nothing can: it is
        empty. They are many in a big schema, so a superuser has the server overlook the keys.
        """
        if any(self.tables.get(name, (0, 1))[1] != 0 for name in names):
            return False
        if self.superuser:
            oids = [self._oid(name) for name in names]
            indexes = [text for name in names for text in self.tables[name][3] or ()]
            connection.execute("SET LOCAL allow_system_table_mods = on")
            found = connection.execute(_TRIGGERS, (False, oids, True)).fetchall()
            connection.execute(_truncate_statement(names))
            connection.execute(_TRIGGERS, (True, [oid for (oid,) in found], False))
            connection.execute(_INDEXES, [indexes])
            return True
        while referring := {b for a, b in self.references if a in names} - names:
            names = names | referring
        connection.execute(_truncate_statement(names))
        return True

    def _oid(self, name: str) -> int:
        return int(self.tables[name][0]) if name in self.tables else 0


def _truncate_statement(names: Collection[str]) -> bytes:
    """TRUNCATE of names that come quoted from the catalog, without tables that inherit."""
    return f"TRUNCATE {', '.join(f'ONLY {name}' for name in sorted(names))}".encode()


def _tables(connection: psycopg.Connection[Any], only: Collection[int] | None = None) -> State:
    """The state of all tables, or of some."""
    given = {"only": None if only is None else list(only)}
    rows = connection.execute(_query("baseline.sql").encode(), given).fetchall()
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


# --- the server's counters ---------------------------------------------------------------------
# Looking at every table of a big schema takes as long as many a test. The server counts what is
# read and written for each relation, in transactions that are rolled back, too. Its counters are
# believed where nothing in the database or the script can switch them off, where they were reset by
# us and by nobody since, and on PostgreSQL 15 and later, where a session's own counts can be asked
# for at once.

_SWITCH = re.compile("track_counts", re.IGNORECASE)
_RESET_AT = """
    SELECT pg_stat_get_db_stat_reset_time(d.oid)::text
    FROM pg_database AS d WHERE d.datname = current_database()
"""


def may_switch_off(text: str) -> bool:
    """Whether a script may keep the server from counting."""
    return _SWITCH.search(text) is not None


def counters_believed(connection: psycopg.Connection[Any]) -> bool:
    """Whether the counters of this database can be believed and reset."""
    if connection.info.server_version < 150000:
        return False
    row = connection.execute(_query("countable.sql").encode()).fetchone()
    return row is not None and bool(row[0])


def flush_counters(connection: psycopg.Connection[Any]) -> None:
    """Have what this session has counted seen by the next statement."""
    connection.execute("SELECT pg_stat_force_next_flush()")


def reset_counters(connection: psycopg.Connection[Any]) -> str | None:
    """Reset the counters of the database that is connected to; when that was."""
    flush_counters(connection)
    connection.execute("SELECT pg_stat_reset()")
    return counters_reset_at(connection)


def counters_reset_at(connection: psycopg.Connection[Any]) -> str | None:
    """When the counters were last reset; None where they never were."""
    row = connection.execute(_RESET_AT).fetchone()
    return row[0] if row else None


def written_since_reset(connection: psycopg.Connection[Any]) -> Written:
    """What was used since then, by whoever is not in a transaction any more."""
    row = connection.execute(_query("written.sql").encode()).fetchone()
    assert row is not None
    return Written(*row)


def committed_here(connection: psycopg.Connection[Any], since: int, settings: int) -> bool:
    """Whether something may have been committed in this database since the counters were reset.

    ``since`` is the transaction id that was the next one then, ``settings`` the number of entries
    of this database in pg_db_role_setting.
    """
    values = {"since": since % 2**32, "settings": settings}
    row = connection.execute(_query("committed_here.sql").encode(), values).fetchone()
    return row is None or row[0] is not False


# --- commits -----------------------------------------------------------------------------------
# Whether something was committed in a database, in ways that a script's text does not show.

RowCounts = Mapping[int, int]
"""Relation -> number of its rows: all relations that are not shared between databases.

Two more numbers are for what the shared ones have of this database.
"""

_RELATIONS = """
    SELECT oid::bigint, oid::regclass::text FROM pg_class
    WHERE relkind IN ('r', 'm') AND NOT relisshared AND relpersistence <> 't'
        AND has_table_privilege(oid, 'SELECT')
"""
"""Who is no superuser may not read some catalogs, the statistics of ANALYZE above all."""
_OF_SETTINGS, _OF_DATABASES = 0, 1
"""Stand for what the shared catalogs have of a database: no relation has these numbers."""
_OF_DATABASE = f"""
    SELECT {_OF_SETTINGS}::bigint, count(*), count(*) FILTER (WHERE age(s.xmin) <= since.age)
    FROM pg_db_role_setting AS s, since
    WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL
    SELECT {_OF_DATABASES}::bigint, count(*), count(*) FILTER (WHERE age(d.xmin) <= since.age)
    FROM pg_database AS d, since
    WHERE d.datname = current_database()
"""  # noqa: S608
_UPCOMING = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True, slots=True)
class Commits:
    """What the server says of the time since a transaction id was the next one."""

    upcoming: int
    """The next transaction id now."""
    any: bool
    """Whether a transaction was committed, in whichever database of the server."""
    others: bool
    """Whether somebody else is at work in this database, and may commit later on."""


def next_transaction_id(connection: psycopg.Connection[Any]) -> int:
    """The next transaction id."""
    row = connection.execute(_UPCOMING).fetchone()
    assert row is not None
    return int(row[0])


def commits_since(connection: psycopg.Connection[Any], since: int) -> Commits:
    """What was committed since ``next_transaction_id`` gave that number."""
    row = connection.execute(_query("commits.sql").encode(), {"since": since}).fetchone()
    assert row is not None
    found, committed, others = row
    return Commits(found, committed is not False, others)


def row_counts(connection: psycopg.Connection[Any]) -> RowCounts:
    """The number of rows of every relation of the database, catalogs included."""
    found = connection.execute(_RELATIONS).fetchall()
    return {oid: count for oid, count, _ in _counted(connection, dict(found), 0)}


def same_rows(connection: psycopg.Connection[Any], before: RowCounts, since: int) -> bool:
    """Whether the database has the rows of ``before``, and none of a transaction since then."""
    names = dict(connection.execute(_RELATIONS).fetchall())
    if {_OF_SETTINGS, _OF_DATABASES, *names} != before.keys():
        return False
    counted = _counted(connection, names, since)
    return all(count == before[oid] and not newer for oid, count, newer in counted)


def _counted(
    connection: psycopg.Connection[Any], names: Mapping[int, str], since: int
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
