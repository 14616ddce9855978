"""Two indexes that are the same.

Both have the same keys, operator classes, predicate and uniqueness, and every write updates both.
Drop one. If a constraint needs one of them, keep that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class DuplicateIndex:
    """An index is an exact duplicate of another."""

    id: ClassVar[str] = "duplicate-index"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(query_of("duplicate_index")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("index", relation.name.schema, row["name"], relation.name.name),
                    f"{relation}: index {row['name']} is the same as {row['other']}",
                )
