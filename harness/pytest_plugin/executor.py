"""The server of a run as pytest-postgresql's executor: its client fixtures work on it.

What starts the process, sees that it is ready and stops it is the harness' own
(`harness.postgres.server`, `harness.postgres.cluster`): the executor reports.
"""

from __future__ import annotations

import os
from typing import Any, Self

import psycopg
from packaging.version import parse
from pytest_postgresql.executors import NoopExecutor, PostgreSQLExecutor

from harness.postgres.cluster import Cluster
from harness.postgres.server.datadir import SUPERUSER
from harness.postgres.server.process import START_TIMEOUT, ServerProcess


def executor(cluster: Cluster, template: str) -> PostgreSQLExecutor | NoopExecutor:
    """The executor of a cluster, whose databases are clones of the template of that name."""
    with cluster.connect() as connection:  # which waits until the server answers
        if cluster.server is None:
            return AttachedExecutor(connection.info, template)
    return EphemeralExecutor(cluster.server, template)


class EphemeralExecutor(PostgreSQLExecutor):
    """A server of ours, which answers."""

    def __init__(self, server: ServerProcess, template: str) -> None:
        self.server, self.template = server, template
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
        )
        self.process = server.supervisor

    @property
    def template_dbname(self) -> str:
        """The template of the run, which pytest-postgresql's databases are clones of."""
        return self.template

    @property
    def version(self) -> Any:
        """The server's version, as pytest-postgresql gives it."""
        return parse(self.server.binaries.version)

    def init_directory(self) -> None:
        """Nothing: the supervisor copies the data directory."""

    def start(self) -> Self:
        """Nothing: it answers already."""
        return self

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


class AttachedExecutor(NoopExecutor):
    """A server that is not ours."""

    def __init__(self, info: psycopg.ConnectionInfo, template: str) -> None:
        self.template = template
        # The name carries our prefix: pytest-postgresql drops and creates it.
        name = f"harness_{os.getpid()}_postgresql"
        super().__init__(
            info.host, info.port, info.user, "", name, info.password or None, info.dbname
        )

    @property
    def template_dbname(self) -> str:
        """The template of the run."""
        return self.template
