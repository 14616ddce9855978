"""Restrictive policies without a permissive one.

A restrictive policy only narrows what permissive policies allow. If a role has no permissive policy
for a command, it reaches no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import COMMANDS, View


class RestrictiveAlone:
    """For a role and command there are restrictive policies and no permissive one."""

    id: ClassVar[str] = "restrictive-alone"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each table, with the roles and commands."""
        for relation in view.protected:
            found: dict[str, list[str]] = {}
            for role in view.clients:
                for command in COMMANDS:
                    policies = view.applying(relation, role, command)
                    alone = policies and not any(policy.permissive for policy in policies)
                    if alone and view.may(relation, role, command):
                        found.setdefault(role.name, []).append(command)
            for name, commands in found.items():
                policy = next(p for p in view.catalog.of(relation) if not p.permissive)
                yield Objection(
                    Object("policy", relation.name.schema, policy.name, relation.name.name),
                    f"{relation}: {name} gets no row by {', '.join(commands)}:"
                    " all policies are restrictive, and none is permissive",
                )
