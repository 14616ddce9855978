"""Any tool: a command that migrates the database whose URL is in a variable it reads.

``[tool.harness]`` has ``source = "command"``, ``command``, where it can undo everything
``command-down``, and ``schema``: the directory with what it applies, for the fingerprint. With
``command-tcp`` the URL leads to an address instead of a Unix socket.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from harness.core.config import Config
from harness.core.errors import ConfigError, SchemaError
from harness.core.text import without_password
from harness.postgres.server import address
from harness.sources._command_result import Before
from harness.sources.base import Migration, ToolSource

TIMEOUT = 3600.0
"""Seconds that a command may take."""
LINES = 30
"""Lines of a failed command's output that are shown, the last ones."""
_NOTES = (
    *("__diesel_schema_migrations", "__EFMigrationsHistory", "_prisma_migrations"),
    *("_sqlx_migrations", "alembic_version", "ar_internal_metadata", "databasechangelog"),
    *("databasechangeloglock", "django_migrations", "flyway_schema_history", "goose_db_version"),
    *("knex_migrations", "knex_migrations_lock", "kysely_migration", "kysely_migration_lock"),
    *("pgmigrations", "schema_migrations", "SequelizeMeta", "_yoyo_log", "_yoyo_migration"),
    *("_yoyo_version", "adonis_schema", "adonis_schema_versions", "aerich", "bun_migration_locks"),
    *("bun_migrations", "doctrine_migration_versions", "gorp_migrations", "migratehistory"),
    *("mikro_orm_migrations", "phinxlog", "refinery_schema_history", "typeorm_metadata"),
    "yoyo_lock",
)
_MIGRATIONS = re.compile(r"typeorm|\bartisan\b")
"""Tools whose own table is called ``migrations``, as one of a project might be, too."""
_NOTES_ELSEWHERE = (
    *(("atlas_schema_revisions", "atlas_schema_revisions"), ("drizzle", "__drizzle_migrations")),
    *(("graphile_migrate", "current"), ("graphile_migrate", "migrations")),
)
_PASSED_ON = ("sslmode", "sslrootcert", "sslcert", "sslkey")


