"""The ephemeral server as pytest-postgresql's executor.

Inside pytest, pytest-postgresql's client fixtures work on it; outside, the same class
serves. What is replaced is how the process starts (`harness.server.process`), how readiness
is seen (by connecting, every few milliseconds) and how it stops (at once, for nothing is
kept).
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any, Self

import psycopg
from packaging.version import parse
from pytest_postgresql.executors import PostgreSQLExecutor

from harness.errors import ServerError
from harness.server.datadir import SUPERUSER
from harness.server.process import START_TIMEOUT, ServerProcess

NO_SURPRISES = {"hostaddr": "", "options": "", "client_encoding": "UTF8"}
"""Given outright, so that PGHOSTADDR, PGOPTIONS and their like are not read instead."""
POLL = 0.002


class EphemeralExecutor(PostgreSQLExecutor):
    """A server that was launched, and may not answer yet."""

    def __init__(self, server: ServerProcess) -> None:
        self.server, self.template = server, ""
        self._starting, self._answers = threading.Lock(), False
        super().__init__(
            executable=server.binaries.program("pg_ctl"),
            host=str(server.folder),
            port=server.port,
            datadir=str(server.datadir),
            unixsocketdir=str(server.folder),
            logfile=str(server.log),
            startparams="",
            dbname="tests",
            user=SUPERUSER,
            timeout=START_TIMEOUT,
            sleep=POLL,
        )
        self.process = server.supervisor

    @property
    def conninfo(self) -> dict[str, Any]:
        """How to connect, but for the database."""
        return {**NO_SURPRISES, "host": self.host, "port": self.port, "user": self.user}

    @property
    def template_dbname(self) -> str:
        """The template of the run, which pytest-postgresql's databases are clones of."""
        return self.template or str(super().template_dbname)

    @property
    def version(self) -> Any:
        """The server's version, as pytest-postgresql gives it."""
        return parse(self.server.binaries.version)

    def init_directory(self) -> None:
        """Nothing: the supervisor copies the data directory."""

    def start(self) -> Self:
        """Wait until the server answers; ServerError with its log's tail where it never will."""
        with self._starting:
            while not self._answers:
                self._answers = self.after_start_check()
                if self._answers:
                    break
                if self.server.ended or time.monotonic() > self.server.deadline:
                    tail = self.server.log_tail()
                    raise ServerError(f"the PostgreSQL server did not start:\n{tail}")
                time.sleep(POLL)
        return self

    def pre_start_check(self) -> bool:
        """Nobody else can be listening in a directory of our own."""
        return False

    def after_start_check(self) -> bool:
        """Whether the server takes connections."""
        if not self.server.listening:
            return False
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(**self.conninfo, dbname="postgres").close()
            return True
        return False

    def running(self) -> bool:
        """Whether the supervisor, and so the server's directory, is still there."""
        return self.server.running

    def stop(self, sig: int | None = None, exp_sig: int | None = None) -> Self:
        """Stop at once and remove everything, unless the server is to be kept."""
        self.server.stop()
        return self

    def kill(self, wait: bool = True, sig: int | None = None) -> Self:
        """Stop at once: there is nothing gentler to fall back from."""
        return self.stop()

    def clean_directory(self) -> None:
        """Nothing: the supervisor removes it."""

    def __del__(self) -> None:
        """Nothing: the supervisor does what is left to do when we are gone."""
