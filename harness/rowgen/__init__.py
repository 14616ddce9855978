"""Rows: valid rows for any table, from the catalog alone.

>>> rows(connection, "tasks", user_id="alice")  # doctest: +SKIP
[Draft(...)]

``Rows(connection, schema)`` keeps what it learns for the next row of the same table.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import psycopg

from harness.postgres.schema_model import Schema

if TYPE_CHECKING:
    from harness.rowgen.boundaries import Boundary
    from harness.rowgen.conditions import Condition
    from harness.rowgen.draft import SWALLOWED, Draft, Refusal, Unsatisfiable, Values
    from harness.rowgen.generator import Rows

__all__ = [
    "SWALLOWED",
    "Boundary",
    "Condition",
    "Draft",
    "Refusal",
    "Rows",
    "Unsatisfiable",
    "Values",
    "rows",
]

_PLACES = {
    "Boundary": "boundaries",
    "Condition": "conditions",
    "Rows": "generator",
    **dict.fromkeys(("SWALLOWED", "Draft", "Refusal", "Unsatisfiable", "Values"), "draft"),
}


def __getattr__(name: str) -> Any:
    """Load a part when it is asked for: who only reads expressions needs no generator."""
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_sources: WeakKeyDictionary[psycopg.Connection[Any], Rows] = WeakKeyDictionary()


def rows(
    connection: psycopg.Connection[Any], table: str, n: int = 1, /, **given: Any
) -> list[Draft]:
    """Insert ``n`` valid rows into a table, and what they refer to, and return them.

    Each has ``stored``, the row as text. The schema is read once per connection. Raises
    Unsatisfiable where no valid row is found, and ConfigError where there is no such table.
    """
    from harness.rowgen.generator import Rows

    source = _sources.get(connection)
    if source is None:
        source = _sources[connection] = Rows(connection, Schema.read(connection))
    return source.insert(table, n, **given)
