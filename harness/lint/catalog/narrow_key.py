"""A key that runs out of numbers.

An ``integer`` primary key that is filled from a sequence ends at 2,147,483,647, a ``smallint`` key
at 32,767. Use ``bigint``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class NarrowKey:
    """A primary key that a sequence feeds has fewer than 64 bits."""

    id: ClassVar[str] = "narrow-key"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(query_of("narrow_key")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation}: its key {row['name']} is {row['type']}, and a sequence feeds it",
                )
