"""The reference of the property checks, from their own docstrings.

`docs/properties.md` is written by `python -m harness.properties.reference`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from harness.properties.base import PropertyCheck
from harness.properties.checks import CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "properties.md"
INTRODUCTION = Path(__file__).with_name("introduction.md")


def explained(check: type[PropertyCheck]) -> str:
    """A check's explanation: its own docstring where that has paragraphs, or its module's.

    Where a check has a package, the package's docstring is meant.
    """
    own = inspect.cleandoc(check.__doc__ or "")
    module = check.__module__.removesuffix(".check")
    return own if "\n\n" in own else inspect.cleandoc(sys.modules[module].__doc__ or "")


def markdown() -> str:
    """The page: what property checks are, then each of them."""
    return INTRODUCTION.read_text("utf-8") + "\n".join(_sections())


def _sections() -> Iterator[str]:
    for group in dict.fromkeys(check.group for check in CHECKS):
        yield f"\n## {group.capitalize()}\n"
        for check in (one for one in CHECKS if one.group == group):
            page = check.manual.rpartition("/")[2]
            yield f"### {check.id}\n\n{explained(check)}\n\n[PostgreSQL: {page}]({check.manual})\n"


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
