"""Running servers that commands are lent, instead of starting one each.

Starting a server and removing it is most of what a short command costs. What a command is lent
is in the state of a server that has just started: nobody else uses it meanwhile, and what the
command leaves is removed. A server that cannot be put back to what it was is stopped, and so is
one whose command did not end by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from psycopg import sql

from harness.core.config import Config
from harness.pgtap.library import preload
from harness.postgres.cluster import Cluster
from harness.postgres.cluster.cluster import ephemeral
from harness.postgres.server.datadir import BASE
from harness.postgres.server.process import ServerProcess, launch
from tests.support.fork_server import TAKEN

INITIAL = ("postgres", "template0", "template1", BASE)
_END_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_OTHERS = "SELECT datname, datistemplate FROM pg_database WHERE datname <> ALL (%s)"
_CLOSED = "SELECT FROM pg_database WHERE datname = %s AND NOT datallowconn"
_SHARED = (
    *("pg_authid", "pg_auth_members", "pg_db_role_setting", "pg_parameter_acl", "pg_tablespace"),
    *("pg_shdescription", "pg_shseclabel", "pg_shdepend", "pg_replication_origin"),
    *("pg_prepared_xacts", "pg_replication_slots"),
)
_STATE = [
    *(f"SELECT '{name}', t::text FROM {name} AS t" for name in _SHARED),
    "SELECT 'database', (oid, datname, datdba, datistemplate, datallowconn, datconnlimit,"
    " datacl)::text FROM pg_database",
    "SELECT 'auto.conf', pg_read_file('postgresql.auto.conf')",
    "SELECT 'setting', name || reset_val FROM pg_settings WHERE source = 'configuration file'",
    # Rows written in the databases that others are made of, whether a rollback followed or not.
    "SELECT 'written', (datname, tup_inserted, tup_updated, tup_deleted)::text"
    f" FROM pg_stat_database WHERE datname IN {INITIAL}",
]


@dataclass(frozen=True)
class Lent:
    """A server that commands are lent, one after the other."""

    server: ServerProcess
    cluster: Cluster
    before: list[tuple[Any, ...]]
    """What all its databases share."""

    @classmethod
    def start(cls) -> Lent:
        """A new one. Raises ServerError."""
        config = Config()
        server = launch(config, preload(config))
        cluster = ephemeral(server)
        with cluster.connect() as connection:
            return cls(server, cluster, _state(connection))

    @property
    def terms(self) -> dict[str, str]:
        """What a command has to know of it."""
        return {
            "folder": str(self.server.folder),
            "bindir": str(self.server.binaries.bindir),
            "version": self.server.binaries.version,
            "key": preload(Config()).key,
        }

    def put_back(self) -> bool:
        """Remove what a command has left; whether all is as it was before."""
        taken = self.server.folder / TAKEN
        if not taken.exists():
            return True
        taken.unlink()
        with suppress(psycopg.Error), self.cluster.connect() as connection:
            connection.execute(_END_OTHERS)
            _remove_databases(connection)
            return _state(connection) == self.before
        return False


def _remove_databases(connection: psycopg.Connection[Any]) -> None:
    for name, is_template in connection.execute(_OTHERS, [list(INITIAL)]).fetchall():
        if is_template:
            _alter(connection, name, "IS_TEMPLATE false")
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(name)))
    if connection.execute(_CLOSED, [BASE]).fetchone():
        _alter(connection, BASE, "IS_TEMPLATE false ALLOW_CONNECTIONS true")


def _alter(connection: psycopg.Connection[Any], name: str, how: str) -> None:
    alter = sql.SQL("ALTER DATABASE {} WITH {}")
    connection.execute(alter.format(sql.Identifier(name), sql.SQL(how)))


def _state(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(" UNION ALL ".join(_STATE).encode() + b" ORDER BY 1, 2").fetchall()


class Lender:
    """The servers of this process; there are as many as commands run at once."""

    def __init__(self) -> None:
        self._idle: list[Lent] = []
        self._lock = threading.Lock()

    @contextmanager
    def lend(self) -> Iterator[dict[str, str]]:
        """The terms of a server for one command, which has ended at the end of the block."""
        with self._lock:
            lent = self._idle.pop() if self._idle else None
        lent = lent or Lent.start()
        again = False
        try:
            yield lent.terms
            again = lent.put_back()
        finally:
            if again:
                self._idle.append(lent)
            else:
                lent.server.stop()

    def close(self) -> None:
        """Stop what is not lent."""
        while self._idle:
            self._idle.pop().server.stop()


@cache
def shared_lender() -> Lender:
    """The one of this process, from when it is first asked for."""
    return Lender()
