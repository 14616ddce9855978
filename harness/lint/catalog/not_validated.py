"""A constraint that was never validated.

NOT VALID holds for new rows; those that were there are not known to satisfy it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class NotValidated:
    """A constraint is NOT VALID."""

    id: ClassVar[str] = "not-validated"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(_QUERY):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("constraint", relation.name.schema, row["name"], relation.name.name),
                    f"{relation}: constraint {row['name']} is NOT VALID:"
                    " VALIDATE CONSTRAINT looks at older rows",
                )


_QUERY = """
    SELECT conrelid::bigint AS "table", conname::text AS name
    FROM pg_constraint WHERE NOT convalidated AND conrelid <> 0
        AND coalesce((to_jsonb(pg_constraint) ->> 'conenforced')::boolean, true)
    ORDER BY 1, 2
"""
