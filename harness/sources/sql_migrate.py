"""sql-migrate (rubenv): ``-- +migrate Up`` above ``-- +migrate Down``, one file a migration.

In the order of the numbers in front of the names, else of the names. Each runs in a transaction
unless the line has ``notransaction``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources.files import folder, read, sql_files
from harness.sources.recognition import SQL_MIGRATE_MARKER
from harness.sources.sections import Section, Sectioned


@dataclass(frozen=True, slots=True)
class SqlMigrate(Sectioned):
    """A directory of sql-migrate's migrations, or the project that has it below."""

    name: ClassVar[str] = "sql_migrate"
    notes: ClassVar[str] = "gorp_migrations"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the files."""
        found = sorted(sql_files(folder(path, "migrations", "db/migrations")), key=_order)
        return cls(path, tuple(map(cls.migration, found)))

    @classmethod
    def sections(cls, path: Path) -> tuple[Section, Section | None]:
        """What stands under the two markers; the second may be missing."""
        lines = read(path)
        marks = [
            (i, m["word"].lower())
            for i, x in enumerate(lines)
            if (m := SQL_MIGRATE_MARKER.match(x))
        ]
        ways = [(i, word) for i, word in marks if word.split()[0] in ("up", "down")]
        if [word.split()[0] for _, word in ways] not in (["up"], ["up", "down"]):
            raise ConfigError(
                f"{path}: one '-- +migrate Up' and, below it, one '-- +migrate Down' are expected;"
                f" add the lines, or move the file out of {path.parent} if it is no migration"
            )
        ends = [i for i, _ in ways[1:]] + [len(lines)]
        found = [
            Section.of(path, lines, i + 1, end, "notransaction" not in word.split())
            for (i, word), end in zip(ways, ends, strict=True)
        ]
        return found[0], found[1] if len(found) > 1 else None


def _order(path: Path) -> tuple[int, str]:
    number = re.match(r"\d+", path.name)
    return (int(number[0]) if number else -1, path.name)
