"""What a table's trigger functions branch on: the columns that they read, and values of these.

Labels of an enum, true and false, what a CHECK lists, literals in the functions' bodies, NULL.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from harness.postgres.schema_model import Column, Table
from harness.properties.check_context import CheckContext

_VALUES, _TOGETHER = 12, 48
"""Values of a column; choices of one for each column, beyond which columns are taken singly."""

Choice: TypeAlias = dict[Column, str | None]
Branches: TypeAlias = dict[Column, list[str | None]]


def branches(
    context: CheckContext,
    table: Table,
    event: str,
    but: Collection[str] = (),
    source: str | None = None,
) -> Branches:
    """The columns that row triggers of an event read or set, with values that each may hold.

    ``source``: what one of them says, where it is about that one alone.
    """
    source = source_of(table, event) if source is None else source
    plan = context.rows.plan(table)
    return {
        column: _values(context, table, column, source)
        for column in plan.table.columns
        if column.insertable and column.identity is None
        if column.name not in but and names("new|old", column.name, source)
    }


def choices(found: Mapping[Column, Sequence[str | None]]) -> Iterator[Choice]:
    """One value for each column, where that is not too much; else for one column at a time."""
    if found and math.prod(map(len, found.values())) <= _TOGETHER:
        for texts in itertools.product(*found.values()):
            yield dict(zip(found, texts, strict=True))
        return
    for column, each in found.items():
        yield from ({column: text} for text in each)


def source_of(table: Table, event: str = "") -> str:
    """What the row triggers of an event say, or of any: their bodies, and WHEN."""
    fires = [t for t in table.triggers if t.fires and t.level == "row"]
    return " ".join(f"{t.source} {t.when or ''}" for t in fires if not event or event in t.events)


def names(rows: str, column: str, source: str) -> bool:
    """Whether a function reads or sets a column of NEW or OLD."""
    name = re.escape(column)
    return re.search(rf'(?i)\b(?:{rows})\."?{name}(?!\w)', source) is not None


def _values(context: CheckContext, table: Table, column: Column, source: str) -> list[str | None]:
    kind = column.type.root
    null: list[str | None] = [None] if column.nullable else []
    if kind.labels:
        return [*kind.labels[:_VALUES], *null]
    if kind.name == "bool":
        return ["true", "false", *null]
    return [*context.rows.plan(table).compared(column.name, source)[:_VALUES], *null]
