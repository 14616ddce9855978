"""What probes have in common: the tables they work on, and pairs of rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from harness.postgres.schema_model import Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.properties.row_search import pinned
from harness.rowgen import Draft

MANUAL = "https://www.postgresql.org/docs/current/ddl-constraints.html"


def of_tables(check: str, schema: Schema, views: bool = False) -> Iterator[Property]:
    """One for each table that rows can be put into."""
    for table in schema:
        if table.holds_rows or (views and table.kind == "view"):
            yield Property(check, table.name, "rows")


def pair(context: CheckContext, table: Table) -> tuple[Draft, Draft] | None:
    """A row that is stored, and one that may be stored beside it, as different as there is one.

    None where there are no two.
    """
    with suppress(Undecided, Failed):
        first = _whole(context, table)
        second = context.valid(table)  # whatever the first one rules out, it does without
        held = {**second.stored, **second.values}
        same = [c.name for c in table.columns if held.get(c.name) == first.stored.get(c.name)]
        return first, context.varied(second, [n for n in same if table.column(n).insertable])
    return None


def _whole(context: CheckContext, table: Table) -> Draft:
    """A row that is stored, with a value in every column that may have one."""
    draft = context.valid(table)
    plan = context.rows.plan(table)
    for column in table.columns:
        free = column.insertable and column.name not in plan.referring
        if free and draft.stored.get(column.name) is None:
            values = (text for text in plan.pool(column.name).accepted if text is not None)
            filled = draft.replace(**{column.name: next(values, None)})
            draft = context.stored(filled) or draft
    draft = pinned(draft, [column.name for column in table.columns])
    stored = context.keep(inserting(draft)).rows
    return replace(draft, stored=stored[0] if stored else draft.stored)
