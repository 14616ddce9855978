"""What sqlfluff cannot read although PostgreSQL can: a note, and no finding.

sqlfluff's grammar lags behind: ``WITHOUT OVERLAPS`` of PostgreSQL 18 is unparsable to it. squawk
has a parser of PostgreSQL's own grammar; where it reads the same file without a syntax error,
the file is right, and nobody could repair it. Migrations it has read anyway; tests and seeds it
is given only for that. Neither reads psql's variables (``:name``) where a type or a schema stands:
whoever runs the file says whether it is right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from harness.core.findings import Finding

UNREAD, _WRONG = "sqlfluff:PRS", "squawk:syntax-error"
_VARIABLE = re.compile(r"""(?<![:\w]):(?:[A-Za-z_]|'[A-Za-z_]\w*'|"[A-Za-z_]\w*")""")
"""A variable of psql: ``:name``, ``:'name'``, ``:"name"``; no cast, and no slice."""
_TEXT = re.compile(r"(?<!:)'(?:[^']|'')*'")


def settle(found: Iterable[Finding], read: Collection[Path]) -> tuple[list[Finding], list[Finding]]:
    """The findings that stay, and advice for each file that is only beyond sqlfluff.

    ``read`` are the files that squawk has looked at, or can read.
    """
    found = sorted(found)
    right = {*read} - {one.path for one in found if one.rule == _WRONG}
    unread = [one for one in found if one.rule == UNREAD]
    beyond = [one for one in unread if one.path in right or _has_variable(one)]
    advice = [_told(list(several)) for _, several in groupby(beyond, lambda one: one.path)]
    return [one for one in found if one not in beyond], advice


def _has_variable(finding: Finding) -> bool:
    with suppress(OSError, IndexError):
        line = finding.path.read_text("utf-8", "replace").split("\n")[finding.line - 1]
        return bool(_VARIABLE.search(_TEXT.sub("''", line)))
    return False


def _told(several: list[Finding]) -> Finding:
    lines = ", ".join(str(one.line) for one in several)
    who = "has variables of psql" if _has_variable(several[0]) else "PostgreSQL does"
    message = (
        f"sqlfluff does not understand line {lines}, which {who}; its rules are not checked there"
    )
    return replace(several[0], message=message)
