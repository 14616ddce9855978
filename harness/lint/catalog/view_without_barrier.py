"""A view that filters rows by user and does not guard them.

The readers of such a view have no privilege on its tables, so the view alone decides what they see.
Without ``security_barrier``, a function in a reader's own condition may run on rows that the view
hides. If readers can write through the view, it needs WITH CHECK OPTION too. Without it, they can
add rows that the view does not show, or give rows away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.access.catalog import WRITES, Relation
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View
from harness.lint.catalog.owner_view_over_rls import asks_who_reads


class ViewWithoutBarrier:
    """A view asks who reads it, and has no security_barrier or CHECK OPTION."""

    id: ClassVar[str] = "view-without-barrier"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such view."""
        for relation in view.catalog.relations:
            readers = view.users(relation, ("SELECT",))
            guard = next((r for r in _inlined(view, relation) if asks_who_reads(view, r)), None)
            if guard is None or relation.invoker or not readers:
                continue
            tables = [r for r in view.catalog.below(relation) if r.holds_rows]
            if any(view.may(table, role, "SELECT") for table in tables for role in readers):
                continue
            if not relation.barrier:
                yield Objection(
                    Object("view", *relation.name),
                    f"view {guard} is the only guard of its rows, and no security_barrier",
                )
            if guard is not relation:
                continue
            writes = [c for c in ("INSERT", "UPDATE") if relation.updatable & WRITES[c]]
            writers = view.users(relation, writes) if writes else []
            if writers and relation.check_option is None:
                yield Objection(
                    Object("view", *relation.name),
                    f"view {relation} can be written by {', '.join(r.name for r in writers)}"
                    " without CHECK OPTION: rows are added that it does not show",
                )


def _inlined(view: View, relation: Relation) -> Iterator[Relation]:
    """A view, and those under it that do not keep conditions of others out of theirs."""
    yield relation
    below = (r for r in view.catalog.below(relation) if r.kind == "v")
    yield from (r for r in below if not r.barrier and not r.invoker)
