"""Marks: by which to tell later what has changed in a database since, without reading it again.

What is looked at is the catalogs' rows: by whom each was written, never what it says. So a change
that is put back counts as one, and nothing that has changed is taken for what it was. What one
transaction does twice is told only after it has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import tuple_row

SHARE = 0.2
"""Of all objects, the most that are read by themselves: beyond it, reading everything is faster."""
_SHARED = 6
"""The keys below this are not of objects: what they stand for belongs to all."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of a database at one moment."""

    objects: Mapping[int, tuple[int, ...]]
    """OID -> what tells the rows that say something of it from later ones."""
    rest: tuple[tuple[int, ...], ...]
    """The same for all that is of no one object."""

    @classmethod
    def of(cls, connection: psycopg.Connection[Any], ignore: Collection[str] = ()) -> Marks:
        """The marks of the connection's database now; schemas in ``ignore`` count as one thing."""
        with psycopg.RawCursor(connection, row_factory=tuple_row) as cursor:
            given = "SELECT array_agg(oid) FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1)"
            schemas = cursor.execute(given, [list(ignore)], prepare=True).fetchall()[0][0] or []
            found = cursor.execute(_text("marks"), [schemas], prepare=True).fetchall()
            parts = [
                f"SELECT count(*), sum(xmin::text::bigint)::bigint FROM {name}"  # noqa: S608
                for (name,) in cursor.execute(_text("rest"), prepare=True).fetchall()
            ]  # the server's own names
            rest = cursor.execute(" UNION ALL ".join(parts).encode(), prepare=True).fetchall()
        objects = {oid: tuple(numbers) for oid, *numbers in found if oid >= _SHARED}
        return cls(objects, (*sorted(row for row in found if row[0] < _SHARED), *rest))

    def changed(
        self, before: Marks, connection: psycopg.Connection[Any], share: float = SHARE
    ) -> Collection[int] | None:
        """The units that may be defined otherwise than at an earlier moment, the gone included.

        None where any of them may be, or more than a share of all objects. The connection's
        database has to be as these marks say.
        """
        if self.rest != before.rest:
            return None
        objects = self.objects.keys() ^ before.objects.keys()
        objects |= {oid for oid, said in self.objects.items() if before.objects.get(oid) != said}
        if not objects:
            return ()
        query = _text("units").replace("WITH nodes", "WITH RECURSIVE nodes") + _text("dependents")
        with psycopg.RawCursor(connection, row_factory=tuple_row) as cursor:
            found = cursor.execute(query, [list(objects)], prepare=True).fetchall()
        return {unit for (unit,) in found} if len(found) <= share * len(self.objects) else None


@cache
def _text(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
