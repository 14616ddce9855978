"""Policies that recurse without end.

A policy reads its own table, or reads a table whose policy reads the first one. Every query then
fails with 42P17, "infinite recursion detected in policy". The rule plans a query on the server, as
the role.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.access.catalog import Relation, Role
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class PolicyReadsOwnTable:
    """Policies recurse when a query is planned."""

    id: ClassVar[str] = "policy-reads-own-table"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such table."""
        for relation in view.protected:
            for role in view.users(relation):
                failing = next((c for c in _STATEMENTS if _recurses(view, relation, role, c)), None)
                if failing:
                    policies = view.applying(relation, role, failing)
                    name = policies[0].name if policies else ""
                    yield Objection(
                        Object("policy", relation.name.schema, name, relation.name.name),
                        f"{relation}: {failing} as {role.name} ends with 42P17:"
                        " its policies are recursive",
                    )
                    break


_STATEMENTS = {"SELECT": "SELECT FROM {}", "DELETE": "DELETE FROM {} WHERE true"}


def _recurses(view: View, relation: Relation, role: Role, command: str) -> bool:
    statement = sql.SQL("EXPLAIN " + _STATEMENTS[command]).format(relation.name.identifier)
    return view.may(relation, role, command) and view.state(statement, role) == "42P17"
