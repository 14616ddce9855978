"""A function that a policy calls for every row.

A function such as ``auth.uid()``, which says who the user is, has the same result for all rows.
Wrapped in a scalar subquery, ``(SELECT auth.uid())``, it is called once per query, and an index on
the column can be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of
from harness.rowgen.expression import Call, ColumnRef, Comparison, parse, walk


class PolicyPerRowCall:
    """A policy calls a stable function of no row, unwrapped, where an index could serve."""

    id: ClassVar[str] = "policy-per-row-call"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such table, once."""
        functions = {f.oid: f for f in view.catalog.functions}
        for relation in view.protected:
            leading = {
                row["name"]
                for row in view.rows(query_of("policy_per_row_call"), {"table": relation.oid})
            }
            for policy in view.catalog.of(relation):
                names = {functions[o].name for o in policy.functions if o in functions}
                found = next((x for t in policy.texts for x in _unwrapped(t, names, leading)), None)
                if found:
                    yield Objection(
                        Object("policy", relation.name.schema, policy.name, relation.name.name),
                        f"{relation}: policy {policy.name} calls {found} for every row;"
                        f" (SELECT {found}) is called once",
                    )
                    break


def _unwrapped(text: str, names: set[str], leading: set[str]) -> Iterator[str]:
    """Calls without arguments that an indexed column is compared with."""
    for node in walk(parse(text)):
        if isinstance(node, Comparison) and node.operator == "=":
            sides = (node.left, node.right)
            calls = [s for s in sides if isinstance(s, Call) and not s.sql.startswith("(")]
            columns = {s.name for s in sides if isinstance(s, ColumnRef)}
            for call in calls:
                if columns & leading and call.name in names and not call.arguments:
                    yield call.sql
