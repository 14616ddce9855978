"""A table without row level security that belongs to tables with it.

A role can reach all rows of the table. The table refers to a table with row level security, or has
the column by which that table's policies know the owner of a row. Tables that policies read are
left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.access.catalog import Relation
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of


class RlsOffBesideRls:
    """A client reaches a table without policies that belongs to protected ones."""

    id: ClassVar[str] = "rls-off-beside-rls"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such table."""
        for relation in view.catalog.relations:
            if not relation.holds_rows or relation.protected or relation.parents:
                continue
            if relation.oid in view.inputs.consulted or view.catalog.of(relation):
                continue
            if view.users(relation) and (why := _belongs(view, relation)):
                roles = ", ".join(role.name for role in view.users(relation))
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation}: no row level security, {roles} may use it, and it {why}",
                )


def _belongs(view: View, relation: Relation) -> str:
    """How a table belongs to a protected one that the same roles use; empty where it does not."""
    users = {role.name for role in view.users(relation)}
    protected = {
        r.oid: r
        for r in view.protected
        if users & {role.name for role in view.users(r)} and view.catalog.of(r)
    }
    rows = view.rows(query_of("rls_off_beside_rls"), {"table": relation.oid})
    for row in rows:
        if row["target"] in protected and not row["key"]:
            return f"refers to {protected[row['target']]}, which has it"
    extended = {row["target"] for row in rows if row["key"]}
    for column in relation.columns:
        if column.name in view.inputs.principal:
            for other in protected.values():
                # Every table has a column called id.
                same = column.name != "id" or other.oid in extended
                if same and column.name in view.inputs.of_relation(other):
                    return f"has the column {column.name}, which policies of {other} compare"
    return ""
