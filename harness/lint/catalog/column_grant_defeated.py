"""A column grant that a grant on the whole table makes pointless.

``GRANT SELECT (id, name)`` is meant to hide the other columns. It hides nothing if the role also
has SELECT on the whole table: directly, through PUBLIC, or through a role that it is a member of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class ColumnGrantDefeated:
    """A role has a column grant, and the same privilege on the table."""

    id: ClassVar[str] = "column-grant-defeated"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each table, role and privilege."""
        for one in view.catalog.defeated:
            relation = view.catalog.by_oid.get(one.table)
            if relation is not None:
                yield Objection(
                    Object("grant", *relation.name, relation.name.name, one.role),
                    f"{relation}: {one.role} is granted {one.privilege} of {one.columns}"
                    " only, and has it on the table",
                )
