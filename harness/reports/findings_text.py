"""Findings for a person: a line each, the files apart, where to read on, and a sum."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TextIO

from harness.findings import Findings
from harness.reports.failure_text import relative


def write(findings: Findings, stream: TextIO) -> None:
    """Write ``file:line:column: CODE message`` for each, then the rules' pages, then notes."""
    for path, several in groupby(findings.found, lambda one: one.path):
        name = relative(path, findings.root)
        for one in several:
            stream.write(f"{name}:{one.line}:{one.column}: {one.code} {one.message}\n")
        stream.write("\n")
    for code, url in sorted({(one.code, one.help) for one in findings.found if one.help}):
        stream.write(f"{code}: {url}\n")
    stream.writelines(f"note: {note}\n" for note in findings.notes)


def summary(findings: Findings) -> str:
    """How many files and findings there are, and whose."""
    linters = Counter(one.linter for one in findings.found)
    whose = ", ".join(f"{name} {number}" for name, number in sorted(linters.items()))
    said = f"{_count(findings.files, 'file')}, {_count(len(findings.found), 'finding')}"
    return f"{said} ({whose})" if whose else said


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
