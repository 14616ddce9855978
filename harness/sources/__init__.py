"""Where a schema is kept, one file per tool.

To add a source: one module with a class that has ``recognises(path)`` and the methods of
SchemaSource, one line in SOURCES, one test.
"""

from __future__ import annotations

from harness.config import Config, nearest
from harness.errors import ConfigError
from harness.sources.base import Migration, MigrationError, SchemaSource
from harness.sources.sql_dir import SqlDir

SOURCES: tuple[type[SchemaSource], ...] = (SqlDir,)
"""Asked in this order whether a path is theirs."""
_NAMES = [source.name for source in SOURCES]

__all__ = ["SOURCES", "Migration", "MigrationError", "SchemaSource", "open_source"]


def open_source(config: Config) -> SchemaSource | None:
    """The source that keeps the configured schema; None for no schema.

    Raises ConfigError where no source recognises the path.
    """
    path = config.schema
    if path is None:
        return None
    for source in SOURCES:
        if config.source == source.name or (not config.source and source.recognises(path)):
            return source.open(path, config)
    if config.source:
        raise ConfigError(f"source: {config.source!r} is none{nearest(config.source, _NAMES)}")
    raise ConfigError(f"{path}: no migrations here: a .sql file or a directory of them is expected")
