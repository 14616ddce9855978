"""A dump that a tool keeps under version control: Rails' ``db/structure.sql``, Ecto's.

It is a psql script, run as ``psql -f`` runs it, and cannot be undone. The migrations that it was
made from are programs (Ruby, Elixir), which only their tool runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources.base import Migration
from harness.sources.ordered import Ordered
from harness.sources.recognition import STRUCTURES
from harness.sources.running import afresh
from harness.sources.sql_dir import run_file


@dataclass(frozen=True, slots=True)
class Structure(Ordered):
    """The dump, or the project that has it."""

    name: ClassVar[str] = "structure"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Find it. Raises ConfigError."""
        places = [path] if path.is_file() else [path / name for name in STRUCTURES]
        file = next((one for one in places if one.is_file()), None)
        if file is None:
            raise ConfigError(f"{path}: none of {', '.join(STRUCTURES)} is here")
        return cls(path, (Migration(file.stem, file, None),))

    @property
    def bookkeeping(self) -> frozenset[tuple[str, str]]:
        """The tables of Rails and Ecto, which are in the dump."""
        return frozenset((("public", "schema_migrations"), ("public", "ar_internal_metadata")))

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run it; what it sets is for its own session."""
        run_file(connection, migration.up, own=self.database)
        afresh(connection)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Raise ConfigError: there is no down migration."""
        raise ConfigError(f"{migration.up}: a dump has no down migration")
