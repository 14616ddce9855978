"""What probes have in common: the tables they work on, and pairs of rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from harness.postgres.schema_model import Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
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
        first = context.stored_row(table)
        unique = {name for index in table.indexes if index.unique for name in index.reads}
        own = sorted(name for name in unique if table.column(name).generated is None)
        second = context.distinct(first, own) if own else context.valid(table)
        if second is not None:
            others = [c.name for c in table.columns if c.name not in own and c.insertable]
            return first, context.varied(second, others)
    return None
