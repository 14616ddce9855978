"""Cluster: a PostgreSQL instance that the harness may create databases in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pytest_postgresql.executors import NoopExecutor, PostgreSQLExecutor

from harness.cluster.executor import NO_SURPRISES, EphemeralExecutor
from harness.config import Config
from harness.errors import ConfigError, ServerError
from harness.server.datadir import BASE
from harness.server.preload import Preload
from harness.server.process import ServerProcess, launch

NOTHING = Preload()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server, ours or a named one.

    ``base`` is the database that templates are cloned from; where ``has_library`` is
    true it holds the assertion library already.
    """

    conninfo: dict[str, Any]
    version: int
    """As in ``180006``."""
    executor: PostgreSQLExecutor | NoopExecutor
    ephemeral: bool
    base: str
    has_library: bool

    def dsn(self, dbname: str | None = None) -> str:
        """Connection string of a database, by default of the one for maintenance.

        Waits until the server answers. It may hold a password and is not for printing.
        """
        if isinstance(self.executor, EphemeralExecutor):
            self.executor.start()
        return make_conninfo(**{"dbname": "postgres", **self.conninfo} | _given(dbname=dbname))

    def connect(self, dbname: str | None = None, **parameters: Any) -> psycopg.Connection[Any]:
        """A new connection in autocommit."""
        return psycopg.connect(self.dsn(dbname), autocommit=True, **parameters)

    def executor_for(self, template: str) -> PostgreSQLExecutor | NoopExecutor:
        """The executor for pytest-postgresql, whose databases are clones of a template."""
        self.executor.template = template  # type: ignore[union-attr]
        return self.executor

    def stop(self) -> None:
        """Stop the server where it is ours."""
        if isinstance(self.executor, EphemeralExecutor):
            self.executor.stop()


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


class AttachedExecutor(NoopExecutor):
    """pytest-postgresql's executor for a server that is not ours."""

    def __init__(self, info: psycopg.ConnectionInfo) -> None:
        self.template = ""
        # The name carries our prefix: pytest-postgresql drops and creates it.
        name = f"harness_{os.getpid()}_postgresql"
        super().__init__(
            info.host, info.port, info.user, "", name, info.password or None, info.dbname
        )

    @property
    def template_dbname(self) -> str:
        """The template of the run."""
        return self.template or super().template_dbname


@contextmanager
def open_cluster(
    config: Config, preload: Preload = NOTHING, launched: ServerProcess | None = None
) -> Iterator[Cluster]:
    """The cluster a configuration asks for, stopped at the end where it is ours.

    ``preload`` is what an ephemeral server has from the beginning; ``launched`` is one that
    is starting already, to be used instead of another.
    """
    if config.server:
        cluster = attach(config.server)
    else:
        cluster = ephemeral(launched or launch(config, preload))
    try:
        yield cluster
    finally:
        cluster.stop()


def ephemeral(server: ServerProcess) -> Cluster:
    """A server of ours, which may not answer yet: the first connection waits for it.

    That connection raises ServerError where the server does not start.
    """
    executor, number = EphemeralExecutor(server), server.binaries.number
    return Cluster(executor.conninfo, number, executor, True, BASE, server.has_library)


def attach(url: str) -> Cluster:
    """Attach to a server that was named explicitly. No message shows the URL's password."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ConfigError(
            "server: not a connection URL or DSN; write postgresql://user@host:port/postgres"
        ) from None
    if not given.get("host") and not given.get("service"):
        raise ConfigError("server: name the host, as in postgresql://user@host:port/postgres")
    conninfo = {**NO_SURPRISES, "port": 5432, "dbname": "postgres", "connect_timeout": 10, **given}
    try:
        with psycopg.connect(**conninfo) as connection:  # type: ignore[arg-type]
            version, info = connection.info.server_version, connection.info
            noop = AttachedExecutor(info)
    except psycopg.OperationalError as error:
        where = f"{given.get('host', 'the local socket')}:{given.get('port', 5432)}"
        raise ServerError(f"server {where} does not answer: {_without(error, given)}") from None
    return Cluster(dict(conninfo), version, noop, False, "template1", False)


def attached(
    conninfo: dict[str, Any], version: int, ephemeral: bool, base: str, has_library: bool
) -> Cluster:
    """A cluster that another process of this run has opened, and will stop."""
    with psycopg.connect(**{"dbname": "postgres", **conninfo}) as connection:
        noop = AttachedExecutor(connection.info)
    return Cluster(conninfo, version, noop, ephemeral, base, has_library)


def _without(error: Exception, conninfo: dict[str, Any]) -> str:
    """The message of an error, without the password that it might repeat."""
    text, password = str(error).strip(), conninfo.get("password")
    return text.replace(str(password), "***") if password else text
