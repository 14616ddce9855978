"""Ordered: what all tools have in common that keep migrations as files in an order."""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg

from harness.sources import own_tables
from harness.sources.base import Migration, Platform
from harness.sources.running import afresh


@dataclass(frozen=True, slots=True)
class Ordered(ABC):
    """Migrations in the order in which they are applied."""

    name: ClassVar[str]
    path: Path
    migrations: tuple[Migration, ...]

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
    def offline(self) -> Mapping[Path, str]:
        """None: the migrations are SQL."""
        return {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """None."""
        return ()

    def prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Make the tools' own tables that the files name and do not make."""
        own_tables.create(connection, self._named)

    @property
    def _named(self) -> tuple[own_tables.Table, ...]:
        return own_tables.named(self.files)

    def fingerprint(self) -> str:
        """Digest of the names and the contents of all files that count."""
        digest = hashlib.sha256(f"{self.name}\0".encode())
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
