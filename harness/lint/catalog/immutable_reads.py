"""A function that is declared IMMUTABLE and reads a table, the clock or the session.

PostgreSQL stores the result of such a function in an index or a generated column. It does not
compute the result again when the table, the clock or the session changes, so the index no longer
finds the row. The day or hour of a ``timestamptz`` depends on the session's time zone, unless the
function names one. A policy that calls it may decide with what it said in an earlier session's
name, since a plan keeps that. If nothing stores the result and no policy calls it, the finding is
advice.
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
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_EPOCH = re.compile(
    r"\bextract\s*\(\s*'?epoch'?\s+from\b|\bdate_part\s*\(\s*'epoch'", re.IGNORECASE
)
_LOCAL = re.compile(
    r"(?:::\s*|\bAS\s+)(?:date\b|time(?:stamp)?\b(?!\s*\(?\d*\)?\s*with\s+time))"
    r"|\b(?:to_char|date_trunc|date_part|extract)\s*\(",
    re.IGNORECASE,
)
"""What takes the day or the hour of a point in time."""
_ZONE = re.compile(r"\bAT\s+(?:TIME\s+ZONE|LOCAL)\b|\btimezone\b", re.IGNORECASE)
_TRUNCATED_IN = re.compile(r"\bdate_trunc\s*\([^()]*,[^()]*,[^()]*\)", re.IGNORECASE)


class ImmutableReads:
    """An IMMUTABLE function that an index, column or policy calls reads what may change."""

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
            zone = row["zoned"] and _is_local(row["body"] or "")
            if row["schema"] not in schemas or not (table or changes or zone):
                continue
            what = f"the table {table[1]}" if table else changes[0].rstrip("( ") if changes else ""
            what = what or "the session's TimeZone, since it takes the day or hour of a timestamptz"
            kept = "an index or a generated column keeps" if row["stored"] else "a plan may keep"
            decides = row["decides"] and (table or changes)
            if decides and not row["stored"]:
                kept = "a policy calls it, and a plan may keep"
            yield Objection(
                Object("function", row["schema"], row["name"]),
                f"{row['schema']}.{row['name']}() is declared IMMUTABLE and reads {what}:"
                f" {kept} what it said first",
                None if row["stored"] or decides else "advice",
            )


def _is_local(body: str) -> bool:
    """Whether a function takes the day or hour of a timestamptz, and names no time zone."""
    body = _TRUNCATED_IN.sub(" ", _EPOCH.sub(" ", _COMMENT.sub(" ", body)))
    return _LOCAL.search(body) is not None and _ZONE.search(body) is None
