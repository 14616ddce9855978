"""A column grant that a table grant defeats.

A role that is granted some columns has the same privilege on the whole table, by itself, PUBLIC or
a role that it belongs to: the columns that were left out are open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class ColumnGrantDefeated:
    """A role has a column grant, and the same privilege on the table."""

    id: ClassVar[str] = "column-grant-defeated"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each table, role and privilege."""
        for row in view.rows(query_of("column_grant_defeated")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("grant", *relation.name, relation.name.name, row["role"]),
                    f"{relation}: {row['role']} is granted {row['privilege']} of {row['columns']}"
                    " only, and has it on the table",
                )
