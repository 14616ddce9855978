"""A function that is declared IMMUTABLE and reads a table, the clock or the session.

PostgreSQL stores the result of such a function in an index or a generated column. It does not
compute the result again when the table, the clock or the session changes, so the index no longer
finds the row. If nothing stores the result, the finding is advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of

_OTHER_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_PARTS = re.compile(r"\b(?:extract|substring|trim|overlay)\s*\([^()]*\)", re.IGNORECASE)
_CHANGES = re.compile(
    r"\b(?:(?:now|clock_timestamp|statement_timestamp|random|gen_random_uuid|nextval"
    r"|current_setting)\s*\(|CURRENT_DATE\b|CURRENT_TIMESTAMP\b|LOCALTIMESTAMP\b"
    r"|CURRENT_USER\b|SESSION_USER\b)",
    re.IGNORECASE,
)


class ImmutableReads:
    """An index or generated column calls an IMMUTABLE function that reads what may change."""

    id: ClassVar[str] = "immutable-reads"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such function; of one that nothing stores, it is advice."""
        names = {relation.name.name for relation in view.catalog.relations}
        schemas = {relation.name.schema for relation in view.catalog.relations}
        tables = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        read = re.compile(rf'\b(?:FROM|JOIN)\s+(?:"?\w+"?\.)?"?({tables})"?(?!\w)', re.IGNORECASE)
        for row in view.rows(query_of("immutable_reads")) if names else ():
            body = _PARTS.sub(" ", _OTHER_TEXT.sub(" ", row["body"] or ""))
            table, changes = read.search(body), _CHANGES.search(body)
            if row["schema"] not in schemas or not (table or changes):
                continue
            what = f"the table {table[1]}" if table else changes[0].rstrip("( ") if changes else ""
            kept = "an index or a generated column keeps" if row["stored"] else "a plan may keep"
            yield Objection(
                Object("function", row["schema"], row["name"]),
                f"{row['schema']}.{row['name']}() is declared IMMUTABLE and reads {what}:"
                f" {kept} what it said first",
                None if row["stored"] else "advice",
            )
