"""A policy that is true for a session without a claim.

A *claim* is a value that says who the user is, such as ``current_setting('app.user', true)``.
``owner IS NOT DISTINCT FROM claim``, ``coalesce`` around the comparison and ``OR claim IS NULL``
can be true if the claim is missing. The rule evaluates the policy on the server, for sample rows.
It reports a policy that is true without a claim and not true for the claim of an unknown user.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.access.catalog import Relation
from harness.access.values import value_of_type
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import STRANGER, View, query_of


class PolicyNullClaim:
    """A policy is true without a claim, and not with one that is nobody's."""

    id: ClassVar[str] = "policy-null-claim"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy."""
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            if relation is None or not policy.permissive or not view.settings:
                continue
            if any(_lets_nobody_in(view, relation, text) for text in policy.texts):
                yield Objection(
                    Object("policy", relation.name.schema, policy.name, relation.name.name),
                    f"{relation}: policy {policy.name} is true without a claim, and false"
                    " for a claim that belongs to nobody",
                )


_SOMEBODYS = "7"


def _lets_nobody_in(view: View, relation: Relation, text: str) -> bool:
    """For a row of which nothing is known, and for one that is somebody's."""
    columns = view.rows(query_of("policy_null_claim"), {"table": relation.oid})
    return any(_is_open(view, relation, text, columns, known) for known in (False, True))


def _is_open(
    view: View, relation: Relation, text: str, columns: list[dict[str, str]], known: bool
) -> bool:
    values = sql.SQL(", ").join(
        sql.SQL("{}::{} AS {}").format(
            sql.Literal(value_of_type(one["base"], _SOMEBODYS, "") if known else None),
            sql.SQL(one["type"]),
            sql.Identifier(one["name"]),
        )
        for one in columns
    )
    row = sql.SQL("(SELECT {}) AS {}").format(values, sql.Identifier(relation.name.name))
    query = f"SELECT {text} FROM {row.as_string(None)}"  # noqa: S608  a policy's own words
    nobody = [view.values(query, claims) for claims in (None, view.claims(""))]
    somebody = [view.values(query, view.claims(one)) for one in ("9", STRANGER)]
    answers = [one for one in somebody if not isinstance(one, str)]
    return [True] in nobody and bool(answers) and [True] not in answers
