"""Values of Python as texts in PostgreSQL's input syntax."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer

from harness.core.errors import ConfigError
from harness.core.text import closest
from harness.postgres.schema_model import Table


def as_text(
    connection: psycopg.Connection[Any], table: Table, given: Mapping[str, Any]
) -> dict[str, str | None]:
    """Each value as text by psycopg's own dumpers; texts as they are, JSON for json columns.

    Raises ConfigError for a column that the table has not.
    """
    names = [column.name for column in table.columns]
    for name in given:
        if name not in names:
            near = closest(name, names)
            hint = f"; did you mean {near}?" if near else ""
            raise ConfigError(f"{table} has no column {name}{hint}")
    return {name: _text(connection, table, name, value) for name, value in given.items()}


def _text(connection: psycopg.Connection[Any], table: Table, name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if table.column(name).type.root.name in ("json", "jsonb"):
        return json.dumps(value)
    dumped = Transformer(connection).get_dumper(value, PyFormat.TEXT).dump(value)
    return bytes(dumped or b"").decode(connection.info.encoding)
