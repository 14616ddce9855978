"""A policy that compares with a subquery that may return several rows.

``org = (SELECT org FROM members ...)`` fails with 21000 for a user who belongs to two
organisations. ``LIMIT 1`` without ``ORDER BY`` avoids the error, but picks an arbitrary row. Use
``IN`` or ``EXISTS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View, query_of
from harness.rowgen.expression import Both, Comparison, parse


class PolicyScalarSubquery:
    """A policy compares with a subquery that no unique key makes one row."""

    id: ClassVar[str] = "policy-scalar-subquery"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such policy."""
        for policy in view.catalog.policies:
            relation = view.catalog.by_oid.get(policy.relation)
            queries = [q for text in policy.texts for q in scalar_subqueries(text)]
            if relation is not None and (
                wrong := next(filter(None, (_why(view, q) for q in queries)), "")
            ):
                yield Objection(
                    Object("policy", relation.name.schema, policy.name, relation.name.name),
                    f"{relation}: policy {policy.name} compares with a subquery {wrong}",
                )


_COMPARED = re.compile(r"(?:=|<>|<|>|<=|>=)\s*\(\s*(?=SELECT\s)", re.IGNORECASE)
_FROM = re.compile(r"\sFROM\s+((?:[\w\"]+\.)?[\w\"]+)(?:\s+(?:AS\s+)?(\w+))?", re.IGNORECASE)
_AGGREGATE = re.compile(
    r"SELECT\s+\(*\s*(?:count|sum|min|max|avg|bool_or|bool_and|every|array_agg)\(", re.I
)


def scalar_subqueries(text: str) -> Iterator[str]:
    """The subqueries that are compared with as a value."""
    for match in _COMPARED.finditer(text):
        depth, end = 1, match.end()
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield text[match.end() : end - 1]


def _why(view: View, query: str) -> str:
    """What is wrong with a subquery; empty where nothing is."""
    if _AGGREGATE.match(query):
        return ""
    if re.search(r"\sLIMIT\s+1\b", query):
        return "" if "ORDER BY" in query else "that takes any row: LIMIT without ORDER BY"
    source = _FROM.search(query)
    if source is None:
        return ""
    rest = query[source.end() :]
    if re.match(r"\s*(?:,|\w*\s*JOIN\b)", rest):
        return ""  # of several tables: the survey tries it with rows
    alias = source[2] if source[2] and source[2].upper() != "WHERE" else source[1]
    asked = {*_asked(rest.partition("WHERE")[2], alias.rpartition(".")[2].strip('"'))}
    for row in view.rows(query_of("policy_scalar_subquery"), {"table": source[1]}):
        wanted = {*map(_bare, row["columns"])}
        if row["predicate"]:
            wanted |= {*_asked(row["predicate"], "")}
        if wanted <= asked:
            return ""
    return f"that may have several rows: no unique key of {source[1]} makes it one (21000)"


def _asked(condition: str, alias: str) -> Iterator[str]:
    """What all rows have to fulfil; of an equation, what is equal to something of no such row."""
    own = re.compile(rf"\b{re.escape(alias)}\." if alias else r"(?!)")
    tree = parse(condition)
    for one in tree.operands if isinstance(tree, Both) and tree.operator == "and" else (tree,):
        yield _bare(own.sub("", one.sql))
        if isinstance(one, Comparison) and one.operator == "=":
            for side, other in ((one.left, one.right), (one.right, one.left)):
                if not own.search(other.sql):
                    yield _bare(own.sub("", side.sql))


def _bare(text: str) -> str:
    """An expression without parentheses, spaces and casts, which the server adds."""
    return re.sub(r"::[\w ]+|[\s()\"]", "", text)
