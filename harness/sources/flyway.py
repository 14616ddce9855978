"""Flyway: versioned ``V1_2__x.sql`` by number, undo ``U1_2__x.sql``, repeatable ``R__x.sql`` last.

Directories are searched through. Each file runs in a transaction, unless a ``.conf`` beside it
says ``executeInTransaction=false`` or all its statements are such that no transaction holds
them. ``${name}`` is put in as flyway.toml or flyway.conf has it, and an error where they do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg
from psycopg import sql

from harness.core.config import Config
from harness.core.errors import ScriptError
from harness.sources import _flyway_names as names
from harness.sources._flyway_settings import Settings, properties
from harness.sources.base import Migration
from harness.sources.files import folder, read, sql_files
from harness.sources.ordered import Ordered
from harness.sources.recognition import FLYWAY_PLACES, FLYWAY_SETTINGS, SPRING
from harness.sources.running import afresh, default_schema, refuse, run, unholdable
from harness.sources.sections import Section

_PLACEHOLDER = re.compile(r"\$\{([^}\n]*)\}")


@dataclass(frozen=True, slots=True)
class Flyway(Ordered):
    """Flyway's migrations: their directory, the project above it, or its settings file."""

    name: ClassVar[str] = "flyway"
    settings: Settings = field(default_factory=Settings)
    callbacks: Mapping[str, list[Path]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read settings and names. ConfigError for what Flyway would pass over, or not run."""
        if path.is_file() and path.name in (*FLYWAY_SETTINGS, *SPRING):
            settings = Settings.read(path)
            path = path.parent
        else:
            settings = Settings.found(path, config.root)
        named = sql_files(path) and path.resolve() not in settings.locations
        inside = not settings.locations or named
        places = (folder(path, *FLYWAY_PLACES),) if inside else settings.locations
        for place in places:
            names.refuse_code(place)
        found = dict.fromkeys(file for place in places for file in _below(place))
        events = [file for file in found if names.CALLBACK.fullmatch(file.name)]
        files = (file for file in found if file not in events)
        return cls(path, names.in_order(files), settings, names.callbacks(events))

    @property
    def counted(self) -> tuple[Path, ...]:
        """The files, their own settings, and Flyway's."""
        own = [conf for file in self.files if (conf := _conf(file)).is_file()]
        events = (file for files in self.callbacks.values() for file in files)
        return (*self.files, *own, *events, *self.settings.files)

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Apply every migration in order, with the callbacks of one ``flyway migrate``."""
        self._make_schemas(connection)
        self._call(connection, "beforeMigrate")
        repeatable = False
        for migration in self.migrations:
            if migration.name.startswith("R__") and not repeatable:
                repeatable = True
                self._call(connection, "afterVersioned", "beforeRepeatables")
            self._each(connection, migration)
        self._call(connection, "afterMigrateApplied", "afterMigrate")
        afresh(connection)
        return tuple(migration.name for migration in self.migrations)

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run a versioned, baseline or repeatable file, as a ``flyway migrate`` that has one."""
        self._make_schemas(connection)
        self._call(connection, "beforeMigrate")
        self._each(connection, migration)
        self._call(connection, "afterMigrateApplied", "afterMigrate")

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run an undo file, in a session of its own."""
        assert migration.down is not None
        afresh(connection)
        self._run(connection, migration.down)
        afresh(connection)

    def _each(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        self._call(connection, "beforeEachMigrate")
        self._run(connection, migration.up)
        self._call(connection, "afterEachMigrate")

    def _call(self, connection: psycopg.Connection[Any], *events: str) -> None:
        for event in events:
            for file in self.callbacks.get(event, ()):
                self._run(connection, file)

    def _make_schemas(self, connection: psycopg.Connection[Any]) -> None:
        for schema in dict.fromkeys(filter(None, (self.settings.schema, *self.settings.schemas))):
            there = connection.execute("SELECT to_regnamespace(%s)", [f'"{schema}"']).fetchone()
            if there == (None,):
                self._call(connection, "createSchema")
                statement = sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema))
                connection.execute(statement, prepare=False)

    def _run(self, connection: psycopg.Connection[Any], path: Path) -> None:
        lines = self._replaced(path, connection)
        section = Section.of(path, lines, 0, len(lines), _in_transaction(path))
        section.check("Flyway", copies=True)
        _as_begun(connection, path, self.settings.schema)
        run(connection, section.script, wrapped=section.transaction and not self._bare(section))

    def _bare(self, section: Section) -> bool:
        """Whether no transaction holds a script. ScriptError where some statements need one."""
        statements = list(section.script.statements())
        apart = [statement for statement in statements if unholdable(statement)]
        if apart and len(apart) < len(statements) and not self.settings.mixed:
            message = "no transaction holds this statement, unlike others of the file: to Flyway"
            raise ScriptError(section.path, apart[0].line, f"{message} an error unless mixed=true")
        return bool(apart)

    def _replaced(self, path: Path, connection: psycopg.Connection[Any]) -> list[str]:
        lines = read(path)
        if not self.settings.replace:
            return lines
        info = connection.info
        own = {"user": info.user, "database": info.dbname, "filename": path.name}
        known = {f"flyway:{name}": value for name, value in own.items()}
        known["flyway:defaultSchema"] = self.settings.schema or "public"
        known |= self.settings.placeholders
        return [_put_in(known, path, number, line) for number, line in enumerate(lines, 1)]


def _put_in(known: Mapping[str, str], path: Path, number: int, line: str) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in known:
            message = f"{found[0]}: no value; set flyway.placeholders.{found[1]} in flyway.conf"
            raise ScriptError(path, number, message)
        return known[found[1]]

    return _PLACEHOLDER.sub(value, line)


def _as_begun(connection: psycopg.Connection[Any], path: Path, schema: str) -> None:
    """Set back the role and the search_path, and nothing else, as Flyway does before each file."""
    try:
        login = connection.info.user
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(login)), prepare=False)
        connection.execute("RESET search_path", prepare=False)
        if schema := schema or default_schema(connection) or "":
            first = sql.SQL("SELECT set_config('search_path', {} || current_setting({}), false)")
            name = f"{sql.Identifier(schema).as_string()}, "
            connection.execute(first.format(name, "search_path"), prepare=False)
    except psycopg.Error as error:
        raise refuse(path, f"Flyway cannot set the role back: {error}") from None


def _below(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.sql"))


def _conf(path: Path) -> Path:
    return path.with_name(f"{path.name}.conf")


def _in_transaction(path: Path) -> bool:
    conf = _conf(path)
    given = properties(conf) if conf.is_file() else {}
    return given.get("executeInTransaction", "true").lower() != "false"
