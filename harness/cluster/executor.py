"""The ephemeral server as pytest-postgresql's executor.

Inside pytest, pytest-postgresql's client fixtures work on it; outside, the same class
serves. What is replaced is how the process starts (below our supervisor, on a copied
data directory, under another account where we are root), how readiness is seen (by
connecting, every few milliseconds) and how it stops (at once, for nothing is kept).
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import psycopg
from packaging.version import parse
from pytest_postgresql.executors import PostgreSQLExecutor

from harness.cluster import supervisor
from harness.cluster.account import Account
from harness.cluster.binaries import Binaries
from harness.cluster.datadir import SUPERUSER, own
from harness.errors import ServerError

PORT = 5432
"""Only part of the socket's file name: the socket is alone in a private directory."""

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    # In the data directory, so that a server that is killed leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    # A clone must be byte for byte what its template is, and plans must not change between runs.
    "autovacuum": "off",
    "jit": "off",
}
PRIVATE = {"listen_addresses": "", "unix_socket_permissions": "0700"}
REPEATABLE = {"timezone": "UTC", "lc_messages": "C", "max_connections": "200"}
NO_SURPRISES = {"hostaddr": "", "options": "", "client_encoding": "UTF8"}
"""Given outright, so that PGHOSTADDR, PGOPTIONS and their like are not read instead."""
START_TIMEOUT = 60
STOP_TIMEOUT = 15
POLL = 0.004


class EphemeralExecutor(PostgreSQLExecutor):
    """A server in ``folder``, a directory of its own, gone with us whatever happens to us.

    ``data(folder)`` gives the data directory that the server starts on a copy of; it may
    build it in ``folder``, as the account.
    """

    def __init__(
        self,
        binaries: Binaries,
        account: Account,
        data: Callable[[Path], Path],
        settings: Mapping[str, str],
        folder: Path,
    ) -> None:
        self.folder = folder
        self._binaries, self._account, self._data = binaries, account, data
        self.template, self._kept = "", False
        self._starting, self._answers, self._deadline = threading.Lock(), False, 0.0
        self._settings = {**FAST, **REPEATABLE, **settings, **PRIVATE}
        super().__init__(
            executable=binaries.program("pg_ctl"),
            host=str(self.folder),
            port=PORT,
            datadir=str(self.folder / "data"),
            unixsocketdir=str(self.folder),
            logfile=str(self.folder / "server.log"),
            startparams="",
            dbname="tests",
            user=SUPERUSER,
            timeout=START_TIMEOUT,
            sleep=POLL,
        )

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
        return parse(self._binaries.version)

    def init_directory(self) -> None:
        """Nothing: the supervisor copies the data directory."""

    def launch(self) -> None:
        """Start the server, without waiting for it to answer."""
        self.process = subprocess.Popen(
            self._command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
            env=self._environment(),
        )
        own(self.folder, self._account)
        self._tell(os.fsencode(self._data(self.folder)) + b"\n")
        self._deadline = time.monotonic() + START_TIMEOUT

    def start(self) -> Self:
        """Wait until the server answers; ServerError with its log's tail where it never will."""
        with self._starting:
            if self.process is None:
                self.launch()
            if not self._answers:
                self._wait()
        return self

    def _wait(self) -> None:
        while not self.after_start_check():
            if self._ended() or time.monotonic() > self._deadline:
                raise ServerError(f"the PostgreSQL server did not start:\n{self.log_tail()}")
            time.sleep(POLL)
        self._answers = True

    def _tell(self, message: bytes) -> None:
        """Send the supervisor a message."""
        assert self.process is not None
        assert self.process.stdin is not None
        os.write(self.process.stdin.fileno(), message)  # a buffer would be written again on close

    def keep(self) -> None:
        """Let the server outlive us, until ``supervisor.MARKER`` in its folder is removed.

        Raises ServerError where it is gone already.
        """
        try:
            # The folder is the server's: a link that it made there must not lead us elsewhere.
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
            os.close(os.open(self.folder / supervisor.MARKER, flags, 0o600))
            self._tell(supervisor.KEEP)
        except OSError as error:
            raise ServerError(f"cannot keep the server: {error.strerror}") from None
        self._kept = True

    def _command(self) -> list[str]:
        settings = {**self._settings, "unix_socket_directories": str(self.folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        postgres = [self._binaries.program("postgres"), "-D", self.datadir, "-p", str(PORT)]
        who = [str(self._account.uid), str(self._account.gid)]
        python = [sys.executable, "-I", "-S", supervisor.__file__]
        return [*python, str(self.folder), *who, *postgres, *options]

    def _environment(self) -> dict[str, str]:
        """Ours without what libpq and postgres read: PGPORT, PGDATA, TZ and their like."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PG") and k != "TZ"}
        return kept | {"LC_ALL": "C"}

    def _ended(self) -> bool:
        """Whether the server is gone, as the supervisor reports it."""
        assert self.process is not None
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        return self.process.poll() is not None or bool(self.process.stdout.read())

    def pre_start_check(self) -> bool:
        """Nobody else can be listening in a directory of our own."""
        return False

    def after_start_check(self) -> bool:
        """Whether the server takes connections."""
        if not (self.folder / f".s.PGSQL.{PORT}").exists():
            return False
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(**self.conninfo, dbname="postgres").close()
            return True
        return False

    def running(self) -> bool:
        """Whether the supervisor, and so the server's directory, is still there."""
        return self.process is not None and self.process.poll() is None

    def stop(self, sig: int | None = None, exp_sig: int | None = None) -> Self:
        """Stop at once and remove everything, unless the server is to be kept."""
        if self.process is None:
            self.clean_directory()
            return self
        process, self.process = self.process, None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        _read_to_end(process.stdout.fileno(), STOP_TIMEOUT)
        process.stdout.close()
        if self._kept:  # whoever outlives a child has to wait for it
            threading.Thread(target=process.wait, daemon=True).start()
            return self
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT)
        return self

    def kill(self, wait: bool = True, sig: int | None = None) -> Self:
        """Stop at once: there is nothing gentler to fall back from."""
        return self.stop()

    def clean_directory(self) -> None:
        """Remove the directory of a server that never started."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_tail(self, lines: int = 15) -> str:
        """The end of the server's log."""
        try:
            text = Path(self.logfile).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:])

    def __del__(self) -> None:
        """Nothing: the supervisor does what is left to do when we are gone."""


def _read_to_end(descriptor: int, seconds: float) -> None:
    """Wait for the other end of a pipe to close: Popen.wait with a timeout would poll."""
    os.set_blocking(descriptor, False)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if select.select([descriptor], [], [], left)[0] and not os.read(descriptor, 4096):
            return
