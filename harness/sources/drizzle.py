"""Drizzle: what drizzle-kit generated, in the order of its journal; no down migration.

Older versions keep ``<number>_<name>.sql`` and ``meta/_journal.json``, newer ones
``<time>_<name>/migration.sql``. All that are due run in one transaction, so an empty database has
one for all of them; a migration that is deployed alone has its own. SQL that the journal does not
list is no migration: people keep what they run by hand beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.files import of_json
from harness.sources.base import Migration
from harness.sources.folders import Folders, migrations_below
from harness.sources.recognition import DRIZZLE_JOURNAL, drizzle_folder
from harness.sources.running import afresh, commit, run
from harness.sources.sections import Section


@dataclass(frozen=True, slots=True)
class Drizzle(Folders):
    """The directory that drizzle-kit writes to, or the project that has it below."""

    name: ClassVar[str] = "drizzle"
    tool: ClassVar[str] = "Drizzle"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the journal. ConfigError for what it names and is not there."""
        place = drizzle_folder(path)
        if place is None:
            raise ConfigError(f"{path}: there is no {DRIZZLE_JOURNAL} here")
        journal = place / DRIZZLE_JOURNAL
        if not journal.is_file():
            return cls(path, migrations_below(place, "migration.sql", "", cls.tool, str))
        return cls(path, tuple(Migration(one.stem, one, None) for one in _journaled(journal)))

    @property
    def counted(self) -> tuple[Path, ...]:
        """The files, and the journal that says their order."""
        journals = {one.up.parent / DRIZZLE_JOURNAL for one in self.migrations}
        return (*self.files, *sorted(path for path in journals if path.is_file()))

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Apply every migration, all in one transaction; their names."""
        scripts = [self._section(migration.up).script for migration in self.migrations]
        if scripts:
            connection.execute("BEGIN", prepare=False)
            for script in scripts:
                run(connection, script, wrapped=False, inside=True)
            commit(connection, scripts[-1])
        afresh(connection)
        return tuple(migration.name for migration in self.migrations)

    def wrapped(self, section: Section) -> bool:
        """In a transaction, also alone."""
        return True


def _journaled(journal: Path) -> list[Path]:
    table = _table(journal)
    if (dialect := table.get("dialect", "postgresql")) not in ("postgresql", "pg"):
        raise ConfigError(f"{journal}: migrations for {dialect}, not for PostgreSQL")
    place = journal.parent.parent
    names = [entry.get("tag", "") for entry in table.get("entries", [])]
    found = [place / f"{name}.sql" for name in names]
    if missing := [path for path in found if not path.is_file()]:
        raise ConfigError(f"{missing[0]}: not there, but {journal.name} lists it")
    return found


def _table(journal: Path) -> dict[str, Any]:
    try:
        table = of_json(journal.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise ConfigError(f"{journal}: {error}") from error
    if not isinstance(table, dict):
        raise ConfigError(f"{journal}: a journal of drizzle-kit is expected")
    return table
