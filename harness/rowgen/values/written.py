"""Values that a person would write into a column, by its name and type: what evidence shows."""

from __future__ import annotations

import re

from harness.postgres.schema_model import Column

_TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("e?mail", ("alice@example.com", "bob@example.com", "carol@example.com")),
    ("url|uri|link|href|website", tuple(f"https://example.com/{n}" for n in "123")),
    ("phone|mobile|fax", ("+15550100", "+15550101", "+15550102")),
    ("slug", ("title-1", "title-2", "title-3")),
    ("first_?name|given_?name", ("Alice", "Bob", "Carol")),
    ("last_?name|surname|family_?name", ("Smith", "Jones", "Brown")),
    ("user_?name|login|nick", ("alice", "bob", "carol")),
    ("city|town", ("Berlin", "Lyon", "Turin")),
    ("country", ("DE", "FR", "IT")),
    ("currency", ("EUR", "USD", "GBP")),
    ("lang|locale", ("en", "de", "fr")),
    ("zip|postal|postcode", ("10115", "69001", "10121")),
    ("street|address", ("1 Main Street", "2 Main Street", "3 Main Street")),
)
"""A part of a column's name, and what stands in such columns."""
_LONG = re.compile(r"body|text|content|description|comment|note|message", re.IGNORECASE)
_OTHERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), ("42", "7", "100")),
    **dict.fromkeys(("numeric", "float4", "float8"), ("42", "9.99", "7")),
    "date": ("2024-01-31", "2024-02-29", "2024-03-31"),
    "timestamp": ("2024-01-31 10:00:00", "2024-01-31 11:00:00", "2024-02-01 10:00:00"),
    "timestamptz": ("2024-01-31 10:00:00+00", "2024-01-31 11:00:00+00", "2024-02-01 10:00:00+00"),
    "bool": ("true", "false"),
    **dict.fromkeys(("json", "jsonb"), ('{"key": "value"}', "{}", "[1, 2]")),
    "inet": ("192.0.2.1", "192.0.2.2", "192.0.2.3"),
    "interval": ("1 day", "1 hour", "2 days"),
}


def written(column: Column) -> list[str]:
    """Three values or so; none for types that people do not write."""
    root = column.type.root
    if root.name not in ("text", "varchar", "bpchar", "citext"):
        return list(_OTHERS.get(root.name, ()))
    for part, texts in _TEXTS:
        if re.search(part, column.name, re.IGNORECASE):
            return list(texts)
    words = column.name.replace("_", " ").strip().capitalize()
    stem = "Some text" if _LONG.search(column.name) else words if words.isascii() else "Name"
    return [f"{stem} {number}" for number in (1, 2, 3)]
