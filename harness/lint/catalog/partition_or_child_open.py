"""A partition or child without row level security, although its parent has it.

The policies of a partitioned or parent table apply to queries that name that table. A query that
names the partition or child asks only the policies of that partition or child. Without row level
security there, a role with a grant on it reaches all of its rows. Enable row level security there
too, or revoke the grant.
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
