"""Whether a command migrated the database that it was given: its exit code does not tell.

A tool that reads another variable, or has its server written into its settings, migrates that
and ends with 0. What counts is what is in the database afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from harness.core.errors import ConfigError
from harness.postgres.snapshot import Catalog

_BESIDE = """
    SELECT 'role', r::text FROM pg_roles AS r
    UNION ALL SELECT 'member', m::text FROM pg_auth_members AS m
    UNION ALL SELECT 'setting', s::text FROM pg_db_role_setting AS s
    UNION ALL SELECT 'large object', l::text FROM pg_largeobject_metadata AS l
    UNION ALL SELECT 'tablespace', t::text FROM pg_tablespace AS t
    ORDER BY 1, 2
"""
"""What a migration can make and no catalog of a database has."""
_NOTES = """
    SELECT nspname || '.' || relname
    FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
    JOIN unnest(%s::text[], %s::text[]) AS known (schema, name)
        ON (nspname, relname) = (known.schema, known.name)
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Before:
    """What was there before a command ran."""

    catalog: Catalog
    beside: list[tuple[Any, ...]]
    notes: list[str]

    @classmethod
    def of(
        cls, connection: psycopg.Connection[Any], bookkeeping: Collection[tuple[str, str]]
    ) -> Before:
        """Look at a database; ``bookkeeping`` are tables of tools, and no part of a schema."""
        known = [[schema for schema, _ in bookkeeping], [name for _, name in bookkeeping]]
        return cls(
            Catalog.of(connection, tables=bookkeeping),
            _rows(connection, _BESIDE),
            [str(name) for (name,) in _rows(connection, _NOTES, known)],
        )

    @property
    def empty(self) -> bool:
        """Whether there was nothing of a schema yet, so that a command has something to do."""
        return not self.notes and not self.catalog.objects["table"]

    def refuse_nothing(self, after: Before, command: str, variable: str) -> None:
        """Raise ConfigError where a command left an empty database as it was."""
        if not (self.empty and after.catalog == self.catalog and after.beside == self.beside):
            return
        if after.notes:
            raise ConfigError(
                f"command: {command} ended with 0 and made nothing but its own table"
                f" {', '.join(after.notes)}: it found no migrations, or they create nothing"
            )
        raise ConfigError(
            f"command: {command} ended with 0 and left nothing in the instance's database. The"
            f" URL is in {variable}, its parts are in PGHOST, PGPORT, PGUSER, PGDATABASE and"
            " PGPASSWORD. A tool that reads another variable (command-url names it), or has its"
            " database in its settings (SQLite, a server of its own), migrated that one instead."
        )


def _rows(
    connection: psycopg.Connection[Any], query: str, parameters: list[Any] | None = None
) -> list[tuple[Any, ...]]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query.encode(), parameters).fetchall()
