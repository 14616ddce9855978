"""Putting a database back to its template's state after a file that ended in ROLLBACK.

A rollback undoes rows and definitions. It does not undo sequences, nor the pages that
the rows took, nor statistics written in place. Sequences are set back; tables that were
empty and have pages now are truncated, which gives them a new, empty file. Whatever else
differs is not repaired: the database is dropped and another clone takes its place.
"""

from __future__ import annotations

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
