"""The check of unique keys."""

from harness.properties.checks.unique.check import Unique

__all__ = ["Unique"]
