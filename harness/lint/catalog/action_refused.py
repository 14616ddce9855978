"""A foreign key whose action a CHECK always refuses.

``ON DELETE SET NULL`` on a column with ``CHECK (parent IS NOT NULL)`` cannot succeed, and neither
can ``ON UPDATE CASCADE`` into a column that a CHECK allows one value only. As soon as a row refers
to another row, a DELETE of that row, or an UPDATE of its key, fails. Change the action or the
CHECK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of

_CONSTANT = (
    r"\(*{}\)*(?:::[\w ]+)?\)* = (?:\(?'(?:[^']|'')*'(?:::[\w ]+)?\)?|\(?-?\d+\)?(?:::\w+)?)\)*"
)
_WANTED = r"\(*{} IS NOT NULL\)*"


class ActionRefused:
    """A CHECK that lets a column hold one value, or no NULL, stands against the key's action."""

    id: ClassVar[str] = "action-refused"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such foreign key, once for each action."""
        known = {relation.name for relation in view.catalog.relations}
        for row in view.rows(query_of("action_refused")):
            if (row["schema"], row["table"]) in known:
                for action in _refused(row):
                    yield Objection(
                        Object("constraint", row["schema"], row["name"], row["table"]),
                        f"{row['schema']}.{row['table']}: {action} of {row['name']} always fails:"
                        f" CHECK {row['check']} is {row['condition']}",
                    )


def _refused(row: dict[str, Any]) -> Iterator[str]:
    column = re.escape(row["column"])
    if row["cascades"] and re.fullmatch(_CONSTANT.format(column), row["condition"]):
        yield "ON UPDATE CASCADE"
    if row["nulls"] and re.fullmatch(_WANTED.format(column), row["condition"]):
        yield "ON DELETE SET NULL"
