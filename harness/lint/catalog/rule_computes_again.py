"""A rule that gets another value than the row.

PostgreSQL expands a rule like a macro. In ``DO ALSO INSERT INTO log VALUES (NEW.id)``, ``NEW.id``
stands for the default's expression, which is evaluated again: the log gets the next number of the
sequence. Use a trigger.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class RuleComputesAgain:
    """A DO ALSO rule at INSERT reads NEW.column, whose default is another value each time."""

    id: ClassVar[str] = "rule-computes-again"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each rule and column."""
        for row in view.rows(query_of("rule_computes_again")):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation}: rule {row['name']} reads NEW.{row['column']}, which computes the"
                    " column's default again: it gets another value than the row; use a trigger",
                )
