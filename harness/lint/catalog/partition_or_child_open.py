"""A partition or child that is open where the table above it is protected.

Policies of a partitioned table, or of a parent, hold for queries of it; whoever may use the
partition or child by its own name is bound by its own policies only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class PartitionOrChildOpen:
    """A client has a grant on a partition or child of a protected table that is not protected."""

    id: ClassVar[str] = "partition-or-child-open"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such table."""
        for relation in view.catalog.relations:
            above = next((r for r in view.catalog.above(relation) if r.protected), None)
            users = view.users(relation)
            if above is not None and users and not relation.protected:
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation}: {', '.join(role.name for role in users)} may use it without the"
                    f" policies of {above}, which is above it",
                )
