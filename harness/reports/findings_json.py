"""Findings as one JSON object per line: file, line, column, linter, code, message, severity, help.

The file's path is relative to the project's root.
"""

from __future__ import annotations

import json
from typing import TextIO

from harness.findings import Findings
from harness.reports.failure_text import relative


def write(findings: Findings, stream: TextIO) -> None:
    """Write every finding, in their order."""
    for one in findings.found:
        fields = {
            "file": relative(one.path, findings.root),
            "line": one.line,
            "column": one.column,
            "linter": one.linter,
            "code": one.code,
            "message": one.message,
            "severity": one.severity,
            "help": one.help,
        }
        stream.write(json.dumps(fields) + "\n")
