"""Row level security without a policy.

Only the owner, and roles that bypass row level security, see rows. The finding is advice. It is an
error if a policy of another table, or a ``security_invoker`` view, reads the table with the rights
of the querying role: the policy or view then sees no rows either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.access.catalog import Relation
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class RlsOnWithoutPolicy:
    """A protected table has no policy, and a client has a grant on it."""

    id: ClassVar[str] = "rls-on-without-policy"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such table."""
        for relation in view.protected:
            users = view.users(relation)
            if view.catalog.of(relation) or not users or relation.is_partition:
                continue
            roles = ", ".join(role.name for role in users)
            text = f"{relation}: row level security is on without a policy: {roles} see no row"
            reader = _reader(view, relation)
            if reader:
                text += f", and {reader} reads it as them"
            yield Objection(Object("table", *relation.name), text, "error" if reader else None)


def _reader(view: View, relation: Relation) -> str:
    """A policy of another table, or a view with the caller's rights, that reads a table."""
    for policy in view.catalog.policies:
        if policy.relation != relation.oid and relation.oid in {oid for oid, _ in policy.reads}:
            return f"policy {policy.name} of {view.catalog.by_oid[policy.relation]}"
    for other in view.catalog.relations:
        if other.invoker and relation.oid in other.reads and view.users(other, ("SELECT",)):
            return f"view {other}"
    return ""
