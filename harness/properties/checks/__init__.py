"""The property checks, one file each.

To add one: a module with a class that has the methods of `harness.properties.base.Property`,
whose docstring explains it to users, one line in CHECKS, tests on a schema that keeps the
promise and on one that breaks it.
"""

from harness.properties.base import Property
from harness.properties.checks.not_null import NotNull

CHECKS: tuple[type[Property], ...] = (NotNull,)

__all__ = ["CHECKS"]
