"""Failures as a person reads them: file:line, the line itself, and what it said."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from harness.reports.differences import aligned
from harness.results import FileRun, Result

_FAILED_TEST = re.compile(r"\AFailed (?:\(TODO\) )?test \d.*\n?")


def of_file(file: FileRun, folder: Path) -> str:
    """Every failure of a file, paths relative to ``folder``; its counts come last."""
    blocks = [of_result(failure, folder) for failure in file.failures]
    failed, ran = sum(not r.outcome.ok for r in file.results), len(file.results)
    noun = f"{file.kind.value}s"
    counts = f"{failed} of {ran} {noun} failed" if ran else f"no {noun} ran"
    if not file.failures:
        blocks.append(f"{relative(file.path, folder)}: nothing was asserted")
    notes = [f"{relative(file.path, folder)}: {note}" for note in file.notes]
    return encodable("\n\n".join([*blocks, "\n".join([*notes, counts])]))


def of_result(result: Result, folder: Path) -> str:
    """``file:line: description``, the source line, the diagnostics."""
    place = f"{relative(result.location.path, folder)}:{result.location.line}"
    lines = [f"{place}: {result.description}"]
    if source := source_line(result.location.path, result.location.line):
        lines.append(f"    > {source}")
    lines.extend(f"    {line}" for line in _said(result))
    return encodable("\n".join(lines))


def _said(result: Result) -> list[str]:
    """What an assertion said, but that it failed, and what the server said before."""
    said = aligned(_FAILED_TEST.sub("", result.diagnostics))
    return [line for text in (said, *result.notices) for line in text.splitlines()]


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
    """A path as short as it can be said from a folder, to be shown."""
    short = path.relative_to(folder) if path.is_relative_to(folder) else path
    return encodable(str(short))


def encodable(text: str) -> str:
    """Text without lone surrogates, which no stream takes; names of files can have some."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def printable(text: str) -> str:
    """Text whose characters XML and YAML can hold, with a replacement for each other one."""
    return _unprintable().sub("\N{REPLACEMENT CHARACTER}", text)


@cache
def _unprintable() -> re.Pattern[str]:
    """What neither XML nor YAML can hold; made when it is needed, for it takes milliseconds."""
    return re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def title(text: str) -> str:
    """A description on one line, never empty."""
    lines = [line.strip() for line in printable(text).splitlines()]
    return " ".join(filter(None, lines)) or "(no description)"
