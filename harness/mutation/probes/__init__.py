"""Probes: statements that properties do not need, and that tell mutants apart.

A property says what the catalog declares. A mutant may keep that and do more: refuse what nobody
said is refused, or take less of a type than before. A probe has the shape of a property check and
demands nothing: its statements are recorded with whatever the unbroken schema answers.

To add one: a module with a class as below, one line in PROBES, a test with the mutant that only
it notices.
"""

from __future__ import annotations

from harness.core.registry import registered
from harness.mutation.declared import Declared
from harness.mutation.probes.calls import Calls
from harness.properties.base import PropertyCheck

PROBES: tuple[type[PropertyCheck], ...] = registered(
    __name__,
    "alike:Alike",
    "nulls:Nulls",
    "ranges:Ranges",
    "numbers:Numbers",
    "defaults:Defaults",
    "references:References",
    "validity:Validity",
    "shown:Shown",
    "effects:Effects",
    "roles:Roles",
    "rights:Rights",
    "calls:Calls",
)


def made(declared: Declared) -> dict[str, PropertyCheck]:
    """The probes of a schema, by id."""
    found = {probe.id: probe() for probe in PROBES}
    return {**found, Calls.id: Calls(declared.functions)}


__all__ = ["PROBES", "made"]
