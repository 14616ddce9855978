"""Rows that a table's triggers may look up, and a row that they may be looked up by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from harness.postgres.schema_model import Table
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.rowgen import Draft, Values

NOT_FOUND = "P0002"
"""INTO STRICT found no row."""
_TABLES, _LITERALS, _COLUMNS = 30, 5, 3
_TEXT = ("text", "varchar", "bpchar")
_LITERAL = re.compile(r"'((?:[^']|'')+)'")


def fill(context: CheckContext, table: Table) -> list[Values]:
    """Put rows into the other tables: one in each, and those that triggers name by a literal.

    Tables that triggers name come first. For the others no trigger is in the way: what a broken
    one of theirs keeps out says nothing of this table.
    """
    source = " ".join(trigger.source for trigger in table.triggers)
    literals = [text.replace("''", "'") for text in _LITERAL.findall(source)]
    found: list[Values] = []
    others = [t for t in context.schema if t.holds_rows and t.name != table.name]
    for other in sorted(others, key=lambda one: not _names(source, one))[:_TABLES]:
        named = _names(source, other)
        texts = [c.name for c in other.columns if c.type.root.name in _TEXT and c.insertable]
        wanted = [
            {name: text}
            for name in texts[:_COLUMNS]
            for text in dict.fromkeys(literals[:_LITERALS] if named else ())
        ]
        lifting, context.lifting = context.lifting, named and context.lifting
        try:
            for given in [{}, *wanted]:
                with suppress(Undecided, Failed):
                    found.append(context.stored_row(other, **given).stored)
        finally:
            context.lifting = lifting
    return found


def _names(source: str, table: Table) -> bool:
    return re.search(rf"(?<!\w){re.escape(table.name.name)}(?!\w)", source) is not None


def looking_up(draft: Draft, rows: list[Values]) -> Iterator[Draft]:
    """The row with values of another in what is called alike: ``email``, or ``user_email``."""
    free = [column.name for column in draft.table.columns if column.insertable]
    for row in rows:
        values = {
            name: text
            for name in free
            for other, text in row.items()
            if name == other or name.endswith(f"_{other}")
        }
        if values:
            yield draft.replace(**values)
