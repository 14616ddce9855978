"""A policy that lets a role write every row.

With a permissive USING that is always true, a role can change or delete every row. With a WITH
CHECK that is always true, it can add any row, or change rows into any other. One kind of policy is
left out: it names roles with more rights than others, such as administrators, and the narrower
policies of the table apply to other roles only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.access.catalog import Policy, Relation, Role
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class PolicyAlwaysTrueWrite:
    """A permissive condition of a write is always true."""

    id: ClassVar[str] = "policy-always-true-write"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy."""
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            if relation is None or not policy.permissive or policy.command == "SELECT":
                continue
            condition = _constant(view, relation, policy)
            roles = [role.name for role in view.clients if _writes(view, relation, policy, role)]
            if condition and roles and not _is_above(view, relation, policy):
                yield Objection(
                    Object("policy", relation.name.schema, policy.name, relation.name.name),
                    f"{relation}: {condition} of policy {policy.name} is always true,"
                    f" so {', '.join(roles)} may {_verb(policy, condition)}",
                )


_PUBLIC = {"anon", "authenticated"}


def _constant(view: View, relation: Relation, policy: Policy) -> str:
    """The condition that the planner finds nothing to ask in; empty where there is none."""
    if view.always_true(relation, policy.qual):
        return "USING"
    return "WITH CHECK" if view.always_true(relation, policy.check) else ""


def _writes(view: View, relation: Relation, policy: Policy, role: Role) -> bool:
    """Whether a role changes rows by the policy, and no restrictive one is in its way."""
    commands = ("INSERT", "UPDATE", "DELETE") if policy.command == "ALL" else (policy.command,)
    reached = view.always_true(relation, policy.qual)
    return policy.applies_to(role) and any(
        view.may(relation, role, command)
        and not view.is_narrowed(relation, role, command)
        # Of rows that USING chooses, columns that are granted may have any value.
        and (reached or command != "UPDATE" or view.catalog.whole(relation, role, command))
        for command in commands
    )


def _is_above(view: View, relation: Relation, policy: Policy) -> bool:
    """Whether the policy's roles stand above those of narrower policies beside it."""
    if not policy.roles or set(policy.roles) & _PUBLIC:
        return False
    others = [p for p in view.catalog.of(relation) if p.permissive and p is not policy]
    narrower = [p for p in others if not _constant(view, relation, p)]
    clients = [role for role in view.clients if policy.applies_to(role)]
    return bool(narrower) and all(not p.applies_to(role) for p in narrower for role in clients)


def _verb(policy: Policy, condition: str) -> str:
    if policy.command == "UPDATE" and condition == "WITH CHECK":
        return "change rows into any other"
    if policy.command == "ALL" and condition == "WITH CHECK":
        return "add every row, and change rows into any other"
    verbs = {"INSERT": "add", "UPDATE": "change", "DELETE": "remove"}
    return f"{verbs.get(policy.command, 'read and change')} every row"
