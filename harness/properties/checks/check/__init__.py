"""The check of CHECK constraints."""

from harness.properties.checks.check.check import Check

__all__ = ["Check"]
