"""The operators, one file for a kind of object.

To add one: a module with a class that has what `harness.mutation.operators.base.Operator` asks
for, one line in OPERATORS, a test that says which mutants it makes of which schema.
"""

from __future__ import annotations

from harness.core.registry import registered
from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant
from harness.mutation.operators.base import Operator

OPERATORS: tuple[type[Operator], ...] = registered(
    __name__,
    "columns:Columns",
    "sequences:Sequences",
    "keys:Keys",
    "foreign_keys:ForeignKeys",
    "checks:Checks",
    "exclusions:Exclusions",
    "indexes:Indexes",
    "triggers:Triggers",
    "functions:Functions",
    "views:Views",
    "policies:Policies",
    "grants:Grants",
    "enums:Enums",
    "partitions:Partitions",
)

__all__ = ["OPERATORS", "Operator", "mutants"]


def mutants(declared: Declared) -> list[Mutant]:
    """Every mutant of a schema, each id once, in the order of the operators."""
    found: dict[str, Mutant] = {}
    for operator in OPERATORS:
        for mutant in operator().mutants(declared):
            found.setdefault(mutant.id, mutant)
    return list(found.values())
