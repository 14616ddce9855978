"""Cluster: a PostgreSQL instance that the harness may create databases in."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from harness.core.config import Config
from harness.core.errors import ConfigError, ServerError
from harness.core.text import without_password
from harness.postgres.cluster.ownership import owning
from harness.postgres.connection import CloneConnection
from harness.postgres.server.datadir import BASE, SUPERUSER, Preload
from harness.postgres.server.process import ServerProcess, launch

NOTHING = Preload()
# What psycopg warns of when a run is interrupted is nothing that anybody could act on.
logging.getLogger("psycopg").addHandler(logging.NullHandler())
NO_SURPRISES = {"hostaddr": "", "options": "", "client_encoding": "UTF8"}
"""Given outright, so that PGHOSTADDR, PGOPTIONS and their like are not read instead."""


_LOCAL: dict[str, Any] = {"sslmode": "disable", "gssencmode": "disable", "requirepeer": ""}
_LOCAL |= {"channel_binding": "disable", "target_session_attrs": "any"}
"""The same for a socket of our own, where the environment may ask for what only others have."""
if pq.version() >= 160000:
    _LOCAL["require_auth"] = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server, ours or a named one.

    ``base`` is the database that templates are cloned from; where ``has_library`` is
    true it holds the assertion library already.
    """

    conninfo: dict[str, Any]
    version: int
    """As in ``180006``."""
    ephemeral: bool
    base: str
    has_library: bool
    server: ServerProcess | None = None
    """The process of a server that we have launched."""
    stored: str = ""
    """The database that an earlier run has stored (`stored.py`), if it has one."""
    mark: str = ""
    """The comment of what this run makes on a named server; see ownership."""

    def dsn(self, dbname: str | None = None) -> str:
        """Connection string of a database, by default of the one for maintenance.

        Waits until the server answers. It may hold a password and is not for printing.
        """
        if self.server:
            self.server.wait()
        given = {} if dbname is None else {"dbname": dbname}
        return make_conninfo(**{"dbname": "postgres", **self.conninfo, **given})

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What a connection of our own is given beside the string, which other programs read."""
        return _LOCAL if self.ephemeral else {}

    def connect(self, dbname: str | None = None, **parameters: Any) -> psycopg.Connection[Any]:
        """A new connection in autocommit; one to a database of ours is a CloneConnection."""
        kind = psycopg.Connection if dbname is None else CloneConnection
        given = {**self.parameters, **parameters}
        return kind.connect(self.dsn(dbname), autocommit=True, **given)

    def stop(self) -> None:
        """Stop the server where it is ours."""
        if self.server:
            self.server.stop()


@contextmanager
def open_cluster(
    config: Config,
    preload: Preload = NOTHING,
    launched: ServerProcess | None = None,
    start: Callable[[], Cluster] | None = None,
) -> Iterator[Cluster]:
    """The cluster a configuration asks for, stopped at the end where it is ours.

    ``preload`` is what an ephemeral server has from the beginning; ``launched`` is one that
    is starting already, to be used instead of another; ``start()`` starts another one.
    """
    if config.server:
        cluster = attach(config.server)
        with owning(cluster.connect) as mark:
            yield replace(cluster, mark=mark)
        return
    if start is not None and launched is None:
        cluster = start()
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
    conninfo = {"host": str(server.folder), "port": server.port, "user": SUPERUSER}
    number, library = server.binaries.number, server.has_library
    given = {**NO_SURPRISES, **conninfo}
    return Cluster(given, number, True, BASE, library, server, server.stored)


_UNQUOTED = re.compile(r"postgres(?:ql)?://[^@/?]*/[^?]*@")


def refuse_unquoted(url: str) -> None:
    """ConfigError for a URL with a slash in its user or password.

    libpq takes what is before the slash for host and port, and would say it in its messages.
    """
    if _UNQUOTED.match(url):
        raise ConfigError(
            "server: there is a '/' before the '@' of the URL; in a user or a password write it as"
            " %2F (and an '@' in the name of a database as %40)"
        )


def attach(url: str) -> Cluster:
    """Attach to a server that was named explicitly. No message shows the URL's password."""
    refuse_unquoted(url)
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ConfigError(
            "server: not a connection URL or DSN; write postgresql://user@host:port/postgres"
        ) from None
    if not given.get("host") and not given.get("service"):
        raise ConfigError("server: name the host, as in postgresql://user@host:port/postgres")
    usual: dict[str, Any] = {"connect_timeout": 10}
    if not given.get("service"):  # which says the rest
        usual |= {"port": 5432, "dbname": "postgres"}
    conninfo = {**NO_SURPRISES, **usual, **given}
    try:
        with psycopg.connect(**conninfo) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        host = given.get("host", f"of service {given.get('service')}")
        where = f"{host}:{given['port']}" if "port" in given else host
        said = without_password(str(error).strip(), given.get("password"))
        raise ServerError(f"server {where} does not answer: {said}") from None
    return Cluster(dict(conninfo), version, False, "template1", False)
