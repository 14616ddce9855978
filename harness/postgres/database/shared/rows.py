"""Rows: the server-wide state as the rows of the shared catalogs, and how two states differ.

``catalogs/NN_catalog.sql`` reads one catalog; the files are put together as one statement. A file
whose first line says ``From PostgreSQL 15`` is left out on older servers, one that says ``As
superuser`` where we are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import psycopg
from psycopg.rows import tuple_row

_VERSION = re.compile(r"-- From PostgreSQL (\d+)\b")
_ROLE = re.compile(r"-- As (superuser|another role)\b")


@cache
def statement(version: int, superuser: bool) -> str:
    """One SELECT of (catalog, key, aspect, kind, name, content)."""
    common = files(__package__).joinpath("named.sql").read_text("utf-8")
    union = "\nUNION ALL\n".join(
        # The names of our own files: nothing from outside gets here.
        f"SELECT '{catalog}' AS catalog, q.* FROM (\n{query}) AS q"  # noqa: S608
        for catalog, query in _queries(version, superuser)
    )
    return f"{common}\n{union}"


def _queries(version: int, superuser: bool) -> Iterator[tuple[str, str]]:
    """Catalog and query of each file that serves this server and role, by name."""
    entries = files(__package__).joinpath("catalogs").iterdir()
    for entry in sorted(entries, key=lambda entry: entry.name):
        query = entry.read_text("utf-8")
        if _served(query, version, superuser):
            yield entry.name.partition(".")[0][3:], query


def _served(query: str, version: int, superuser: bool) -> bool:
    first, role = _VERSION.match(query), _ROLE.match(query)
    if role is not None and (role[1] == "superuser") is not superuser:
        return False
    return first is None or version >= int(first[1])


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
