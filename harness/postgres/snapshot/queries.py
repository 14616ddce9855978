"""The catalog's SQL files, put together as one statement.

``objects/NN_kind.sql`` finds the objects of one kind, ``attached/NN_kind.sql`` what hangs
on objects found. A file whose first line says ``From PostgreSQL 18`` is left out on older
servers, one that says ``Until PostgreSQL 14`` on newer ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_VERSIONS = re.compile(r"-- (From|Until) PostgreSQL (\d+)\b")


@cache
def kinds(version: int) -> tuple[str, ...]:
    """The kinds that a server of this major version is asked for, in order."""
    return tuple(kind for place in ("objects", "attached") for kind, _ in _queries(place, version))


@cache
def statement(version: int, by_unit: bool = False) -> str:
    """One SELECT of (kind, identity, definition, unit); three arrays say what is ignored.

    ``$1`` has schemas, ``$2`` the schemas of tables and ``$3`` their names. ``$4`` has units, as
    units.sql has them, whose objects alone are read; NULL for all. What is no unit's is read
    always. The unit that is returned is 0 for all unless it is asked for.
    """
    shared = files(__package__).joinpath("shared.sql").read_text("utf-8")
    unit = files(__package__).joinpath("unit_of.sql").read_text("utf-8") if by_unit else "0::oid"
    found, attached = _union("objects", version, f", {unit} AS unit"), _union("attached", version)
    return (
        f"{shared}, found AS MATERIALIZED (\n{found}\n)\n"
        f"SELECT kind, identity, definition, unit FROM found\nUNION ALL\n{attached}"
    )


def _union(place: str, version: int, more: str = "") -> str:
    return "\nUNION ALL\n".join(
        # The names of our own files: nothing from outside gets here.
        f"SELECT '{kind}'::text AS kind, q.*{more} FROM (\n{query}) AS q"  # noqa: S608
        for kind, query in _queries(place, version)
    )


def _queries(place: str, version: int) -> Iterator[tuple[str, str]]:
    """Kind and query of each file that this version serves, by name."""
    entries = files(__package__).joinpath(place).iterdir()
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.name.endswith(".sql"):
            query = entry.read_text("utf-8")
            if _served(query, version):
                yield entry.name.partition(".")[0][3:].replace("_", " "), query


def _served(query: str, version: int) -> bool:
    limit = _VERSIONS.match(query)
    if limit is None:
        return True
    return version >= int(limit[2]) if limit[1] == "From" else version <= int(limit[2])
