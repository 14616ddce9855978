"""Linters, one file each, behind one protocol.

To add a linter: one module with a class that has the methods of Linter, one line in
LINTERS, one test. Modules with an underscore are what linters are made of, and how they
are run together.
"""

from __future__ import annotations

from harness.lint._looking import Look
from harness.lint.base import Linter, Project, Unit
from harness.lint.bodies import Bodies
from harness.lint.harness_rules import Own
from harness.lint.sqlfluff import SqlFluff
from harness.lint.squawk import Squawk

LINTERS: tuple[type[Linter], ...] = (SqlFluff, Squawk, Own, Bodies)

__all__ = ["LINTERS", "Linter", "Look", "Project", "Unit", "look_at"]


def look_at(project: Project) -> Look:
    """All linters over a project."""
    return Look(project, [linter(project) for linter in LINTERS])
