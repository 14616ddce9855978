"""Prisma: ``prisma/migrations/<name>/migration.sql`` in the order of the names; no down migration.

Each file is one message to the server, so several statements share a transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources.folders import Folders, migrations_below
from harness.sources.recognition import prisma_folder

_PROVIDER = re.compile(r"""^\s*provider\s*=\s*"(\w+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prisma(Folders):
    """A Prisma project, its directory ``prisma``, or the migrations in there."""

    name: ClassVar[str] = "prisma"
    tool: ClassVar[str] = "Prisma"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the names. ConfigError where there are none, or they are of another database."""
        place = prisma_folder(path)
        if place is None:
            raise ConfigError(f"{path}: there is no prisma/migrations/<name>/migration.sql here")
        _refuse_others(place / "migration_lock.toml")
        return cls(path, migrations_below(place, "migration.sql", "", cls.tool, str))


def _refuse_others(lock: Path) -> None:
    found = _PROVIDER.search(lock.read_text("utf-8", "replace")) if lock.is_file() else None
    if found and found[1] not in ("postgresql", "postgres", "cockroachdb"):
        raise ConfigError(f"{lock}: migrations for {found[1]}, not for PostgreSQL")
