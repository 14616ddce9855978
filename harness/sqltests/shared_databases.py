"""The databases that files share which roll back: given to a file, put back, given to the next.

Each thread keeps databases of its own, one for each beginning that its scripts have in common.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from psycopg import sql

from harness.pgtap import extension
from harness.pgtap.extension import Serve
from harness.postgres.database import Baseline, Database, PutBack, Template
from harness.postgres.database.restore import (
    RowCounts,
    commits_since,
    committed_here,
    counters_reset_at,
    flush_counters,
    next_transaction_id,
    reset_counters,
    row_counts,
    same_rows,
)
from harness.postgres.psql import Statement

MOST = 4
"""Databases that a thread keeps: one for each beginning that its scripts have in common."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A database that is as its template, and what scripts begin with was run in it."""

    database: Database
    since: int
    """The transaction id from which on nothing was committed there."""
    header: tuple[str, ...] = ()
    rows: RowCounts | None = None
    """The rows it has; None where they are the template's."""
    reset_at: str | None = None
    """When the server's counters for it were last reset."""


@dataclass(frozen=True, slots=True)
class After:
    """What is known when a script has run."""

    kept: Kept | None
    """The database, put back, if it can be used again."""
    quiet: bool
    """Whether nothing was committed on the whole server meanwhile."""


@dataclass(slots=True)
class SharedDatabases:
    """Gives a database to a script, and takes it back."""

    template: Template
    baseline: Baseline
    serve: Serve
    library: str
    """The schema of the built-in library, if that is used."""
    role: str
    """Who runs the scripts, as Runner has it."""
    _mine: threading.local = field(default_factory=threading.local)
    _rows: RowCounts | None = None
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def take(self, header: Sequence[Statement] = (), lent: tuple[str, ...] = ()) -> Kept:
        """A database that is as the template, but for what scripts begin with and borrow."""
        key = (*lent, *(statement.sql for statement in header))
        kept = self._by_header().pop(key, None)
        return kept if kept is not None else self._made(header, lent, key)

    def _by_header(self) -> dict[tuple[str, ...], Kept]:
        found: dict[tuple[str, ...], Kept] | None = getattr(self._mine, "kept", None)
        if found is None:
            found = self._mine.kept = {}
        return found

    def _made(
        self, header: Sequence[Statement], lent: tuple[str, ...], key: tuple[str, ...]
    ) -> Kept:
        database = self.template.clone()
        with database.connect() as connection:
            if lent and self.library:
                extension.lend(connection, lent, self.library)
            act_as(connection, self.role)
            try:
                for statement in header:
                    if served := self.serve(statement):
                        connection.execute(served.sql.encode())
            except psycopg.Error:  # the script that begins so will say it
                key = ("",)
        with database.connect() as connection:
            counted = row_counts(connection) if key else None
            reset_at = reset_counters(connection) if key and self.baseline.countable else None
            return Kept(database, next_transaction_id(connection), key, counted, reset_at)

    def after(
        self, kept: Kept, connection: psycopg.Connection[Any], again: bool, blind: bool = False
    ) -> After:
        """What is known after a script; ``again`` says that its database is wanted again.

        The database is put back over the connection of the script. ``blind`` says that the script
        may have kept the server from counting what it did.
        """
        try:
            connection.rollback()
            connection.execute("DISCARD ALL")
            if counted := self.baseline.countable and not blind:
                flush_counters(connection)
            found = commits_since(connection, kept.since)
            quiet = not found.any and not found.others
            if not again or found.others:
                return After(None, quiet)
            counted = counted and counters_reset_at(connection) == kept.reset_at
            if found.any and not self._same(kept, connection, counted):
                return After(None, quiet)
            put_back = self.baseline.restore(connection, counted)
            if not put_back:
                return After(None, quiet)
            if put_back is PutBack.INTACT:
                return After(replace(kept, since=found.upcoming), quiet)
            # What was put back was counted and committed, too.
            reset_at = reset_counters(connection) if self.baseline.countable else None
            return After(
                replace(kept, since=next_transaction_id(connection), reset_at=reset_at), quiet
            )
        except psycopg.Error:
            return After(None, quiet=False)

    def _same(self, kept: Kept, connection: psycopg.Connection[Any], counted: bool) -> bool:
        """Whether what was committed on the server was committed in another database."""
        settings = len({role for role, _, _ in self.template.settings})
        if counted and not committed_here(connection, kept.since, settings):
            return True
        before = kept.rows if kept.rows is not None else self._original()
        return same_rows(connection, before, kept.since)

    def _original(self) -> RowCounts:
        """What the template has; counted where it is needed, which it rarely is."""
        with self._counting:
            if self._rows is None:
                with self.template.cloned() as pristine, pristine.connect() as connection:
                    self._rows = row_counts(connection)
            return self._rows

    def give_back(self, kept: Kept) -> None:
        """Keep a database for the next script; another one makes room for it."""
        mine = self._by_header()
        if kept.header in mine or len(mine) == MOST:
            mine.pop(kept.header if kept.header in mine else next(iter(mine))).database.drop()
        mine[kept.header] = kept


def act_as(connection: psycopg.Connection[Any], role: str) -> psycopg.Connection[Any]:
    """The same connection, whose session is a role's until DISCARD ALL; an empty one: as it is."""
    if role:
        name = sql.Identifier(role)
        connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(name), prepare=False)
    return connection
