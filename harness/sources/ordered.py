"""Ordered: what all tools have in common that keep migrations as files in an order."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg

from harness.sources.base import Migration
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
        """None: files are run without the tool, which notes nothing."""
        return frozenset()

    @property
    def provided(self) -> frozenset[str]:
        """None: an empty database is what the first migration meets."""
        return frozenset()

    @property
    def counted(self) -> tuple[Path, ...]:
        """The files whose contents decide what is applied."""
        return self.files

    @property
    def written(self) -> tuple[Path, ...]:
        """The same."""
        return self.counted

    def fingerprint(self) -> str:
        """Digest of the names and the contents of all files that count."""
        digest = hashlib.sha256(f"{self.name}\0".encode())
        for file in self.counted:
            digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
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
