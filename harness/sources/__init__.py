"""Where a schema is kept, one file per tool.

To add a source: one module with a class that has the methods of SchemaSource, one line in
SOURCES, one case in the contract's test. How a path is recognised is a function of
``recognition.py``, for most tools ``has(NAME)``. Modules with an underscore are what several
sources, or the parts of one, are made of.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.text import nearest
from harness.sources import recognition
from harness.sources.base import Migration, MigrationError, SchemaSource


@dataclass(frozen=True, slots=True)
class Registered:
    """A source on the list; its module is loaded when a project has its tool."""

    name: str
    """What ``--source`` and ``[tool.harness] source`` call it."""
    place: str
    """Module here and class: ``dbmate:Dbmate``."""
    recognises: Callable[[Path], bool]
    """Whether a path holds a schema of this kind."""

    def load(self) -> type[SchemaSource]:
        """The class."""
        module, _, name = self.place.partition(":")
        source: type[SchemaSource] = getattr(import_module(f"{__name__}.{module}"), name)
        return source


SOURCES = (
    Registered("command", "command:Command", recognition.only_named),
    Registered("golang_migrate", "golang_migrate:GolangMigrate", recognition.only_named),
    Registered("alembic", "alembic:Alembic", recognition.alembic),
    Registered("sqitch", "sqitch:Sqitch", recognition.sqitch),
    Registered("supabase", "supabase:Supabase", recognition.supabase),
    Registered("flyway", "flyway:Flyway", recognition.flyway),
    Registered("dbmate", "dbmate:Dbmate", recognition.dbmate),
    Registered("goose", "goose:Goose", recognition.goose),
    Registered("sql_dir", "sql_dir:SqlDir", recognition.sql_dir),
)
"""Asked in this order whether a path is theirs; the first two only where they are named."""

__all__ = ["SOURCES", "Migration", "MigrationError", "SchemaSource", "open_source", "texts"]


def open_source(config: Config) -> SchemaSource | None:
    """The source that keeps the configured schema; None for no schema.

    Raises ConfigError where no source recognises the path, and where a source is named
    without one.
    """
    path = config.schema
    if path is None and config.source and not config.schemaless:
        raise ConfigError(f"source: {config.source!r} keeps no schema that was found; see --schema")
    if path is None:
        return None
    for source in SOURCES:
        if config.source == source.name or (not config.source and source.recognises(path)):
            return source.load().open(path, config)
    if config.source:
        names = [source.name for source in SOURCES]
        raise ConfigError(f"source: {config.source!r} is none{nearest(config.source, names)}")
    raise ConfigError(f"{path}: no migrations here: a .sql file or a directory of them is expected")


def texts(source: SchemaSource) -> list[str]:
    """The contents of the files of a schema, as far as they can be read."""
    paths = {*source.counted, *(one.up for one in source.migrations)}
    found = []
    for path in sorted(paths):
        with suppress(OSError):
            found.append(path.read_text("utf-8", "replace"))
    return found
