"""A policy that lets somebody in for saying nothing.

``owner IS NOT DISTINCT FROM claim``, ``coalesce`` round the comparison, ``OR claim IS NULL``: where
there is no claim the condition is true, and it is not for a claim that is nobody's. The server is
asked, for a row of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.access.catalog import Relation
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import STRANGER, View


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
                    f"{relation}: policy {policy.name} is true for whoever has no claim,"
                    " and not for a claim that is nobody's",
                )


_UNKNOWN = """
    SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_attribute AS a
    WHERE a.attrelid = %(table)s::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
"""


def _lets_nobody_in(view: View, relation: Relation, text: str) -> bool:
    columns = sql.SQL(", ").join(
        sql.SQL("NULL::{} AS {}").format(sql.SQL(row["type"]), sql.Identifier(row["name"]))
        for row in view.rows(_UNKNOWN, {"table": relation.oid})
    )
    row = sql.SQL("(SELECT {}) AS {}").format(columns, sql.Identifier(relation.name.name))
    query = f"SELECT {text} FROM {row.as_string(None)}"  # noqa: S608  a policy's own words
    nobody = [view.values(query, claims) for claims in (None, view.claims(""))]
    somebody = [view.values(query, view.claims(one)) for one in ("9", STRANGER)]
    known = [one for one in somebody if not isinstance(one, str)]
    return [True] in nobody and bool(known) and [True] not in known
