"""Where a schema is kept, one file per tool.

To add a source: one module with a class that has ``recognises(path)`` and the methods of
SchemaSource, one line in SOURCES, one test.
"""

from __future__ import annotations

from pathlib import Path

from harness.errors import ConfigError
from harness.sources.base import Migration, MigrationError, SchemaSource
from harness.sources.sql_dir import SqlDir

SOURCES: tuple[type[SchemaSource], ...] = (SqlDir,)
"""Asked in this order whether a path is theirs."""

__all__ = ["SOURCES", "Migration", "MigrationError", "SchemaSource", "open_source"]


def open_source(path: Path | None) -> SchemaSource | None:
    """The source that keeps a schema at a path; None for no schema.

    Raises ConfigError where no source recognises the path.
    """
    if path is None:
        return None
    for source in SOURCES:
        if source.recognises(path):
            return source.open(path)
    raise ConfigError(f"{path}: no migrations here: a .sql file or a directory of them is expected")
