"""The property checks, one file each.

To add one: a module with a class that has the methods of `harness.properties.base.Property`,
whose docstring explains it to users, one line in CHECKS, tests on a schema that keeps the
property and on one that breaks it.
"""

from harness.core.registry import registered
from harness.properties.base import PropertyCheck
from harness.properties.checks.tenant import Tenant


def made(tenant: str = "") -> dict[str, PropertyCheck]:
    """Every check by its id; ``tenant`` is the column that says whose a row is."""
    return {check.id: Tenant(tenant) if check is Tenant else check() for check in CHECKS}


CHECKS: tuple[type[PropertyCheck], ...] = registered(
    __name__,
    "check_constraint:Check",
    "default:Default",
    "exclude:Exclude",
    "foreign_key:ForeignKey",
    "generated:Generated",
    "length:Length",
    "trigger:MaintainedTimes",
    "not_null:NotNull",
    "sequence:Sequences",
    "tenant:Tenant",
    "trigger:Triggers",
    "unique:Unique",
    "usable:Usable",
)

__all__ = ["CHECKS", "made"]
