"""An index that is not valid.

A failed CREATE INDEX CONCURRENTLY leaves one behind. Every write updates the index, and no query
uses it. Drop it, or REINDEX.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class InvalidIndex:
    """An index is not valid."""

    id: ClassVar[str] = "invalid-index"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(query_of("invalid_index")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("index", relation.name.schema, row["name"], relation.name.name),
                    f"{relation}: index {row['name']} is invalid: drop it, or REINDEX",
                )
