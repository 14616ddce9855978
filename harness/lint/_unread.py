"""What sqlfluff cannot read although PostgreSQL can: a note, and no finding.

sqlfluff's grammar lags behind: ``WITHOUT OVERLAPS`` of PostgreSQL 18 is unparsable to it. squawk
has a parser of PostgreSQL's own grammar; where it has read the same file without a syntax error,
the file is right, and nobody could repair it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby
from pathlib import Path

from harness.findings import Finding

_UNREAD, _WRONG = "sqlfluff:PRS", "squawk:syntax-error"


def settle(
    found: Iterable[Finding], read: Collection[Path], root: Path
) -> tuple[list[Finding], list[str]]:
    """The findings that stay, and a note for each file that is only beyond sqlfluff.

    ``read`` are the files that squawk has looked at.
    """
    found = sorted(found)
    right = {*read} - {one.path for one in found if one.rule == _WRONG}
    beyond = [one for one in found if one.rule == _UNREAD and one.path in right]
    notes = [
        f"{_short(path, root)}: sqlfluff does not understand line"
        f" {', '.join(str(one.line) for one in several)}, which PostgreSQL does; its rules are"
        " not checked there"
        for path, several in groupby(beyond, lambda one: one.path)
    ]
    return [one for one in found if one not in beyond], notes


def _short(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
