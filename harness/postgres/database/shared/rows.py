"""Rows: the server-wide state as the rows of the shared catalogs, and how two states differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import psycopg
from psycopg.rows import tuple_row

from harness.postgres.database.shared.queries import statement


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a shared catalog."""

    aspect: str
    """What of the object it holds (``"the members of "``); ``""`` where it is the object."""
    kind: str
    name: str
    content: str = field(repr=False)
    """As JSON; it may hold a password and is not for printing."""

    @property
    def object(self) -> str:
        """The object that it is about: ``role alice``."""
        return f"{self.kind} {self.name}"

    @property
    def subject(self) -> str:
        """What it is, for a person: ``the members of role staff``."""
        return f"{self.aspect}{self.object}"


Rows: TypeAlias = Mapping[tuple[str, str], Row]
"""Catalog and key within it -> row."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is not as it was: new where ``before`` is None, gone where ``after`` is."""

    catalog: str
    key: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """The row as it was, or the new one."""
        found = self.before or self.after
        assert found is not None
        return found

    @property
    def created(self) -> bool:
        """Whether it is an object that was not there before."""
        return self.before is None and not self.row.aspect


def read(connection: psycopg.Connection[Any]) -> Rows:
    """The server's state. Planning takes longer than running: keep the connection."""
    superuser = connection.info.parameter_status("is_superuser") == "on"
    query = statement(connection.info.server_version // 10000, superuser)
    with psycopg.RawCursor(connection, row_factory=tuple_row) as cursor:
        found = cursor.execute(query, prepare=True).fetchall()
    return {(catalog, key): Row(*values) for catalog, key, *values in found}


def changes(before: Rows, after: Rows) -> list[Change]:
    """What differs between two states, by subject."""
    keys = dict.fromkeys([*before, *after])
    found = [Change(*key, before.get(key), after.get(key)) for key in keys]
    return sorted(filter(_differs, found), key=lambda change: change.row.subject)


def _differs(change: Change) -> bool:
    if change.before is None or change.after is None:
        return True
    return change.before.content != change.after.content
