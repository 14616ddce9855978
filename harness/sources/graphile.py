"""graphile-migrate: what is in ``migrations/committed``, in the order of the numbers.

There are no down migrations.

Each runs in a transaction unless it has a line ``--! no-transaction``. The placeholders that the
tool always has are put in; ``current.sql`` is work in progress and is not applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources.base import Migration
from harness.sources.files import numbered, read, sql_files
from harness.sources.ordered import Ordered
from harness.sources.recognition import graphile_folder
from harness.sources.running import run
from harness.sources.sections import Section

_NAME = re.compile(r"(\d+).*\.sql")
_PLACEHOLDER = re.compile(r":(DATABASE_NAME|DATABASE_OWNER)\b")


@dataclass(frozen=True, slots=True)
class Graphile(Ordered):
    """The directory of what is committed, or the project that has it below."""

    name: ClassVar[str] = "graphile"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the names. ConfigError for one without a number."""
        versions = numbered(sql_files(graphile_folder(path)), _NAME, "graphile-migrate")
        found = sorted(versions, key=versions.__getitem__)
        return cls(path, tuple(Migration(one.stem, one, None) for one in found))

    @property
    def warnings(self) -> tuple[str, ...]:
        """That there is work in progress, which tests may want and no deployment has."""
        current = graphile_folder(self.path).parent / "current.sql"
        if not current.is_file():
            return ()
        lines = read(current)
        if Section.of(current, lines, 0, len(lines), True).empty:
            return ()
        remedy = "'graphile-migrate commit' makes a migration of it"
        return (f"{current.name} is work in progress and not applied; {remedy}",)

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one file."""
        info = connection.info
        values = {"DATABASE_NAME": info.dbname, "DATABASE_OWNER": info.user}
        lines = [
            _PLACEHOLDER.sub(lambda found: f'"{values[found[1]]}"', line)
            for line in read(migration.up)
        ]
        transaction = not any(line.startswith("--! no-transaction") for line in lines)
        section = Section.of(migration.up, lines, 0, len(lines), transaction)
        section.check("graphile-migrate")
        run(connection, section.script, wrapped=transaction)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Raise ConfigError: there is no down migration."""
        raise ConfigError(f"{migration.up}: graphile-migrate's migrations have no down migration")
