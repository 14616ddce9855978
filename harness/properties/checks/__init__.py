"""The property checks, one file each.

To add one: a module with a class that has the methods of `harness.properties.base.Property`,
whose docstring explains it to users, one line in CHECKS, tests on a schema that keeps the
property and on one that breaks it.
"""

from harness.properties.base import PropertyCheck
from harness.properties.checks.check_constraint import Check
from harness.properties.checks.default import Default
from harness.properties.checks.exclude import Exclude
from harness.properties.checks.foreign_key import ForeignKey
from harness.properties.checks.generated import Generated
from harness.properties.checks.length import Length
from harness.properties.checks.not_null import NotNull
from harness.properties.checks.sequence import Sequences
from harness.properties.checks.tenant import Tenant
from harness.properties.checks.trigger import MaintainedTimes, Triggers
from harness.properties.checks.unique import Unique
from harness.properties.checks.usable import Usable


def made(tenant: str = "") -> dict[str, PropertyCheck]:
    """Every check by its id; ``tenant`` is the column that says whose a row is."""
    return {check.id: Tenant(tenant) if check is Tenant else check() for check in CHECKS}


CHECKS: tuple[type[PropertyCheck], ...] = (
    Check,
    Default,
    Exclude,
    ForeignKey,
    Generated,
    Length,
    MaintainedTimes,
    NotNull,
    Sequences,
    Tenant,
    Triggers,
    Unique,
    Usable,
)

__all__ = ["CHECKS", "made"]
