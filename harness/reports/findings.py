"""Which reports of findings are written, and where to."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from harness.errors import ConfigError
from harness.findings import Findings
from harness.reports import findings_github, findings_text

FORMS = {"sarif": "findings_sarif", "json": "findings_json"}
"""Option -> module here, whose ``write(findings, stream)`` it asks for."""


@dataclass(frozen=True, slots=True)
class FindingReports:
    """The files that findings go to, by the names of FORMS; ``-`` is standard output."""

    files: Mapping[str, str] = field(default_factory=dict)
    github: bool = False
    """Whether GitHub Actions reads along."""

    @property
    def stdout_is_taken(self) -> bool:
        """Whether nothing but a report may go to standard output."""
        return "-" in self.files.values()

    def write(self, findings: Findings) -> None:
        """Write every report. Raises ConfigError where a file cannot be written."""
        for name, place in self.files.items():
            stream = io.StringIO()
            import_module(f"harness.reports.{FORMS[name]}").write(findings, stream)
            _put(name, place, stream.getvalue())
        if self.github:
            findings_github.write(findings, sys.stderr if self.stdout_is_taken else sys.stdout)


def text(findings: Findings) -> str:
    """What a person reads, without the summary."""
    stream = io.StringIO()
    findings_text.write(findings, stream)
    return stream.getvalue().rstrip("\n")


def _put(name: str, place: str, written: str) -> None:
    if place == "-":
        sys.stdout.write(written)
        return
    path = Path(place)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{name}: cannot write {path}: {error.strerror}") from None
