"""A policy that raises an error if the session does not say who the user is.

``current_setting('app.user')`` without a second argument raises 42704 if the setting was never set.
After ``SET LOCAL`` the setting is ``''``, and a cast of that to a number or uuid raises 22P02. The
server evaluates each part of the policy that reads no column, once in each of these states. Use
``nullif(current_setting('app.user', true), '')``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.access.catalog import Relation
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View
from harness.rowgen.expression import Call, ColumnRef, Node, parse, walk


class PolicyClaimCast:
    """A policy raises where nobody has said who it is."""

    id: ClassVar[str] = "policy-claim-cast"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy, or the function that it calls."""
        functions = {f.oid: f for f in view.catalog.functions}
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            if relation is None or not view.users(relation):
                continue
            found = next((x for t in policy.texts for x in _raising(view, relation, t)), None)
            if found is None:
                continue
            text, state, when = found
            called = [functions[oid] for oid in policy.functions if oid in functions]
            function = next((f for f in called if f"{f.name}(" in text), None)
            at = Object("policy", relation.name.schema, policy.name, relation.name.name)
            if function is not None and function.schema not in view.provided:
                at = Object("function", function.schema, function.name)
            yield Objection(
                at,
                f"{relation}: policy {policy.name} raises {state} {when}: {text}",
            )


_STATES: tuple[tuple[dict[str, str] | None, str], ...] = (
    (None, "in a session that never set it"),
    ({}, "after SET LOCAL, which leaves '' behind"),
)
_FOR_CLAIMS = ("22P02", "42704", "22023")


def _raising(view: View, relation: Relation, text: str) -> Iterator[tuple[str, str, str]]:
    """The parts of a condition that raise without claims: what, SQLSTATE, when."""
    for part in dict.fromkeys(node.sql for node in _alone(parse(text))):
        for claims, when in _STATES:
            given = None if claims is None else dict.fromkeys(view.settings, "")
            answer = view.values(f"SELECT {part}", given)
            if answer in _FOR_CLAIMS and _is_asked(view, relation, text, given):
                yield part, str(answer), when
                break


def _is_asked(view: View, relation: Relation, text: str, given: dict[str, str] | None) -> bool:
    """Whether a condition raises as a whole: CASE may keep a part from being evaluated."""
    if not re.search(r"\bCASE\b", text):
        return True
    row = sql.SQL("SELECT FROM (SELECT (NULL::{}).*) AS {}").format(
        relation.name.identifier, sql.Identifier(relation.name.name)
    )
    return view.values(f"{row.as_string(None)} WHERE {text}", given) in _FOR_CLAIMS


def _alone(node: Node) -> Iterator[Node]:
    """The largest parts that read no column, of those that could raise."""
    if not any(isinstance(part, ColumnRef) for part in walk(node)):
        if any(isinstance(part, Call) for part in walk(node)):
            yield node
        return
    for part in node.parts:
        yield from _alone(part)
