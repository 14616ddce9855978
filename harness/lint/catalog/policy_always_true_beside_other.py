"""A policy that is always true, next to a narrower one.

PostgreSQL joins permissive policies with OR. If one of them is always true, the narrower ones for
the same role have no effect. A policy without TO applies to every role.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class PolicyAlwaysTrueBesideOther:
    """A permissive SELECT policy that is always true stands beside a narrower one."""

    id: ClassVar[str] = "policy-always-true-beside-other"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy, with the narrower one."""
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            if relation is None or not policy.permissive or policy.command not in ("SELECT", "ALL"):
                continue
            if not view.always_true(relation, policy.qual):
                continue
            for role in view.clients:
                if not policy.applies_to(role) or not view.may(relation, role, "SELECT"):
                    continue
                narrower = [
                    p
                    for p in view.applying(relation, role, "SELECT")
                    if p.permissive and p is not policy and not view.always_true(relation, p.qual)
                ]
                if narrower and not view.is_narrowed(relation, role, "SELECT"):
                    yield Objection(
                        Object("policy", relation.name.schema, policy.name, relation.name.name),
                        f"{relation}: policy {policy.name} is always true for {role.name},"
                        f" so that {narrower[0].name} keeps nothing from it",
                    )
                    break
