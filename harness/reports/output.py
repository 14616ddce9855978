"""Which reports of a run are written, and where to."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TextIO

from harness.errors import ConfigError
from harness.results import Run

REPORTS = {"junit": "junit", "tap": "tap", "json": "json_lines", "sarif": "sarif"}
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
        """Write every report, whatever becomes of the others.

        Raises ConfigError with a line for each that could not be written.
        """
        complaints = []
        for name, place in self.files.items():
            form = import_module(f"harness.reports.{REPORTS[name]}").write
            try:
                with _standard_output() if place == STDOUT else _open(name, Path(place), "w") as to:
                    form(run, to)
            except BrokenPipeError:
                raise
            except OSError as error:
                complaints.append(f"{name}: cannot write {place}: {error.strerror}")
        if self.github or self.github_summary:
            self._tell_github(run)
        if complaints:
            raise ConfigError("\n".join(complaints))

    def _tell_github(self, run: Run) -> None:
        from harness.reports import github

        if self.github:
            github.annotate(run, sys.stderr if self.stdout_is_taken else sys.stdout)
        if self.github_summary is not None:
            with _open("summary", self.github_summary, "a") as stream:
                github.summary(run, stream)


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Standard output in UTF-8, which is what every report is in, whatever the locale says."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # somebody has put a stream of texts in its place
        yield sys.stdout
        return
    sys.stdout.flush()
    stream = io.TextIOWrapper(buffer, "utf-8", "backslashreplace", newline="")
    try:
        yield stream
        stream.flush()
    finally:
        stream.detach()


def _open(name: str, path: Path, mode: str) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open(mode, encoding="utf-8")  # type: ignore[return-value]
    except OSError as error:
        raise ConfigError(f"{name}: cannot write {path}: {error.strerror}") from None
