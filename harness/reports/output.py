"""Which reports of a run are written, and where to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TextIO

from harness.errors import ConfigError
from harness.results import Run

REPORTS = {"junit": "junit", "tap": "tap", "json": "json_lines"}
"""Option -> module here, whose ``write(run, stream)`` it asks for; loaded when it does."""

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Reports:
    """The files that reports go to, by the names of REPORTS; ``-`` is standard output."""

    files: Mapping[str, str] = field(default_factory=dict)
    github: bool = False
    """Whether GitHub Actions reads along."""
    github_summary: Path | None = None
    """The file to which GitHub wants a job's summary added."""

    @property
    def stdout_is_taken(self) -> bool:
        """Whether nothing but a report may go to standard output."""
        return STDOUT in self.files.values()

    def prepare(self) -> None:
        """Make sure that reports can be written. Raises ConfigError, before anything runs."""
        for name, place in self.files.items():
            if place != STDOUT:
                _open(name, Path(place), "a").close()

    def write(self, run: Run) -> None:
        """Write every report. Raises ConfigError where a file cannot be written."""
        for name, place in self.files.items():
            with ExitStack() as stack:
                to = stack.enter_context(_open(name, Path(place), "w")) if place != STDOUT else None
                import_module(f"harness.reports.{REPORTS[name]}").write(run, to or sys.stdout)
        if self.github or self.github_summary:
            self._tell_github(run)

    def _tell_github(self, run: Run) -> None:
        from harness.reports import github

        if self.github:
            github.annotate(run, sys.stderr if self.stdout_is_taken else sys.stdout)
        if self.github_summary is not None:
            with _open("summary", self.github_summary, "a") as stream:
                github.summary(run, stream)


def _open(name: str, path: Path, mode: str) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open(mode, encoding="utf-8")  # type: ignore[return-value]
    except OSError as error:
        raise ConfigError(f"{name}: cannot write {path}: {error.strerror}") from None
