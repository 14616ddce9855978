"""Invoke tasks of this repository: the harness' own. Try ``invoke --list``."""

from harness.tasks import namespace

__all__ = ["namespace"]
