"""A constraint that was never validated.

PostgreSQL checks a NOT VALID constraint for new and changed rows only. Older rows may violate it.
VALIDATE CONSTRAINT checks them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class NotValidated:
    """A constraint is NOT VALID."""

    id: ClassVar[str] = "not-validated"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(query_of("not_validated")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("constraint", relation.name.schema, row["name"], relation.name.name),
                    f"{relation}: constraint {row['name']} is NOT VALID:"
                    " VALIDATE CONSTRAINT looks at older rows",
                )
