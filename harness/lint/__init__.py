"""Linters, one file each, behind one protocol.

To add a linter: one module with a class that has the methods of Linter, one line in
LINTERS, one test. Modules with an underscore are what linters are made of, and how they
are run together.
"""

from __future__ import annotations

from harness.core.registry import registered
from harness.lint._looking import Look
from harness.lint.base import Linter, Project, Unit

LINTERS: tuple[type[Linter], ...] = registered(
    __name__,
    "sqlfluff:SqlFluff",
    "squawk:Squawk",
    "harness_rules:Own",
    "bodies:Bodies",
    "catalog:CatalogRules",
)

__all__ = ["LINTERS", "Linter", "Look", "Project", "Unit", "look_at"]


def look_at(project: Project) -> Look:
    """All linters over a project."""
    return Look(project, [linter(project) for linter in LINTERS])
