"""Mutants in place: the files that declare what they change, with what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from harness.core.results import Kind, Outcome, Result, Run
from harness.core.text import relative
from harness.reports.page import text

_ORDER = ("survived", "proven gap", "noticed", "accepted", "not counted")
_TONES = dict(zip(_ORDER, ("bad", "warn", "good", "quiet", "quiet"), strict=True))
NEAR = 3
"""Lines without mutants that are shown round one with them."""


class Mutant(NamedTuple):
    """One change, and what became of it."""

    tone: str
    word: str
    title: str
    id: str
    diff: tuple[text.Line, ...]
    said: tuple[text.Line, ...]
    evidence: Markup


class DeclaringLine(NamedTuple):
    """A line of a file and the mutants of what it declares; number 0 stands for lines left out."""

    number: int
    code: Markup
    mutants: tuple[Mutant, ...] = ()

    @property
    def tone(self) -> str:
        """That of the worst of them."""
        found = [one.tone for one in self.mutants]
        return next((t for t in ("bad", "warn", "good", "quiet") if t in found), "")


class DeclaringFile(NamedTuple):
    """A file with mutants, or a table whose declaration no file tells."""

    name: str
    lines: tuple[DeclaringLine, ...]
    loose: tuple[Mutant, ...]
    """Mutants that no line of it declares."""
    counts: tuple[tuple[str, int], ...]


def files(run: Run) -> tuple[DeclaringFile, ...]:
    """Every file with mutants in the order of its name, then tables without one."""
    placed: dict[Path, list[Result]] = {}
    loose: dict[str, list[Result]] = {}
    for group in run.groups:
        for result in group.results if group.kind is Kind.MUTANT else ():
            path, line = result.location
            if line and text.coloured_lines(path):
                placed.setdefault(path, []).append(result)
            else:
                loose.setdefault(group.path.name, []).append(result)
    in_files = [_file(path, placed[path], run) for path in sorted(placed)]
    without_line = (
        DeclaringFile(name, (), _mutants(found), _counts(found)) for name, found in loose.items()
    )
    return (*in_files, *without_line)


def _file(path: Path, found: list[Result], run: Run) -> DeclaringFile:
    at: dict[int, list[Result]] = {}
    for result in found:
        at.setdefault(result.location.line, []).append(result)
    lines = text.coloured_lines(path)
    shown = {n for line in at for n in range(line - NEAR, line + NEAR + 1) if 0 < n <= len(lines)}
    made = [DeclaringLine(n, lines[n - 1], _mutants(at.get(n, ()))) for n in sorted(shown)]
    return DeclaringFile(relative(path, run.root), tuple(_with_gaps(made)), (), _counts(found))


def _with_gaps(lines: Iterable[DeclaringLine]) -> Iterator[DeclaringLine]:
    before = 0
    for line in lines:
        if line.number > before + 1:
            yield DeclaringLine(0, Markup("…"))
        yield line
        before = line.number


def _mutants(found: Iterable[Result]) -> tuple[Mutant, ...]:
    return tuple(sorted(map(_mutant, found), key=lambda one: _ORDER.index(one.word)))


def _mutant(result: Result) -> Mutant:
    facts: dict[str, Any] = dict(result.facts)
    word, diff = word_of(result), str(facts.get("diff", ""))
    said = (result.message or result.reason).replace(f"{diff}\n", "").replace(diff, "")
    return Mutant(
        _TONES[word],
        word,
        result.title,
        result.id,
        text.said(diff),
        text.said(said.strip("\n")),
        text.code(result.evidence.strip("\n")) if result.evidence else Markup(),
    )


def word_of(result: Result) -> str:
    """What became of a mutant, in a word."""
    if result.outcome is Outcome.PASSED:
        return "noticed"
    if result.facts.get("gap"):
        return "proven gap"
    if result.outcome is Outcome.TODO:
        return "accepted"
    survived = result.facts.get("status") == "survived"
    return "survived" if survived else "not counted"


def _counts(found: list[Result]) -> tuple[tuple[str, int], ...]:
    words = list(map(word_of, found))
    return tuple((word, words.count(word)) for word in _ORDER if word in words)
