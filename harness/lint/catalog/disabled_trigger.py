"""A trigger that is disabled, so it does not fire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class DisabledTrigger:
    """A trigger is disabled."""

    id: ClassVar[str] = "disabled-trigger"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(query_of("disabled_trigger")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("trigger", relation.name.schema, row["name"], relation.name.name),
                    f"{relation}: trigger {row['name']} is disabled",
                )
