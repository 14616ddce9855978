"""graphile-migrate: what is in ``migrations/committed``, in the order of the numbers.

There are no down migrations.

Each runs in a transaction unless it has a line ``--! no-transaction``. Placeholders are put in,
and the SQL of ``afterReset`` runs first. ``current.sql`` and ``current/`` are work in progress:
they are applied only where nothing has been committed yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError, ScriptError
from harness.core.text import count
from harness.sources._graphile_settings import GMRC, Settings, settings
from harness.sources.base import Migration
from harness.sources.before import unless_there
from harness.sources.files import numbered, read, sql_files
from harness.sources.ordered import Ordered
from harness.sources.recognition import graphile_migrations
from harness.sources.running import in_one_message, run
from harness.sources.sections import Section

_NAME = re.compile(r"(\d+).*\.sql")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_INCLUDE = re.compile(r"--!include[ \t]+\S+\.sql")


@dataclass(frozen=True, slots=True)
class Graphile(Ordered):
    """The directory of what is committed, or the project that has it below."""

    name: ClassVar[str] = "graphile"
    place: Path = Path()
    """The directory ``migrations``."""
    settings: Settings = field(default_factory=Settings)

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read names and settings. ConfigError for a name without a number."""
        place = graphile_migrations(path)
        files = sql_files(place / "committed") or _current(place)
        versions = numbered(files, _NAME, "graphile-migrate") if files != [_work(place)] else {}
        found = sorted(versions, key=versions.__getitem__) or files
        if not found:
            raise ConfigError(f"{place}: nothing is committed, and nothing is in current.sql")
        migrations = tuple(Migration(one.stem, one, None) for one in found)
        return cls(path, migrations, place, settings(place.parent, place))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is in progress, what is not run, and values that stand for others."""
        said = []
        current = [one for one in _current(self.place) if not _empty(one)]
        shown = "current.sql" if current == [_work(self.place)] else "current/"
        remedy = "'graphile-migrate commit' makes a migration of it"
        if current and current[0] not in self.files:
            said.append(f"{shown} is work in progress and not applied; {remedy}")
        elif current:
            said.append(f"nothing is committed yet, so {shown} is applied; {remedy}")
        if names := self.settings.invented:
            values = ", ".join(f"{name}={name.lower()}" for name in names)
            said.append(f"{GMRC} asks for variables that are set nowhere; the run had {values}")
        if self.settings.commands:
            number = count(len(self.settings.commands), "command")
            said.append(f"{GMRC}: {number} of afterReset not run: {self.settings.commands[0]}")
        return tuple(said)

    @property
    def counted(self) -> tuple[Path, ...]:
        """The migrations, the settings, and what is run first."""
        gmrc = self.place.parent / GMRC
        return (*self.files, *([gmrc] if gmrc.is_file() else ()), *self.settings.first)

    @property
    def values(self) -> Mapping[str, str]:
        """The placeholders, whose values may stand in the environment."""
        return self.settings.placeholders

    def prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Run what ``afterReset`` runs on a new database; its roles may be there from another."""
        serve = partial(unless_there, connection)
        Ordered.prepare(self, connection)  # slots: super() has no cell
        for path in self.settings.first:
            lines = self._filled(connection, path)
            section = Section.of(path, lines, 0, len(lines), True)
            run(connection, section.script, wrapped=in_one_message(section.script), serve=serve)

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one file."""
        for name, value in self.settings.session.items():
            connection.execute("SELECT set_config(%s, %s, false)", [name, value], prepare=False)
        lines = self._filled(connection, migration.up)
        transaction = not any(line.startswith("--! no-transaction") for line in lines)
        section = Section.of(migration.up, lines, 0, len(lines), transaction)
        section.check("graphile-migrate")
        run(connection, section.script, wrapped=transaction)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Raise ConfigError: there is no down migration."""
        raise ConfigError(f"{migration.up}: graphile-migrate's migrations have no down migration")

    def _filled(self, connection: psycopg.Connection[Any], path: Path) -> list[str]:
        """The lines of a file with values in the place of placeholders."""
        info = connection.info
        own = {":DATABASE_NAME": _name(info.dbname), ":DATABASE_OWNER": _name(info.user)}
        values = {**self.settings.placeholders, **own}
        pattern = re.compile(rf"(?:{'|'.join(map(re.escape, values))})\b")
        lines = read(path)
        if includes := [number for number, line in enumerate(lines, 1) if _INCLUDE.match(line)]:
            said = "--!include is not served; 'graphile-migrate commit' puts the file in its place"
            raise ScriptError(path, includes[0], said)
        return [pattern.sub(lambda found: values[found[0]], line) for line in lines]


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f'"{name}"'


def _work(place: Path) -> Path:
    return place / "current.sql"


def _current(place: Path) -> list[Path]:
    """The files of the migration in progress."""
    return sql_files(place / "current") or [one for one in (_work(place),) if one.is_file()]


def _empty(path: Path) -> bool:
    lines = read(path)
    return Section.of(path, lines, 0, len(lines), True).empty
