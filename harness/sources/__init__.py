"""Where a schema is kept, one file per tool.

To add a source: one module with a class that has ``recognises(path)`` and the methods of
SchemaSource, one line in SOURCES, one case in the contract's test. Modules with an underscore
are what several sources, or the parts of one, are made of.
"""

from __future__ import annotations

from contextlib import suppress

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.text import nearest
from harness.sources._ordered import Ordered
from harness.sources.alembic import Alembic
from harness.sources.base import Migration, MigrationError, SchemaSource
from harness.sources.command import Command
from harness.sources.dbmate import Dbmate
from harness.sources.flyway import Flyway
from harness.sources.golang_migrate import GolangMigrate
from harness.sources.goose import Goose
from harness.sources.sqitch import Sqitch
from harness.sources.sql_dir import SqlDir
from harness.sources.supabase import Supabase

SOURCES: tuple[type[SchemaSource], ...] = (
    Command,
    GolangMigrate,
    Alembic,
    Sqitch,
    Supabase,
    Flyway,
    Dbmate,
    Goose,
    SqlDir,
)
"""Asked in this order whether a path is theirs; the first two only where they are named."""
_NAMES = [source.name for source in SOURCES]

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
            return source.open(path, config)
    if config.source:
        raise ConfigError(f"source: {config.source!r} is none{nearest(config.source, _NAMES)}")
    raise ConfigError(f"{path}: no migrations here: a .sql file or a directory of them is expected")


def texts(source: SchemaSource) -> list[str]:
    """The contents of the files of a schema, as far as they can be read."""
    paths = {*source.files, *(one.up for one in source.migrations)}
    if isinstance(source, Ordered):
        paths |= {*source.counted}
    found = []
    for path in sorted(paths):
        with suppress(OSError):
            found.append(path.read_text("utf-8", "replace"))
    return found
