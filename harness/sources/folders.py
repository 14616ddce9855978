"""Folders: what tools have in common that keep a directory for each migration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg

from harness.core.errors import ConfigError
from harness.sources.base import Migration
from harness.sources.files import SQL, read
from harness.sources.ordered import Ordered
from harness.sources.running import afresh, in_one_message, run
from harness.sources.sections import Section


@dataclass(frozen=True, slots=True)
class Folders(Ordered):
    """Directories with a file for up and, with some tools, one for down."""

    tool: ClassVar[str]
    """What messages call the tool."""

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run the up migration."""
        self._run(connection, migration.up)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run the down migration, in a session of its own."""
        assert migration.down is not None
        afresh(connection)
        self._run(connection, migration.down)
        afresh(connection)

    def wrapped(self, section: Section) -> bool:
        """Whether the file runs in a transaction: here as several statements in a message do."""
        return in_one_message(section.script)

    def _run(self, connection: psycopg.Connection[Any], path: Path) -> None:
        section = self._section(path)
        run(connection, section.script, wrapped=self.wrapped(section))

    def _section(self, path: Path) -> Section:
        lines = read(path)
        section = Section.of(path, lines, 0, len(lines), False)
        section.check(self.tool)
        return section


def migrations_below(
    place: Path, up: str, down: str, tool: str, key: Callable[[str], Any]
) -> tuple[Migration, ...]:
    """The migrations of a directory in the order of ``key(name)``.

    ConfigError for SQL beside their directories, which the tool would pass over. In them it may
    be anything (Prisma has no use for the ``down.sql`` that its documentation has people write).
    """
    folders = sorted((one for one in place.iterdir() if one.is_dir()), key=lambda p: key(p.name))
    found = [one for one in folders if (one / up).is_file()]
    for path in sorted(place.iterdir()):
        if path.suffix in SQL and path.is_file():
            raise ConfigError(
                f"{path}: {tool} would skip it: not <name>/{up}; move it out of {place},"
                f" or to {place / path.stem / up} if it is a migration"
            )
    return tuple(_migration(one, up, down) for one in found)


def _migration(place: Path, up: str, down: str) -> Migration:
    undo = place / down
    has_down = bool(down) and undo.is_file() and not _empty(undo)
    return Migration(place.name, place / up, undo if has_down else None)


def _empty(path: Path) -> bool:
    lines = read(path)
    return Section.of(path, lines, 0, len(lines), False).empty
