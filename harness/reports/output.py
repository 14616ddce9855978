"""Which reports of a run are written, and where to."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TextIO

from harness.core.errors import ConfigError
from harness.core.results import Run

REPORTS = {
    "junit": ("junit", "write a JUnit report, one test case per assertion, to this file"),
    "tap": ("tap", "write TAP to this file; '-' is standard output"),
    "json": ("json_lines", "write one JSON object per result to this file; '-' is standard output"),
    "sarif": ("sarif", "write the findings as SARIF 2.1.0 to this file; '-' is standard output"),
    "html": ("page", "write a self-contained page for a browser to this file"),
}
"""Option -> the module here whose ``write(run, stream)`` it asks for, and the option's help."""

OF_MUTANTS = {
    "mutants": ("mutation_json", "what --json is of mutants"),
}
"""A further form of a run with mutants."""
_FORMS = {**REPORTS, **OF_MUTANTS}

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
            other = next(one for one in self.files if self.files[one] == place)
            if other != name:
                raise ConfigError(f"{other} and {name}: both would be written to {place}")
            if place != STDOUT and not Path(place).is_fifo():
                _open(name, Path(place), "w").close()  # none of an earlier run must stay

    def write(self, run: Run) -> None:
        """Write every report, whatever becomes of the others.

        Raises ConfigError with a line for each that could not be written.
        """
        complaints: list[str] = []
        fault: Exception | None = None
        for name, place, write in self._forms(run):
            try:
                write()
            except BrokenPipeError as error:  # whoever read it has had enough
                fault = fault or error
            except OSError as error:
                complaints.append(f"{name}: cannot write {place}: {error.strerror}")
            except Exception as error:
                fault = error
        if fault is not None:
            fault.add_note("\n".join(complaints))
            raise fault
        if complaints:
            raise ConfigError("\n".join(complaints))

    def _forms(self, run: Run) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """The name of each form, its place, and what writes it."""
        for name, place in self.files.items():
            yield name, place, partial(_report, name, place, run)
        if self.github:
            stream = sys.stderr if self.stdout_is_taken else sys.stdout
            yield "annotations", "the output", partial(_annotate, run, stream)
        if self.github_summary is not None:
            summary = self.github_summary
            yield "summary", str(summary), partial(_summarize, run, summary)


def _report(name: str, place: str, run: Run) -> None:
    form = import_module(f"harness.reports.{_FORMS[name][0]}").write
    with _in_utf8(sys.stdout) if place == STDOUT else _opened(Path(place), "w") as stream:
        form(run, stream)


def _annotate(run: Run, stream: TextIO) -> None:
    from harness.reports import github

    with _in_utf8(stream) as to:
        github.annotate(run, to)


def _summarize(run: Run, path: Path) -> None:
    from harness.reports import github

    with _opened(path, "a") as stream:
        github.summary(run, stream)


@contextmanager
def _in_utf8(standard: TextIO) -> Iterator[TextIO]:
    """A standard stream in UTF-8, which is what every report is in, whatever the locale says."""
    buffer = getattr(standard, "buffer", None)
    if buffer is None:  # somebody has put a stream of texts in its place
        yield standard
        return
    standard.flush()
    stream = io.TextIOWrapper(buffer, "utf-8", "backslashreplace", newline="")
    try:
        yield stream
        stream.flush()
    finally:
        stream.detach()


def _open(name: str, path: Path, mode: str) -> TextIO:
    try:
        return _opened(path, mode)
    except OSError as error:
        raise ConfigError(f"{name}: cannot write {path}: {error.strerror}") from None


def _opened(path: Path, mode: str) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open(mode, encoding="utf-8")  # type: ignore[return-value]
