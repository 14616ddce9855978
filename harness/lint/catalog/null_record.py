"""A trigger function that reads the row that is NULL: NEW on DELETE, or OLD on INSERT.

PL/pgSQL raises no error there. On DELETE, ``WHERE id = NEW.id`` finds no row, so a counter is never
decremented. Read the other row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of

_OTHER_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_BRANCH = r"\bIF\s+\(?\s*TG_OP\s*=\s*'{}'\s*\)?\s+THEN\b(.*?)\b(?:ELSIF|ELSEIF|ELSE|IF)\b"
_READS = r"\b({})\s*\.\s*\"?(\w+)\b(?!\s*:=)"
_EITHER = re.compile(r"\bcoalesce\s*\([^()]*\)", re.IGNORECASE)
_NULL = {"DELETE": "NEW", "INSERT": "OLD"}


class NullRecord:
    """A function reads a column of NEW where it is called at DELETE, or of OLD at INSERT."""

    id: ClassVar[str] = "null-record"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such function, with the first column that it reads."""
        schemas = {relation.name.schema for relation in view.catalog.relations}
        for row in view.rows(query_of("null_record")):
            read = _read(row) if row["schema"] in schemas else ""
            if read:
                yield Objection(Object("function", row["schema"], row["name"]), read)


def _read(row: dict[str, Any]) -> str:
    """What is wrong with a function; empty where nothing is."""
    called = {"INSERT": row["inserts"], "DELETE": row["deletes"], "UPDATE": row["updates"]}
    for event, null in _NULL.items():
        for part in _parts(row["body"], event, called) if called[event] else ():
            read = _EITHER.sub(" ", _OTHER_TEXT.sub(" ", part))
            if found := re.search(_READS.format(null), read, re.IGNORECASE):
                return (
                    f"{row['schema']}.{row['name']}() reads {null}.{found[2]} at {event}, where"
                    f" {null} is NULL: {'OLD' if null == 'NEW' else 'NEW'} is the row that is there"
                )
    return ""


def _parts(body: str, event: str, called: dict[str, bool]) -> list[str]:
    """What is carried out at one event alone, as far as that is plain."""
    if "tg_op" not in body.lower():  # what asks for the event may be meant for other tables, too
        return [body] if sum(called.values()) == 1 else []
    found = re.finditer(_BRANCH.format(event), body, re.IGNORECASE | re.DOTALL)
    return [one[1] for one in found]
