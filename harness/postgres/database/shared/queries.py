"""The SQL files of ``catalogs/``, put together as one statement.

``NN_catalog.sql`` reads one catalog. A file whose first line says ``From PostgreSQL 15`` is
left out on older servers, one that says ``As superuser`` where we are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

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
