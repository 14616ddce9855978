"""Policies on a table without row level security.

Policies have no effect until ``ALTER TABLE ... ENABLE ROW LEVEL SECURITY``. Until then, a role with
a grant reaches every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class RlsOffWithPolicies:
    """A table has policies, and row level security is not enabled."""

    id: ClassVar[str] = "rls-off-with-policies"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such table."""
        for relation in view.catalog.relations:
            policies = view.catalog.of(relation)
            if policies and not relation.protected:
                names = ", ".join(policy.name for policy in policies)
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation}: row level security is not enabled, so its policies"
                    f" ({names}) do nothing",
                )
