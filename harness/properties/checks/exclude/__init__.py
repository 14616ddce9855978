"""The check of EXCLUDE constraints."""

from harness.properties.checks.exclude.check import Exclude

__all__ = ["Exclude"]
