"""Linters, one file each, behind one protocol.

To add a linter: one module with a class that has the methods of Linter, one line in
LINTERS, one test.
"""

from __future__ import annotations

from harness.lint.base import Finding, Linter
from harness.lint.sqlfluff import SqlFluff

LINTERS: tuple[type[Linter], ...] = (SqlFluff,)

__all__ = ["LINTERS", "Finding", "Linter"]
