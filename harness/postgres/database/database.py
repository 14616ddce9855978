"""Template and Database: build once per schema, clone, drop.

A template is complete or absent: it takes connections only while it is built, and
clones are made of it only after it has been closed. The harness creates and drops
databases whose names carry its own prefix, and refuses to touch any other.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from psycopg import sql

from harness.core.errors import ServerError
from harness.postgres.cluster import Cluster
from harness.postgres.cluster.ownership import number_of
from harness.postgres.database.drop import PREFIX, drop_database

_SETTINGS = """
    SELECT coalesce(r.rolname, ''), split_part(s, '=', 1), substr(s, strpos(s, '=') + 1)
    FROM pg_db_role_setting AS d
    LEFT JOIN pg_roles AS r ON r.oid = d.setrole
    CROSS JOIN unnest(d.setconfig) AS s
    WHERE d.setdatabase = (SELECT oid FROM pg_database WHERE datname = %s)
    ORDER BY 1, 2
"""
_OTHER_OWNER = """
    SELECT r.rolname FROM pg_database AS d JOIN pg_roles AS r ON r.oid = d.datdba
    WHERE d.datname = current_database() AND r.rolname <> session_user AND NOT r.rolsuper
"""
_NOTED = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
_CLONES = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND NOT datistemplate"


@dataclass(frozen=True, slots=True)
class Database:
    """A database that the harness made, to be used and dropped."""

    cluster: Cluster
    name: str

    @property
    def dsn(self) -> str:
        """Connection string; it may hold a password and is not for printing."""
        return self.cluster.dsn(self.name)

    def connect(self, **parameters: Any) -> psycopg.Connection[Any]:
        """A new connection in autocommit; ``user=`` connects as another role."""
        return self.cluster.connect(self.name, **parameters)

    def drop(self) -> None:
        """Drop the database and whatever is still connected to it."""
        with self.cluster.connect() as connection:
            drop_database(connection, self.name, self.cluster.connect)


@dataclass(slots=True)
class _Shared:
    connection: psycopg.Connection[Any]
    in_use: threading.Lock = field(default_factory=threading.Lock)
    blocks: int = 0
    """How many nested blocks use it."""


@dataclass(slots=True)
class MaintenanceConnections:
    """Connections to the maintenance database: one for each thread, shared with nobody.

    libpq forbids two threads on one connection, and closing counts: a connection that one thread
    closes while another waits on it takes the process down. So ``close`` closes only what nobody
    is using, without waiting; the thread that is using one closes it when it is done.
    """

    _mine: threading.local = field(default_factory=threading.local)
    _opened: list[_Shared] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def connection(
        self, connect: Callable[[], psycopg.Connection[Any]]
    ) -> Iterator[psycopg.Connection[Any]]:
        """The current thread's connection; ``connect`` opens the one that nested blocks share."""
        kept: _Shared | None = getattr(self._mine, "kept", None)
        if kept is None or kept.connection.closed:
            kept = self._mine.kept = _Shared(connect())
            self._opened.append(kept)
        if kept.blocks == 0:
            kept.in_use.acquire()
        kept.blocks += 1
        try:
            yield kept.connection
        finally:
            kept.blocks -= 1
            if kept.blocks == 0:
                kept.in_use.release()
                if self._ended.is_set():  # asked after the release, so that one of us sees it
                    _close_unused(kept)

    def close(self) -> None:
        """Close the connections; one that is in use is closed by the thread that uses it."""
        self._ended.set()
        for kept in self._opened:
            _close_unused(kept)


def _close_unused(kept: _Shared) -> None:
    if kept.in_use.acquire(blocking=False):
        try:
            kept.connection.close()
        finally:
            kept.in_use.release()


@dataclass(frozen=True, slots=True)
class Template:
    """A database with the schema applied, closed to connections, ready to be cloned."""

    cluster: Cluster
    name: str
    settings: tuple[tuple[str, str, str], ...]
    """Role (or ``''``), name and value of what ALTER DATABASE ... SET set: clones lack it."""
    kept: set[str] = field(default_factory=set)
    """Names of clones that outlive the template."""
    owner: str = ""
    """Whose database it was made, if not its maker's: clones are theirs, too."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _maintenance: MaintenanceConnections = field(default_factory=MaintenanceConnections)

    def clone(self) -> Database:
        """A new database that is exactly the template."""
        name = f"{self._stem}_{os.getpid()}_{next(self._numbers)}"
        with self.maintenance() as connection:
            _create(connection, name, self.name, self.cluster, self.owner)
            for role, setting, value in self.settings:
                connection.execute(_alter(name, role, setting, value))
        return Database(self.cluster, name)

    @contextmanager
    def cloned(self) -> Iterator[Database]:
        """A clone for the length of a block."""
        database = self.clone()
        try:
            yield database
        finally:
            with self.maintenance() as connection:
                drop_database(connection, database.name, self.cluster.connect)

    def drop(self) -> None:
        """Drop the template and the clones of it that are still there."""
        with self.cluster.connect() as connection:
            connection.execute(_close(self.name, False))
            drop_database(
                connection, self.name, self.cluster.connect
            )  # first: from now on nobody can make another clone
            clones = connection.execute(_CLONES, [f"{self._stem}_"]).fetchall()
            for name in {name for (name,) in clones} - self.kept:
                drop_database(connection, name, self.cluster.connect)

    def extended(self, build: Callable[[psycopg.Connection[Any]], None]) -> Template:
        """The same template after ``build(connection)`` has done more to it."""
        with self.cluster.connect() as maintenance:
            maintenance.execute(_close(self.name, False))
            filled = _filled(self.cluster, maintenance, self.name, build)
            return replace(self, settings=filled.settings, owner=filled.owner)

    @property
    def _stem(self) -> str:
        """What the names of the template and of its clones begin with, in every process."""
        return self.name.removesuffix("_template")

    def maintenance(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """The current thread's connection to the maintenance database."""
        return self._maintenance.connection(self.cluster.connect)

    def close(self) -> None:
        """Close the connections that clones were created over."""
        self._maintenance.close()


