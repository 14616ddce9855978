"""node-pg-migrate in SQL: ``-- Up Migration`` above ``-- Down Migration``, one file a migration.

In the order of the numbers that the names begin with. Each section runs in a transaction.
Migrations in JavaScript are only the tool's own to run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources.files import by_command, folder, numbered, read, sql_files
from harness.sources.recognition import NODE_PG_MARKER
from harness.sources.sections import Section, Sectioned

_NAME = re.compile(r"(\d+).*\.sql")
_CODE = (".js", ".ts", ".cjs", ".mjs", ".cts", ".mts")


@dataclass(frozen=True, slots=True)
class NodePgMigrate(Sectioned):
    """A directory of node-pg-migrate's migrations, or the project that has it below."""

    name: ClassVar[str] = "node_pg_migrate"
    notes: ClassVar[str] = "pgmigrations"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the files. ConfigError for those in JavaScript."""
        place = folder(path, "migrations")
        for file in sorted(place.iterdir()) if place.is_dir() else ():
            if file.suffix in _CODE and file.name[:1].isdigit():
                raise ConfigError(
                    f"{file}: a migration in JavaScript, which only node-pg-migrate itself runs;"
                    f" {by_command(place, 'npx', 'node-pg-migrate', 'up')}"
                )
        versions = numbered(sql_files(place), _NAME, "node-pg-migrate")
        return cls(path, tuple(map(cls.migration, sorted(versions, key=versions.__getitem__))))

    @classmethod
    def sections(cls, path: Path) -> tuple[Section, Section | None]:
        """What stands under the two markers; a file without any is an up migration."""
        lines = read(path)
        found = [
            (m["way"].lower(), i) for i, x in enumerate(lines) if (m := NODE_PG_MARKER.match(x))
        ]
        ways = [way for way, _ in found]
        if not found:
            return Section.of(path, lines, 0, len(lines), True), None
        if ways not in (["up"], ["up", "down"]):
            raise ConfigError(
                f"{path}: one '-- Up Migration' and, below it, at most one '-- Down Migration'"
                f" are expected; add the lines, or move the file out of {path.parent}"
            )
        end = found[1][1] if len(found) > 1 else len(lines)
        down = Section.of(path, lines, end + 1, len(lines), True) if len(found) > 1 else None
        return Section.of(path, lines, found[0][1] + 1, end, True), down
