"""A policy that compares a column with itself.

In a subquery, an unqualified name means the inner table's column if it has one of that name. So
``m.org = org`` became ``m.org = m.org``, which is true for every row without a NULL there. Qualify
the column that you meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View

# m.org = m.org, and the same cast: (m.org)::text = (m.org)::text
_ITSELF = re.compile(r"(?<![\w.])\(?((?:\w+\.)+\w+)\)?((?:::\w+)?) = \(?\1\)?\2(?![\w.])")


class PolicyNamesItself:
    """A policy compares a column with itself."""

    id: ClassVar[str] = "policy-names-itself"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy, with the comparison."""
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            found = next((m for t in policy.texts if (m := _ITSELF.search(t))), None)
            if relation is not None and found:
                yield Objection(
                    Object("policy", relation.name.schema, policy.name, relation.name.name),
                    f"{relation}: policy {policy.name} compares {found[1]} with itself;"
                    " qualify the column that was meant",
                )