_GUARDED = "SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = current_user"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a database is: a host or a socket's directory, and who connects."""

    host: str
    port: int
    user: str
    dbname: str
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the URL."""


@dataclass(frozen=True, slots=True)
class Command(ToolSource):
    """What is run, where, with the URL in which variable."""

    name: ClassVar[str] = "command"
    path: Path
    root: Path
    up: tuple[str, ...]
    down: tuple[str, ...]
    variable: str

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Take what is configured. ConfigError where there is no command."""
        if not config.command:
            raise ConfigError(
                'command: source = "command" needs one, such as command = ["npx", "prisma",'
                ' "migrate", "deploy"]'
            )
        return cls(path, config.root, config.command, config.command_down, config.command_url)

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """None: the tool does not tell."""
        return ()

    @property
    def reversible(self) -> bool:
        """Whether there is a command that undoes everything."""
        return bool(self.down)

    @property
    def files(self) -> tuple[Path, ...]:
        """The SQL files among what is applied."""
        return tuple(path for path in self._all if path.suffix == ".sql")

    @property
    def counted(self) -> tuple[Path, ...]:
        """What linters see."""
        return self.files

    @property
    def written(self) -> tuple[Path, ...]:
        """Everything that is applied, whatever it is."""
        return tuple(self._all)

    @property
    def bookkeeping(self) -> frozenset[tuple[str, str]]:
        """The tables of the tools that are known, where they are by default."""
        more = ["migrations"] if any(map(_MIGRATIONS.search, self.up)) else []
        return frozenset((*(("public", name) for name in (*_NOTES, *more)), *_NOTES_ELSEWHERE))

    @property
    def offline(self) -> Mapping[Path, str]:
        """None: the tool does not tell."""
        return {}

    def fingerprint(self) -> str:
        """Digest of the commands and of all files of the directory."""
        digest = hashlib.sha256(repr((self.up, self.down)).encode())
        for file in self._all:
            name = file.relative_to(self.path) if self.path.is_dir() else file.name
            digest.update(f"{name}\0".encode() + file.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Run the command; SchemaError with the end of its output where it fails.

        ConfigError where it left an empty database empty, whatever its exit code says.
        """
        reachable(connection)  # first: it may give us a password
        before = Before.of(connection, self.bookkeeping)
        done = self._run(self.up, connection)
        if before.empty:
            after = Before.of(connection, self.bookkeeping)
            before.refuse_nothing(after, *done, self.variable)
        return done

    def rollback(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Run the command that undoes everything."""
        return self._run(self.down, connection) if self.down else ()

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Raise ConfigError: a command goes all the way."""
        raise ConfigError("command: it applies everything at once, and does not go one by one")

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Raise ConfigError: a command goes all the way."""
        raise ConfigError("command: it undoes everything at once, and does not go one by one")

    @property
    def _all(self) -> list[Path]:
        found = [self.path] if self.path.is_file() else sorted(self.path.rglob("*"))
        return [path for path in found if path.is_file() and "__pycache__" not in path.parts]

    def _run(self, command: tuple[str, ...], connection: psycopg.Connection[Any]) -> tuple[str]:
        shown = " ".join(command)
        info = reachable(connection)
        environment = environment_of(info, self.variable, os.environ)
        try:
            done = subprocess.run(
                command,
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT,
                check=False,
            )
        except OSError as error:
            raise ConfigError(f"command: {command[0]}: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise SchemaError(f"{shown}: no end within {TIMEOUT:g} s") from None
        if done.returncode:
            tail = "\n".join(done.stdout.decode(errors="replace").splitlines()[-LINES:])
            output = without_password(tail, info.password)
            raise SchemaError(f"{shown}: exit code {done.returncode}\n{output}")
        return (shown,)


def reachable(connection: psycopg.Connection[Any]) -> Endpoint:
    """Where a program finds the connection's database: at an address where there is one."""
    info = connection.info
    place = (info.host, info.port, info.user, info.dbname)
    given = {} if info.host.startswith(("/", "@")) else info.get_parameters()  # no TLS on a socket
    options = {k: v for k, v in given.items() if k in _PASSED_ON}
    secret = address.password(info.host)
    if secret is None:
        return Endpoint(*place, info.password, options)
    # Once, for other programs may be connecting with it at this moment.
    if connection.execute(_GUARDED).fetchone() == (False,):
        setting = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(setting.format(sql.Identifier(info.user), sql.Literal(secret)))
    return Endpoint(address.LOOPBACK, *place[1:], secret, options)


def environment_of(info: Endpoint, variable: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, leading nowhere but to the connection's database.

    libpq's own variables are replaced by the connection's values, for tools that read these.
    """
    kept = {key: value for key, value in environ.items() if not key.startswith("PG")}
    own = {
        "PGHOST": info.host,
        "PGPORT": str(info.port),
        "PGUSER": info.user,
        "PGDATABASE": info.dbname,
        "PGPASSWORD": info.password,
    }
    return {**kept, **{key: value for key, value in own.items() if value}, variable: url(info)}


def url(info: Endpoint) -> str:
    """The connection's URL; it may hold a password and is not for printing.

    A socket's directory is the parameter ``host`` beside the host ``localhost``: the form that
    libpq, Prisma, node-postgres, Rails and Go's drivers all understand, for some want
    a host in front of the database's name, and all let the parameter prevail.
    """
    password = f":{quote(info.password, safe='')}" if info.password else ""
    socket = info.host.startswith(("/", "@"))
    host = "localhost" if socket else f"[{info.host}]" if ":" in info.host else info.host
    parameters = urlencode(
        {"host": info.host, **info.options} if socket else info.options,
        quote_via=quote,  # libpq takes a + for a +
        safe="",
    )
    place = f"{quote(info.user, safe='')}{password}@{host}:{info.port}"
    return (
        f"postgresql://{place}/{quote(info.dbname, safe='')}{'?' if parameters else ''}{parameters}"
    )
