"""Linters, one file each, behind one protocol.

To add a linter: one module with a class that has the methods of Linter, one line in
LINTERS, one test. Modules with an underscore are what linters are made of, and how they
are run together.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.registry import registered
from harness.lint._looking import Look
from harness.lint.base import Linter, Project, Unit

LINTERS: tuple[type[Linter], ...] = registered(
    __name__,
    "sqlfluff:SqlFluff",
    "squawk:Squawk",
    "harness_rules:HarnessRules",
    "bodies:Bodies",
    "assertion_arguments:AssertionArguments",
    "catalog:CatalogRules",
)

ON_A_SERVER = tuple(one for one in LINTERS if one.on_a_server)
"""Those that look at the schema as a server has it, whichever files say so."""

__all__ = ["LINTERS", "ON_A_SERVER", "Linter", "Look", "Project", "Unit", "look_at"]


def look_at(project: Project, linters: Sequence[type[Linter]] = LINTERS) -> Look:
    """Linters over a project, all of them if no others are named."""
    return Look(project, [linter(project) for linter in linters])
