"""golang-migrate: ``{version}_{title}.up.sql`` and, where it can be undone, ``.down.sql``.

The same files as ``sql_dir``'s pairs, and nothing in them tells one from the other; that is
why this tool is only taken when it is named. It is stricter: a version is a number that is
there once, and a file is one message to the server, SQL without psql's commands, in
whose implicit transaction nothing can stand that no transaction holds, unless it is alone.
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
from harness.sources.files import folder, numbered, read, sql_files
from harness.sources.ordered import Ordered
from harness.sources.running import afresh, in_one_message, run
from harness.sources.sections import Section

PLACES = ("migrations", "db/migrations")
_UP = re.compile(r"(\d+)_.*\.up\.sql")
_DOWN = re.compile(r"(\d+)_.*\.down\.sql")


@dataclass(frozen=True, slots=True)
class GolangMigrate(Ordered):
    """A directory of golang-migrate's migrations, or the project that has it below."""

    name: ClassVar[str] = "golang_migrate"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the names. ConfigError for a version twice, a down alone, an unknown name."""
        found = sql_files(folder(path, *PLACES))
        undoing = [file for file in found if _DOWN.fullmatch(file.name)]
        ups = numbered([file for file in found if file not in undoing], _UP, "golang-migrate")
        downs = {n: file for file, n in numbered(undoing, _DOWN, "golang-migrate").items()}
        if lonely := downs.keys() - ups.values():
            odd = downs[min(lonely)]
            raise ConfigError(
                f"{odd}: there is no .up.sql that it undoes; add it, or move this one out of"
                f" {odd.parent}"
            )
        ordered = sorted(ups.items(), key=lambda item: item[1])
        migrations = (
            Migration(up.name.removesuffix(".up.sql"), up, downs.get(number))
            for up, number in ordered
        )
        return cls(path, tuple(migrations))

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one up file."""
        _run(connection, migration.up)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one down file, in a session of its own."""
        assert migration.down is not None
        afresh(connection)
        _run(connection, migration.down)
        afresh(connection)


def _run(connection: psycopg.Connection[Any], path: Path) -> None:
    lines = read(path)
    section = Section.of(path, lines, 0, len(lines), False)
    section.check("golang-migrate")
    run(connection, section.script, wrapped=in_one_message(section.script))
