"""A WITH CHECK that does not check the row's owner.

``USING (owner = me) WITH CHECK (title <> '')`` lets a user set ``owner`` to somebody else: the user
can give the row away. The rule finds an explicit WITH CHECK that does not read the column by which
USING of the same policy ties a row to its owner. A WITH CHECK that ties another column to the same
user is left out: who is offered a row may become its owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.access.catalog import Policy
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View
from harness.rowgen.expression import ColumnRef, Comparison, Node, columns_of, parse, walk


class PolicyCheckWiderThanUsing:
    """WITH CHECK does not read the column by which USING ties a row to somebody."""

    id: ClassVar[str] = "policy-check-wider-than-using"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy."""
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            if relation is None or policy.command not in ("UPDATE", "ALL") or not policy.permissive:
                continue
            if policy.qual is None or policy.check is None:
                continue
            names = {column.name for column in relation.columns}
            tied = {*columns_of(parse(policy.qual))} & names & view.inputs.principal
            read = {*columns_of(parse(policy.check))}
            users = [role for role in view.users(relation, ("UPDATE",)) if policy.applies_to(role)]
            open_to = [
                role
                for role in users
                if not view.is_narrowed(relation, role, "UPDATE")
                and tied & set(view.catalog.columns(relation, role, "UPDATE") or ())
            ]
            if tied and not tied & read and open_to and not _is_tied_otherwise(policy, tied):
                yield Objection(
                    Object("policy", relation.name.schema, policy.name, relation.name.name),
                    f"{relation}: WITH CHECK of policy {policy.name} does not read"
                    f" {', '.join(sorted(tied))}, by which USING says whose a row is:"
                    " a row can be given away",
                )


def _is_tied_otherwise(policy: Policy, tied: set[str]) -> bool:
    """Whether WITH CHECK asks of another column what USING asks of these."""
    asked = {who for name, who in _equal(parse(policy.qual or "")) if name in tied}
    return any(who in asked for _, who in _equal(parse(policy.check or "")))


def _equal(node: Node) -> Iterator[tuple[str, str]]:
    """Columns that are compared with something that is no column, and with what."""
    for part in walk(node):
        if isinstance(part, Comparison) and part.operator == "=":
            for one, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(one, ColumnRef) and not [*columns_of(other)]:
                    yield one.name, other.sql
