"""A clone that several properties take numbers of sequences in, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from typing import Any

import psycopg
from psycopg import sql

from harness.postgres.database import Database
from harness.postgres.schema_model import Name


class SpareClone:
    """One clone in which nothing but sequences moves, and those are put back.

    Numbers are taken outside of any transaction, where no rollback brings them back; a clone for
    each of three properties of every sequence was most of what they cost, and the more the
    larger the schema.
    """

    def __init__(self, clone: Callable[[], AbstractContextManager[Database]]) -> None:
        self._clone = clone
        self._open = ExitStack()
        self._lent: tuple[Database, psycopg.Connection[Any]] | None = None

    @contextmanager
    def lent(self, sequence: Name) -> Iterator[Database]:
        """The clone, as the template is, for queries and for numbers of this sequence."""
        database, connection = self._lent = self._lent or self._made()
        name = sequence.identifier
        look = sql.SQL("SELECT last_value, is_called FROM {}").format(name)
        held = connection.execute(look).fetchone()
        try:
            yield database
        finally:
            back = sql.SQL("SELECT setval({}::regclass, {}, {})")
            try:
                connection.execute(back.format(name.as_string(), *(held or ())))
            except psycopg.Error:
                self.close()  # the next property has a new one

    def _made(self) -> tuple[Database, psycopg.Connection[Any]]:
        database = self._open.enter_context(self._clone())
        return database, self._open.enter_context(closing(database.connect()))

    def close(self) -> None:
        """Drop the clone, if there is one."""
        self._lent = None
        self._open.close()
