"""A policy for a role that lacks the privilege.

PostgreSQL checks privileges before policies. If the role that a policy names may not use the
command at all, the policy has no effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import COMMANDS, View


class PolicyWithoutGrant:
    """A policy names a role and command that no privilege reaches."""

    id: ClassVar[str] = "policy-without-grant"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy."""
        by_name = {role.name: role for role in view.catalog.roles}
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            if relation is None:
                continue
            commands = COMMANDS if policy.command == "ALL" else (policy.command,)
            for name in policy.roles:
                role = by_name.get(name)
                if role is None or role.bypasses or role.owns:
                    continue
                if not any(view.may(relation, role, command) for command in commands):
                    yield Objection(
                        Object("policy", relation.name.schema, policy.name, relation.name.name),
                        f"{relation}: policy {policy.name} is for {name}, which has no privilege to"
                        f" {' or '.join(commands)}",
                    )
