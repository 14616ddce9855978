"""The check of EXCLUDE constraints: the pairs of rows that it tries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from harness.postgres.schema_model import Schema
from harness.properties.base import Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.exclude.exclusion import Exclusion, exclusions
from harness.properties.checks.exclude.pairs import Pair, pairs
from harness.properties.expressions import inserting
from harness.properties.interference import Fault, accepted, refused, remarks

_MOST = 12


class Exclude:
    """Rows that exclude each other are refused, and no others."""

    id: ClassVar[str] = "exclude"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-EXCLUSION"
    )

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each EXCLUDE, and each key WITHOUT OVERLAPS."""
        for table in schema:
            for exclusion in exclusions(table, schema):
                for aspect in exclusion.aspects:
                    yield Property(self.id, table.name, exclusion.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one constraint against the server."""
        table = context.schema.by_name[prop.table]
        every = exclusions(table, context.schema)
        exclusion = next(e for e in every if e.name == prop.object)
        found = [p for p in pairs(exclusion, context) if _is(prop.aspect, p)]
        if not found:
            raise Undecided(f"no row was found that is {_WANTED[prop.aspect]}")
        context.keep(inserting(found[0].first))
        return _any(exclusion, found[:_MOST], context)


_WANTED = {
    "conflict": "excluded by another",
    "apart": "beside another and not excluded by it",
    "touching": "a neighbour of another",
    "empty": "an empty range",
    "null": "NULL in what is compared",
}


def _any(exclusion: Exclusion, found: Sequence[Pair], context: CheckContext) -> str:
    """What some say that get as far as the constraint; others may be refused by something else."""
    said, reasons = list[str](), list[str]()
    for pair in found:
        try:
            said.append(_decided(exclusion, pair, context))
        except Undecided as verdict:
            reasons.append(str(verdict))
    if not said:
        raise Undecided(reasons[0])
    return "" if "" in said else remarks(*said)


def _is(aspect: str, pair: Pair) -> bool:
    if aspect == "conflict":
        return pair.excluded
    if aspect == "apart":
        return not pair.excluded and pair.kind == ""
    return pair.kind == aspect


def _decided(exclusion: Exclusion, pair: Pair, context: CheckContext) -> str:
    fault = Fault(
        pair.what,
        "23P01",
        exclusion.names,
        lambda row: exclusion.excludes(pair.stored, row, context),
    )
    statement = inserting(pair.second)
    if pair.kind == "empty" and exclusion.constraint.period:
        # The server's own condition, which names the table's column and no constraint.
        return refused(context, exclusion.table, statement, Fault(pair.what, "23514"))
    if pair.excluded:
        return refused(context, exclusion.table, statement, fault)
    return accepted(context, exclusion.table, statement, pair.what, fault)[1]