def build_template(
    cluster: Cluster, build: Callable[[psycopg.Connection[Any]], None], name: str = ""
) -> Template:
    """A template that ``build(connection)`` has filled; nothing is left where it raises."""
    name = name or f"{PREFIX}{os.getpid()}_{os.urandom(4).hex()}_template"
    with cluster.connect() as maintenance:
        _create(maintenance, name, cluster.base, cluster)
        try:
            return _filled(cluster, maintenance, name, build)
        except BaseException:
            drop_database(maintenance, name, cluster.connect)
            raise


_of_stored = itertools.count(1)
"""Numbers of clones of what is stored, which a process may have several templates of."""


def stored_template(cluster: Cluster, name: str) -> tuple[Template, str]:
    """A template that the server has from its start, and what was noted of it."""
    with cluster.connect() as connection:
        found = connection.execute(_NOTED, [name]).fetchone()
        settings = tuple(connection.execute(_SETTINGS, [name]).fetchall())
    if found is None:
        raise ServerError(f"there is no database {name!r} on the server")
    template = Template(cluster, name, settings, _numbers=_of_stored)
    return template, str(found[0] or "")


def base_template(cluster: Cluster, look: Callable[[psycopg.Connection[Any]], None]) -> Template:
    """The base itself, for who adds nothing to it: ``look(connection)`` only reads."""
    return template_of(Database(cluster, cluster.base), look)


def template_of(database: Database, look: Callable[[psycopg.Connection[Any]], None]) -> Template:
    """A database as a template; nobody may be connected to it. ``look(connection)`` only reads."""
    with database.cluster.connect() as maintenance:
        return _filled(database.cluster, maintenance, database.name, look)


def _filled(
    cluster: Cluster,
    maintenance: psycopg.Connection[Any],
    name: str,
    build: Callable[[psycopg.Connection[Any]], None],
) -> Template:
    with cluster.connect(name) as connection:
        build(connection)
        settings = tuple(connection.execute(_SETTINGS, [name]).fetchall())
        other = connection.execute(_OTHER_OWNER).fetchone()
    maintenance.execute(_close(name, True))
    return Template(cluster, name, settings, owner=other[0] if other else "")


def _create(
    connection: psycopg.Connection[Any],
    name: str,
    template: str,
    cluster: Cluster,
    owner: str = "",
) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    if owner:
        statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
    if cluster.ephemeral and cluster.version >= 150000:
        # Copying files takes a quarter of the time of logging every page, on a server where
        # the checkpoints that it needs are free.
        statement += sql.SQL(" STRATEGY file_copy")
    if cluster.mark:
        statement += sql.SQL(" CONNECTION LIMIT {}").format(number_of(cluster.mark))
    try:
        connection.execute(statement)
        if cluster.mark:
            marked = sql.SQL("{}; ALTER DATABASE {} CONNECTION LIMIT -1")
            connection.execute(marked.format(comment(name, cluster.mark), sql.Identifier(name)))
    except psycopg.Error as error:  # no disk space, no right, somebody connected
        raise ServerError(f"cannot make a database: {error}") from None


def comment(name: str, text: str) -> sql.Composed:
    """The statement that comments on a database."""
    said = sql.Literal(text)
    return sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), said)


def _close(name: str, closed: bool) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE {} ALLOW_CONNECTIONS {}").format(
        sql.Identifier(name), sql.Literal(closed), sql.Literal(not closed)
    )


def _alter(name: str, role: str, setting: str, value: str) -> sql.Composed:
    """ALTER DATABASE or ALTER ROLE ... IN DATABASE; lists such as search_path stay lists."""
    subject = (
        sql.SQL("ROLE {} IN DATABASE {}").format(sql.Identifier(role), sql.Identifier(name))
        if role
        else sql.SQL("DATABASE {}").format(sql.Identifier(name))
    )
    # The catalog holds list settings as the quoted list they were written as.
    written = sql.SQL(value) if setting == "search_path" else sql.Literal(value)
    return sql.SQL("ALTER {} SET {} TO {}").format(
        subject, sql.Identifier(*setting.split(".")), written
    )
