"""An INSTEAD OF trigger that ignores a column of its view.

A view shows a column of a table. The trigger writes to that table on UPDATE or INSERT, but does not
read the column from NEW. PostgreSQL accepts the statement, and the new value is lost. If the column
is meant to be read-only, raise an error in the trigger when somebody changes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of

_OTHER_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_WHOLE = re.compile(r'\bNEW\b(?!\s*\.\s*["\w])', re.IGNORECASE)
_RETURNED = re.compile(r"\bRETURN\s+NEW\s*;", re.IGNORECASE)
_INSERTS = re.compile(r"\bINSERT\s+INTO\b(?:(?!\bON\s+CONFLICT\b)[^;])*;", re.IGNORECASE)
_UPDATES = re.compile(r"(?<!DO )\bUPDATE\b[^;]*;", re.IGNORECASE)
_WRITES = {
    "UPDATE": r'\bUPDATE\s+(?:ONLY\s+)?(?:"?\w+"?\s*\.\s*)?"?{}(?!\w)',
    "INSERT": r'\bINSERT\s+INTO\s+(?:"?\w+"?\s*\.\s*)?"?{}(?!\w)',
}


class ViewLosesColumn:
    """A trigger writes to the table of a column that a view shows, and never reads the column."""

    id: ClassVar[str] = "view-loses-column"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such column, for UPDATE and for INSERT."""
        for row in view.rows(query_of("view_loses_column")):
            for event in ("UPDATE", "INSERT"):
                if _loses(row, event):
                    yield Objection(
                        Object("trigger", row["schema"], row["trigger"], row["view"]),
                        f"{row['schema']}.{row['view']} shows {row['column']}, and {event} loses"
                        f" it: {row['function']}() writes to {row['table']} and does not read"
                        f" NEW.{row['column']}",
                    )


def _loses(row: dict[str, Any], event: str) -> bool:
    """Whether what an event gives to a column reaches nothing, as far as that is plain."""
    if not row["updates" if event == "UPDATE" else "inserts"]:
        return False
    if event == "INSERT" and row["has_default"]:
        return False
    body = _RETURNED.sub(" ", _OTHER_TEXT.sub(" ", row["body"]))
    own = (_INSERTS if event == "UPDATE" else _UPDATES).sub(" ", body)
    writes = re.search(_WRITES[event].format(re.escape(row["table"])), own, re.IGNORECASE)
    read = re.search(rf'\bNEW\s*\.\s*"?{re.escape(row["column"])}(?!\w)', own, re.IGNORECASE)
    return bool(writes) and not read and not _WHOLE.search(body)
