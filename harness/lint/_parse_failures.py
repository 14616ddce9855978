"""What sqlfluff cannot read although PostgreSQL can: a note, and no finding.

sqlfluff's grammar lags behind: ``WITHOUT OVERLAPS`` of PostgreSQL 18 is unparsable to it. squawk
has a parser of PostgreSQL's own grammar; where it reads the same file without a syntax error,
the file is right, and nobody could repair it. Migrations it has read anyway; tests and seeds it
is given only for that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from harness.core.findings import Finding

UNREAD, _WRONG = "sqlfluff:PRS", "squawk:syntax-error"


def settle(found: Iterable[Finding], read: Collection[Path]) -> tuple[list[Finding], list[Finding]]:
    """The findings that stay, and advice for each file that is only beyond sqlfluff.

    ``read`` are the files that squawk has looked at, or can read.
    """
    found = sorted(found)
    right = {*read} - {one.path for one in found if one.rule == _WRONG}
    beyond = [one for one in found if one.rule == UNREAD and one.path in right]
    advice = [_told(list(several)) for _, several in groupby(beyond, lambda one: one.path)]
    return [one for one in found if one not in beyond], advice


def _told(several: list[Finding]) -> Finding:
    lines = ", ".join(str(one.line) for one in several)
    message = (
        f"sqlfluff does not understand line {lines}, which PostgreSQL does;"
        " its rules are not checked there"
    )
    return replace(several[0], message=message)
