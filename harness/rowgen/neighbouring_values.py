"""Near: the values on both sides of a value, as SQL for the server to compute."""

from __future__ import annotations

from collections.abc import Sequence

from harness.postgres.schema_model import Column, Type
from harness.postgres.schema_model.type import Modifier

_TIMES = ("'1 microsecond'::interval", "'1 second'::interval", "'1 day'::interval")
_STEPS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("int2", "int4", "int8"), ("1", "3", "1000")),
    "float4": ("0.5", "1", "100"),
    "float8": ("0.0000001", "0.5", "100"),
    "money": ("'0.01'::money", "'1'::money", "'1000'::money"),
    "date": ("1", "30", "365"),
    "timestamp": (*_TIMES, "'400 days'::interval"),
    "timestamptz": (*_TIMES, "'400 days'::interval"),
    "time": ("'1 microsecond'::interval", "'1 hour'::interval"),
    "timetz": ("'1 microsecond'::interval", "'1 hour'::interval"),
    "interval": ("'1 microsecond'::interval", "'1 hour'::interval", "'1 day'::interval"),
    "pg_lsn": ("1",),
    "inet": ("1",),
}


def near(type_: Type, limits: Modifier, sql: str) -> list[str]:
    """SQL of the value itself, then of those just below and above, then of some further off.

    Each of the column's base type, and an error of the server where there is none.
    """
    root = type_.root
    value = f"({sql})::{_whole(root)}"
    if root.category in ("enum", "composite", "array", "range", "multirange"):
        return [value]
    if root.name in ("text", "varchar", "bpchar", "citext"):
        return [value, f"({value} || 'a')", f"left({value}, -1)"]
    return [value, *(f"({value} {sign} {by})" for by in _steps(root, limits) for sign in "-+")]


def further(column: Column, sql: str, first: int, count: int) -> list[str]:
    """SQL of values on both sides that go on where `near` ends, one step after the other."""
    root = column.type.root
    steps = _steps(root, column.limits)
    if not steps or root.name in ("pg_lsn", "inet"):
        return []
    value, step = f"({sql})::{_whole(root)}", steps[min(1, len(steps) - 1)]
    places = range(first, first + count)
    return [f"({value} {sign} {place} * {step})" for place in places for sign in "-+"]


def _whole(root: Type) -> str:
    """The type for a cast that cuts nothing off: ``character`` by itself is one character."""
    return f'pg_catalog."{root.name}"' if root.name in ("bpchar", "bit") else root.sql


def _steps(root: Type, limits: Modifier) -> tuple[str, ...]:
    if root.name == "numeric":
        scale = 6 if limits.scale is None else limits.scale
        least = f"(10::numeric ^ {-scale})"
        return (least, "1", "100") if scale > 0 else (least, f"({least} * 100)")
    return _STEPS.get(root.name, ())


def interesting(column: Column, sql: str) -> list[str]:
    """`near` for a column."""
    return near(column.type, column.limits, sql)


def ending(kind: str, sql: str, texts: Sequence[str]) -> list[str]:
    """SQL of texts that begin, or end, with what an expression comes to, and go on as others."""
    made: list[str] = []
    for text in texts:
        whole, other = "'" + text.replace("'", "''") + "'", f"({sql})::text"
        if kind == "prefix":
            made.append(f"{other} || substr({whole}, length({other}) + 1)")
        else:
            made.append(f"left({whole}, greatest(length({whole}) - length({other}), 0)) || {other}")
    return made
