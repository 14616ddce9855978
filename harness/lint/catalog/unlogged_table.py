"""An unlogged table, which a crash empties.

PostgreSQL truncates an unlogged table after a crash, and no replica has its rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class UnloggedTable:
    """A table is unlogged."""

    id: ClassVar[str] = "unlogged-table"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(query_of("unlogged_table")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation} is unlogged: a crash empties it",
                )
