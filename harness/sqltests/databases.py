"""The databases that scripts which roll back use one after another.

Each thread has its own. Whether one may be used again, the server decides, not the text of the
script that ran in it: whatever was committed there, by whichever session, ends its use.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from harness.pgtap import extension
from harness.pgtap.extension import Serve
from harness.postgres.database import Baseline, Database, PutBack, Template
from harness.postgres.database.commits import Rows, commits, rows, unchanged, upcoming
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
    rows: Rows | None = None
    """The rows it has; None where they are the template's."""


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
    _mine: threading.local = field(default_factory=threading.local)
    _rows: Rows | None = None
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
            try:
                for statement in header:
                    if served := self.serve(statement):
                        connection.execute(served.sql.encode())
            except psycopg.Error:  # the script that begins so will say it
                key = ("",)
        with database.connect() as connection:
            counted = rows(connection) if key else None
            return Kept(database, upcoming(connection), key, counted)

    def after(self, kept: Kept, connection: psycopg.Connection[Any], again: bool) -> After:
        """What is known after a script; ``again`` says that its database is wanted again.

        The database is put back over the connection of the script.
        """
        try:
            connection.rollback()
            connection.execute("DISCARD ALL")
            found = commits(connection, kept.since)
            quiet = not found.any and not found.others
            if not again or found.others or (found.any and not self._same(kept, connection)):
                return After(None, quiet)
            put_back = self.baseline.restore(connection)
            if not put_back:
                return After(None, quiet)
            # What was put back was committed, too.
            repaired = put_back is PutBack.REPAIRED
            since = upcoming(connection) if repaired else found.upcoming
            return After(replace(kept, since=since), quiet)
        except psycopg.Error:
            return After(None, quiet=False)

    def _same(self, kept: Kept, connection: psycopg.Connection[Any]) -> bool:
        """Whether what was committed on the server was committed in another database."""
        before = kept.rows if kept.rows is not None else self._original()
        return unchanged(connection, before, kept.since)

    def _original(self) -> Rows:
        """What the template has; counted where it is needed, which it rarely is."""
        with self._counting:
            if self._rows is None:
                with self.template.cloned() as pristine, pristine.connect() as connection:
                    self._rows = rows(connection)
            return self._rows

    def give_back(self, kept: Kept) -> None:
        """Keep a database for the next script; another one makes room for it."""
        mine = self._by_header()
        if kept.header in mine or len(mine) == MOST:
            mine.pop(kept.header if kept.header in mine else next(iter(mine))).database.drop()
        mine[kept.header] = kept
