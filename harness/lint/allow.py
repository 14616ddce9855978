"""``-- harness: allow RULE reason``: a finding that is accepted, where it stands.

At the end of a line it is about that line. On a line of its own it is about the statement
after it, all of it, and inside a function's body about the next line of code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.findings import Finding
from harness.lint.statements import spans

UNREASONED, UNUSED = "HL01", "HL02"
_ALLOW = re.compile(r"--[ \t]*harness:[ \t]*allow\b[ \t]*(?P<rule>[^\s]*)[ \t]*(?P<reason>.*)")
_ELSEWHERE = ("migrations:", "mutant:")
"""What rules begin with that only runs have findings of: ``migrations`` and ``mutate``."""
_NO_CODE = re.compile(r"\s*(--.*)?$")


@dataclass(frozen=True, slots=True)
class Allowance:
    """One such comment, and the lines (first and last, from 1) that it is about."""

    path: Path
    line: int
    column: int
    rule: str
    reason: str
    first: int
    last: int

    def accepts(self, finding: Finding) -> bool:
        """Whether a finding is what the comment is about."""
        inside = finding.path == self.path and self.first <= finding.line <= self.last
        return inside and self.rule in finding.names and bool(self.reason)


def allowances(path: Path, text: str) -> list[Allowance]:
    """The comments of one file."""
    if "harness:" not in text:
        return []
    lines = text.split("\n")
    found = []
    for number, line in enumerate(lines, 1):
        if match := _ALLOW.search(line):
            own_line = not line[: match.start()].strip()
            first, last = _after(number, lines, text) if own_line else (number, number)
            rule, reason = match["rule"], match["reason"].strip()
            found.append(Allowance(path, number, match.start() + 1, rule, reason, first, last))
    return found


def _after(number: int, lines: Sequence[str], text: str) -> tuple[int, int]:
    """The lines of what follows a comment that has its line to itself."""
    rest = (n for n in range(number + 1, len(lines) + 1) if not _NO_CODE.match(lines[n - 1]))
    first = next(rest, number)
    return number, next((last for start, last in spans(text) if start == first), first)


def settled(
    found: Iterable[Finding], allowed: Sequence[Allowance], unseen: Collection[str]
) -> list[Finding]:
    """What is left of findings, and what is wrong with the comments.

    ``unseen`` are the linters that could not look: what a comment accepts of theirs is not
    known. A finding of the comments themselves is not accepted by another one.
    """
    left, used = [], set[Allowance]()
    for finding in found:
        by = [one for one in allowed if one.accepts(finding)]
        used.update(by)
        if not by:
            left.append(finding)
    return left + [wrong for one in allowed if one not in used for wrong in _wrong(one, unseen)]


def _wrong(allowance: Allowance, unseen: Collection[str]) -> list[Finding]:
    if not allowance.rule or not allowance.reason:
        message = "a rule and a reason are expected: -- harness: allow RULE reason"
        return [_about(allowance, UNREASONED, message)]
    if unseen or allowance.rule.startswith(_ELSEWHERE):
        return []
    message = f"accepts nothing: {allowance.rule} has no finding here"
    return [_about(allowance, UNUSED, message)]


def _about(allowance: Allowance, code: str, message: str) -> Finding:
    return Finding(allowance.path, allowance.line, allowance.column, "harness", code, message)
