"""The second session: it reads and writes tables while a migration runs, and counts its waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import psycopg
from psycopg import errors, sql

from harness.migrations.revision_result import Wait
from harness.migrations.scratch_database import Connection, Connections, is_superuser
from harness.postgres.schema_model import Name

_READ = sql.SQL("SELECT 1 FROM ONLY {} LIMIT 1")
_WRITE = sql.SQL(
    "DELETE FROM ONLY {0} WHERE ctid = (SELECT ctid FROM ONLY {0} LIMIT 1)"  # rolled back
)
_PATIENCE = "SELECT set_config('lock_timeout', %s, false)"
# Whoever waits in a deadlock with the migration, it is this session that gives way; and only
# the tables that are named are to be used, not those that triggers and keys lead to.
_SUPERUSER = "SET deadlock_timeout = '20ms'; SET session_replication_role = replica"
_PAUSE = 0.001
_AT_ONCE = 0.1
"""Seconds that one attempt may wait. Each lets go of its own locks: where the migration has written
rows and then alters their table, the one waits for the rows and the other for the table, and the
deadlock is seen by neither until the migration's own ``deadlock_timeout``."""


@dataclass
class ConcurrentSession:
    """Uses tables one after another, over and over."""

    connections: Connections
    tables: Sequence[Name]
    budget: float
    pid: int = 0
    waits: dict[tuple[Name, str], Wait] = field(default_factory=dict)
    """The longest of each use."""

    @property
    def longest(self) -> Wait:
        """The longest wait; of several that were given up, to read is worse than to write."""
        return max(self.waits.values(), key=_weight, default=Wait(0.0))

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work for the length of a block."""
        if not self.tables:
            yield
            return
        done = threading.Event()
        with self.connections.database.connect() as connection:
            patience = min(self.budget, _AT_ONCE)
            connection.execute(_PATIENCE, [f"{max(round(patience * 1000), 1)}ms"])
            if is_superuser(connection):
                connection.execute(_SUPERUSER)
            self.pid = connection.info.backend_pid
            thread = threading.Thread(target=self._work, args=(connection, done))
            thread.start()
            try:
                yield
            finally:
                done.set()
                thread.join()

    def _work(self, connection: Connection, done: threading.Event) -> None:
        while not done.is_set():
            for table in self.tables:
                self._use(connection, table, "read", _READ)
                self._use(connection, table, "write", _WRITE)
                if done.wait(_PAUSE):
                    return

    def _use(
        self,
        connection: Connection,
        table: Name,
        what: Literal["read", "write"],
        statement: sql.SQL,
    ) -> None:
        started, waited, served = time.perf_counter(), 0.0, False
        while not served and waited < self.budget:
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(statement.format(table.identifier), prepare=False)
                served = True
            except errors.LockNotAvailable:
                pass
            except (errors.DeadlockDetected, errors.UndefinedTable, errors.InvalidSchemaName):
                return  # the migration takes it away, and is welcome to
            except psycopg.errors.FeatureNotSupported:
                return  # a table that was one when we began
            waited = time.perf_counter() - started
        wait = Wait(waited, table, what, gave_up=not served)
        self.waits[table, what] = max(wait, self.waits.get((table, what), wait), key=_weight)


def _weight(wait: Wait) -> tuple[bool, bool, float]:
    return wait.gave_up, wait.gave_up and wait.what == "read", wait.seconds
