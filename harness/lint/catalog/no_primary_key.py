"""A table without a primary key.

Its rows cannot be told apart, logical replication cannot find them, and no foreign key refers to
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class NoPrimaryKey:
    """A table has no primary key."""

    id: ClassVar[str] = "no-primary-key"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(_QUERY):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation} has no primary key",
                )


_QUERY = """
    SELECT c.oid::bigint AS "table" FROM pg_class AS c
    WHERE
        c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)
        AND NOT EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhrelid = c.oid)
    ORDER BY 1
"""
