"""Values that real rows have: what a condition that nobody can read probably wants."""

from __future__ import annotations

from itertools import combinations

from harness.postgres.schema_model import Type

_TEXTS = (
    *("a", "A", "abc", "Abc", "a b", "1", "12345", "0.5", "true", "{}", "[]", "-"),
    *("someone@example.com", "https://example.com/", "example.com", "192.0.2.1", "/a/b"),
    *("my-slug", "my_name", "SKU-0001", "DE", "USD", "en", "en-US", "Europe/Berlin"),
    *("+15550100", "2024-01-31", "12:30", "2024-01-31T12:30:00Z", "#00ff00"),
    "00000000-0000-4000-8000-000000000000",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
)
_DAYS = ("2024-01-01", "2024-01-02", "2024-01-31", "2025-01-01")
_TIMES = ("2024-01-01 10:00:00", "2024-01-01 11:00:00", *_DAYS[1:])
_WHOLE = ("0", "1", "2", "5", "10", "50", "100", "1000")

USUAL: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("text", "varchar", "bpchar", "citext", "name"), _TEXTS),
    **dict.fromkeys(("int2", "int4", "int8", "oid"), _WHOLE),
    **dict.fromkeys(("numeric", "float4", "float8", "money"), (*_WHOLE, "0.5", "9.99")),
    **dict.fromkeys(("timestamp", "timestamptz"), _TIMES),
    "date": _DAYS,
    "time": ("00:00", "08:00", "12:30", "18:00"),
    "interval": ("1 second", "1 hour", "1 day", "30 days", "1 year"),
}
"""By the name in ``pg_type``."""


def usual(type_: Type) -> list[str]:
    """A few usual values of a type: for a range, pairs of its subtype's, in their order."""
    root = type_.root
    if root.category == "range" and root.subtype:
        bounds = usual(root.subtype)
        return [f'["{low}","{high}")' for low, high in combinations(bounds, 2)]
    return list(USUAL.get(root.name, ()))
