"""A table without a primary key.

Nothing identifies a single row. Logical replication cannot replicate UPDATE and DELETE by default,
and a foreign key has no key to refer to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class NoPrimaryKey:
    """A table has no primary key."""

    id: ClassVar[str] = "no-primary-key"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(query_of("no_primary_key")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation} has no primary key",
                )
