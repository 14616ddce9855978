"""A SECURITY DEFINER function that uses a table with row level security and is open to PUBLIC.

PUBLIC has EXECUTE on a new function until you revoke it. The function runs with its owner's rights,
so it can bypass the policies for every caller. REVOKE EXECUTE FROM PUBLIC and grant it to the roles
that need it. Trigger functions, and functions that policies call, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class DefinerOpen:
    """SECURITY DEFINER over a protected table, and EXECUTE is PUBLIC's by default."""

    id: ClassVar[str] = "definer-open"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such function, with the table."""
        called = {oid for policy in view.catalog.policies for oid in policy.functions}
        for function in view.catalog.functions:
            if not (function.definer and function.default_acl) or function.oid in called:
                continue
            if function.returns in ("trigger", "event_trigger", "bool"):
                continue
            for relation in view.protected:
                if re.search(rf"\b{re.escape(relation.name.name)}\b", function.body):
                    yield Objection(
                        Object("function", function.schema, function.name),
                        f"{function} is SECURITY DEFINER, reaches {relation}, and all may call"
                        " it: REVOKE EXECUTE FROM PUBLIC, and grant it to whom it is for",
                    )
                    break
