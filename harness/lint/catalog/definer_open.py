"""A SECURITY DEFINER function over a protected table that everybody may call by default.

PUBLIC has EXECUTE on a new function until you revoke it. A SECURITY DEFINER function that writes
a protected table, or returns its rows, bypasses the policies for every caller. REVOKE EXECUTE
FROM PUBLIC and grant it to the roles that need it. Trigger functions, and functions that policies
call, are left out.
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
