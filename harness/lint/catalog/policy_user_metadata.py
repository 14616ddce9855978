"""A policy that trusts ``user_metadata``, which users can edit.

Users can change the ``user_metadata`` of their own token. If a policy grants a right by it, every
user can take that right. Use ``app_metadata``, which only the server changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.access.inputs import with_called
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class PolicyUserMetadata:
    """A policy reads user_metadata."""

    id: ClassVar[str] = "policy-user-metadata"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy."""
        functions = {f.oid: f for f in view.catalog.functions}
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            called = [functions[oid] for oid in policy.functions if oid in functions]
            bodies = [one.body for one in with_called(view.catalog, called)]
            texts = [*policy.texts, *bodies]
            if relation is not None and any(
                "user_metadata" in t or "raw_user_meta" in t for t in texts
            ):
                yield Objection(
                    Object("policy", relation.name.schema, policy.name, relation.name.name),
                    f"{relation}: policy {policy.name} reads user_metadata, which users edit"
                    " themselves; app_metadata is the server's",
                )
