"""A view that reads tables with row level security with its owner's rights.

A view runs as its owner, unless it is ``security_invoker``. A materialized view has the rows that
its owner saw at the last refresh. If the policies do not apply to the owner, the view shows every
row, even through other views. The finding is a warning if the role may not read the table itself,
since the view may be meant to show it. `view-without-barrier` checks the views whose condition
reads who the user is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from harness.access.catalog import Relation
from harness.access.inputs import called_by
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class OwnerViewOverRls:
    """A client reads a view that gets round the policies of a table."""

    id: ClassVar[str] = "owner-view-over-rls"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such view, with the table."""
        for relation in view.catalog.relations:
            if relation.kind not in ("v", "m") or not view.users(relation, ("SELECT",)):
                continue
            reached = _reached(view, relation)
            if reached is None or asks_who_reads(view, relation):
                continue
            users = view.users(relation, ("SELECT",))
            bound = [role for role in users if view.may(reached, role, "SELECT")]
            roles = ", ".join(role.name for role in bound or users)
            kind = "materialized view" if relation.kind == "m" else "view"
            why = "whose policies bind them" if bound else "which it may not read itself"
            yield Objection(
                Object("view", *relation.name),
                f"{kind} {relation} shows {roles} all rows of {reached}, {why}"
                + (": make it security_invoker" if relation.kind == "v" else ""),
                None if bound else "warning",
            )


_WHO = re.compile(r"\bcurrent_setting\(|\b(?:current_user|session_user)\b|\bauth\.\w+\(", re.I)


def asks_who_reads(view: View, relation: Relation) -> bool:
    """Whether a view has a condition of its own on who reads it, which a function may ask.

    What it only shows, such as whether a row is the reader's, hides none.
    """
    if relation.kind != "v" or not relation.definition:
        return False
    _, _, conditions = relation.definition.partition("\n   FROM ")
    texts = [conditions, *(function.body for function in called_by(view.whole, [conditions]))]
    return any(_WHO.search(text) for text in texts)


def _reached(view: View, relation: Relation) -> Relation | None:
    """A protected table that is read, at any depth, by somebody whom its policies do not bind."""
    for oid in relation.reads:
        below = view.catalog.by_oid.get(oid)
        if below is None:
            continue
        if below.holds_rows and below.protected and not _binds(relation, below):
            return below
        if below.kind in ("v", "m") and (found := _reached(view, below)):
            return found
    return None


def _binds(relation: Relation, table: Relation) -> bool:
    """Whether a table's policies bind whoever a view reads it as."""
    if relation.kind == "v" and relation.invoker:
        return True
    if relation.owner_bypasses:
        return False
    return relation.owner != table.owner or table.forced
