"""Ordered: what all tools have in common that keep migrations as files in an order."""

from __future__ import annotations

import hashlib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from harness.core.errors import ScriptError
from harness.postgres.psql import Script
from harness.sources.base import Migration, Platform
from harness.sources.running import MAINTENANCE, afresh


@dataclass(frozen=True, slots=True)
class Ordered(ABC):
    """Migrations in the order in which they are applied."""

    name: ClassVar[str]
    path: Path
    migrations: tuple[Migration, ...]
    _read: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What the texts of all files have told: each revision asks for it."""

    @property
    def reversible(self) -> bool:
        """Whether every migration can be undone."""
        return all(migration.down for migration in self.migrations)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files of the migrations, in order."""
        both = ((migration.up, migration.down) for migration in self.migrations)
        return tuple(dict.fromkeys(path for pair in both for path in pair if path))

    @property
    def bookkeeping(self) -> frozenset[tuple[str, str]]:
        """The tables of tools that the files name; else none: no tool runs that would note."""
        return frozenset((one.schema, one.name) for one in self._named)

    @property
    def provided(self) -> frozenset[str]:
        """None: an empty database is what the first migration meets."""
        return frozenset()

    @property
    def platform(self) -> Platform | None:
        """None: the server's superuser runs all."""
        return None

    @property
    def counted(self) -> tuple[Path, ...]:
        """The files whose contents decide what is applied."""
        return self.files

    @property
    def written(self) -> tuple[Path, ...]:
        """The same."""
        return self.counted

    @property
    def values(self) -> Mapping[str, str]:
        """What is put into the files from elsewhere, such as the environment: none."""
        return {}

    @property
    def offline(self) -> Mapping[Path, str]:
        """None: the migrations are SQL."""
        return {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """None."""
        return ()

    def prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Make the tools' own tables that the files name and do not make."""
        create_tables(connection, self._named)

    @property
    def _named(self) -> tuple[ToolTable, ...]:
        if "tables" not in self._read:
            self._read["tables"] = named_tables(self.files)
        found: tuple[ToolTable, ...] = self._read["tables"]
        return found

    @property
    def database(self) -> frozenset[str]:
        r"""The database that psql scripts go to by ``\c``, as a set of one name or none.

        Raises ScriptError where they go to several: a run has one database.
        """
        if "database" not in self._read:
            self._read["database"] = _named_database(self.files)
        found: frozenset[str] = self._read["database"]
        return found

    def fingerprint(self) -> str:
        """Digest of the names and the contents of all files that count, and of the values."""
        digest = hashlib.sha256(f"{self.name}\0{sorted(self.values.items())}\0".encode())
        # Whichever of its files or directories named the project, they are called the same.
        folders = [file.parent for file in self.files]
        root = Path(os.path.commonpath(folders)) if folders else self.path
        for file in self.counted:
            name = file.relative_to(root) if file.is_relative_to(root) else file.name
            digest.update(f"{name}\0".encode() + file.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Apply every migration in order; their names."""
        for migration in self.migrations:
            self.upgrade(connection, migration)
        afresh(connection)  # whoever looks at the result is not the last file
        return tuple(migration.name for migration in self.migrations)

    def rollback(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Undo every migration that can be, newest first; their names."""
        undone = [migration for migration in reversed(self.migrations) if migration.down]
        for migration in undone:
            self.downgrade(connection, migration)
        return tuple(migration.name for migration in undone)

    @abstractmethod
    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Apply one migration."""

    @abstractmethod
    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Undo one migration."""


# --- the tools' own tables ---------------------------------------------------------------------
# Tools note in them what they have applied. Under the tool they are there before the first
# migration, so that one may grant on them or comment them. Here they are made, empty, in a database
# whose migrations name them, and are no part of the schema.


@dataclass(frozen=True, slots=True)
class ToolTable:
    """A table of a tool, and its columns as CREATE TABLE has them."""

    schema: str
    name: str
    columns: str


_VERSION = "version varchar(255) PRIMARY KEY"
_KNEX = "id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz"
TOOL_TABLES = (
    ToolTable("public", "schema_migrations", f"{_VERSION}, dirty boolean NOT NULL DEFAULT false"),
    ToolTable(
        "public",
        "__diesel_schema_migrations",
        "version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT current_timestamp",
    ),
    ToolTable(
        "public",
        "flyway_schema_history",
        "installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200)"
        " NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer,"
        " installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(),"
        " execution_time integer NOT NULL, success boolean NOT NULL",
    ),
    ToolTable(
        "public",
        "goose_db_version",
        "id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, version_id bigint NOT NULL,"
        " is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now()",
    ),
    ToolTable(
        "public",
        "_prisma_migrations",
        "id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,"
        " migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at"
        " timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0",
    ),
    ToolTable(
        "public",
        "_sqlx_migrations",
        "version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL"
        " DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint"
        " NOT NULL",
    ),
    ToolTable(
        "drizzle", "__drizzle_migrations", "id serial PRIMARY KEY, hash text, created_at bigint"
    ),
    ToolTable("public", "knex_migrations", _KNEX),
    ToolTable("public", "knex_migrations_lock", "index serial PRIMARY KEY, is_locked integer"),
    ToolTable(
        "public", "pgmigrations", "id serial PRIMARY KEY, name varchar(255), run_on timestamp"
    ),
    ToolTable("public", "gorp_migrations", "id text PRIMARY KEY, applied_at timestamptz"),
    ToolTable("public", "schema_version", "version integer NOT NULL"),
    ToolTable("public", "ar_internal_metadata", "key varchar PRIMARY KEY, value varchar"),
    ToolTable("public", "atlas_schema_revisions", "version varchar PRIMARY KEY"),
    ToolTable(
        "supabase_migrations",
        "schema_migrations",
        "version text PRIMARY KEY, statements text[], name text",
    ),
    ToolTable(
        "sqitch",
        "changes",
        "change_id text PRIMARY KEY, script_hash text, change text NOT NULL, project text NOT NULL,"
        " note text NOT NULL DEFAULT '', committed_at timestamptz NOT NULL DEFAULT"
        " clock_timestamp(), committer_name text NOT NULL, committer_email text NOT NULL,"
        " planned_at timestamptz NOT NULL, planner_name text NOT NULL, planner_email text NOT NULL",
    ),
)
TOOL_SCHEMAS = frozenset(one.schema for one in TOOL_TABLES) - {"public"}
"""Those that the tables have for themselves."""
_NAME = r'(?<![\w."]){schema}"?{name}"?(?![\w"])'


def named_tables(files: Iterable[Path]) -> tuple[ToolTable, ...]:
    """The tables that SQL files name and do not make; of sqitch, where its schema is named."""
    texts = []
    for path in dict.fromkeys(files):
        with suppress(OSError):
            texts.append(path.read_text("utf-8", "replace"))
    text = "\n".join(texts)
    return tuple(table for table in TOOL_TABLES if table.name in text or table.schema == "sqitch"
                 if _names(text, table))  # fmt: skip


def create_tables(connection: psycopg.Connection[Any], tables: Iterable[ToolTable]) -> None:
    """Make them, and the schemas of those that have one of their own."""
    for table in tables:
        name = sql.Identifier(table.schema, table.name)
        schema = sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(table.schema))
        connection.execute(schema, prepare=False)
        made = sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(name, sql.SQL(table.columns))
        connection.execute(made, prepare=False)


def _names(text: str, table: ToolTable) -> bool:
    if table.schema == "sqitch":
        return bool(re.search(r"\bSCHEMA\s+\"?sqitch\b|\bsqitch\s*\.", text, re.IGNORECASE))
    own = table.schema != "public"
    schema = rf'"?{table.schema}"?\s*\.\s*' if own else r'(?:"?public"?\s*\.\s*)?'
    name = _NAME.format(schema=schema, name=re.escape(table.name))
    made = rf"CREATE\s+(?:UNLOGGED\s+)?(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?{name}"
    return bool(re.search(name, text)) and not re.search(made, text, re.IGNORECASE)


# --- the database, by the name that it has elsewhere -------------------------------------------

_CONNECTS = re.compile(rb"^\s*\\c(?:onnect)?\s+\S", re.MULTILINE)


def _named_database(files: Iterable[Path]) -> frozenset[str]:
    found: set[str] = set()
    for path in dict.fromkeys(files):
        if not _CONNECTS.search(path.read_bytes()):
            continue
        for item in Script.open(path, connects=True).connections():
            if item.database and item.database not in MAINTENANCE:
                found.add(item.database)
            if len(found) > 1:
                names = " and ".join(sorted(found))
                message = f"\\c to several databases is not supported: {names}"
                raise ScriptError(item.path, item.line, message)
    return frozenset(found)
