"""Findings as GitHub's workflow commands: annotations in the changed files."""

from __future__ import annotations

from typing import TextIO

from harness.findings import Finding, Findings
from harness.reports.failure_text import encodable, relative


def write(findings: Findings, stream: TextIO) -> None:
    """Write one command for each finding, and one for each note."""
    for one in findings.found:
        stream.write(_command(one, findings))
    stream.writelines(f"::notice::{_data(note)}\n" for note in findings.notes)


def _command(one: Finding, findings: Findings) -> str:
    properties = {
        "file": relative(one.path, findings.root),
        "line": str(one.line),
        "col": str(one.column),
        "title": f"{one.linter} {one.code}",
    }
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = f"{one.message}\n{one.help}" if one.help else one.message
    return f"::{one.severity} {said}::{_data(encodable(message))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
