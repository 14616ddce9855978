"""Failures as a person reads them: file:line, the line itself, and what it said."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from harness.reports.differences import aligned
from harness.results import FileRun, Result


def of_file(file: FileRun, folder: Path) -> str:
    """Every failure of a file, paths relative to ``folder``; its counts come last."""
    blocks = [of_result(failure, folder) for failure in file.failures]
    failed, ran = sum(not r.outcome.ok for r in file.results), len(file.results)
    counts = f"{failed} of {ran} assertions failed" if ran else "no assertions ran"
    if not file.failures:
        blocks.append(f"{relative(file.path, folder)}: nothing was asserted")
    notes = [f"{relative(file.path, folder)}: {note}" for note in file.notes]
    return "\n\n".join([*blocks, "\n".join([*notes, counts])])


def of_result(result: Result, folder: Path) -> str:
    """``file:line: description``, the source line, the diagnostics."""
    place = f"{relative(result.location.path, folder)}:{result.location.line}"
    lines = [f"{place}: {result.description}"]
    if source := source_line(result.location.path, result.location.line):
        lines.append(f"    > {source}")
    lines.extend(f"    {line}" for line in _said(result) if _informs(line))
    return "\n".join(lines)


def _said(result: Result) -> list[str]:
    return [*aligned(result.diagnostics).splitlines(), *result.notices]


def _informs(line: str) -> bool:
    """Whether a diagnostic says more than that the test failed, which stands above it."""
    return not line.startswith("Failed test ")


@lru_cache(maxsize=64)
def _lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError:
        return ()


def source_line(path: Path, line: int) -> str:
    """A line of a file, stripped; empty where it cannot be read."""
    lines = _lines(path)
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def relative(path: Path, folder: Path) -> str:
    """A path as short as it can be said from a folder."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
