"""Which assertions of a run are wanted: by name, by tag, by line.

A file is run as a whole, since its assertions build on each other; what was not asked
for is left out of its result. A file of which nothing is left was not selected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.core.results import Group, Result
from harness.postgres.psql import Script
from harness.sqltests.files import AssertionFile

Matches = Callable[[Iterable[str]], bool]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for; nothing asked for is everything wanted."""

    matches: Matches | None = None
    """Whether the names that something goes by, file and description, are asked for."""
    tags: frozenset[str] = frozenset()
    """Files with any of these."""
    not_tags: frozenset[str] = frozenset()
    """But none with any of these."""
    lines: Mapping[Path, frozenset[int]] = field(default_factory=dict)
    """Lines of files of which only the assertions there are wanted."""

    @property
    def narrows(self) -> bool:
        """Whether results are left out, so that a file has to run before we know."""
        return bool(self.matches or self.lines)

    def tagged(self, tags: Iterable[str]) -> bool:
        """Whether something with these tags is wanted."""
        found = frozenset(tags)
        return not found & self.not_tags and (not self.tags or bool(found & self.tags))

    def wanted(self, run: Group) -> Group | None:
        """What is wanted of a file's results; None where nothing is."""
        if self.matches is not None:
            run = _named(run, self.matches)
        if (lines := self.lines.get(run.path)) is not None:
            run = _at(run, lines)
        return run if run.results or run.problems or not self.narrows else None


def _named(run: Group, matches: Matches) -> Group:
    """The results that go by a name; problems where what they cut short may have done so."""
    name = run.path.name
    results = [r for r in run.results if matches((name, r.title))]
    return _with(run, results, any(matches((name, line)) for line in _not_reached(run)))


def _not_reached(run: Group) -> list[str]:
    """The lines of a file from its first problem on."""
    if not run.problems or not run.path.is_file():
        return []
    first = min(p.location.line if p.location.path == run.path else 1 for p in run.problems)
    lines = run.path.read_bytes().decode("utf-8", "replace").split("\n")
    return [line for line in lines[first - 1 :] if line.strip()]


def _with(run: Group, results: list[Result], problems: bool) -> Group:
    return replace(run, results=tuple(results), problems=run.problems if problems else ())


def _at(run: Group, lines: frozenset[int]) -> Group:
    """The results of the statements that stand on these lines."""
    starts = {item.line for item in Script.open(run.path).statements() if item.path == run.path}
    wanted = {max((s for s in starts if s <= line), default=0) for line in lines}
    at = [r for r in run.results if r.location.path == run.path and r.location.line in wanted]
    cut_short = not at and any(p.location.line <= max(lines) for p in run.problems)
    return _with(run, at, cut_short)


def by_tags(files: Iterable[AssertionFile], selection: Selection) -> list[AssertionFile]:
    """The files that the tags leave."""
    return [file for file in files if selection.tagged(file.tags)]


@dataclass(frozen=True, slots=True)
class TestOptions:
    """What a run is asked for beyond its configuration."""

    keyword: str = ""
    """An expression over the names of files, assertions and checks."""
    selection: Selection = field(default_factory=Selection)
    xunit: str = ""
    """A schema whose test functions are run, instead of files."""
    match: str = ""
    """A regular expression for the names of those functions."""
    last_failed: bool = False
    failed_first: bool = False
    stop_early: bool = False
    """Whether the first file that fails ends the run."""
    seed: int | None = None
    """Shuffles files and checks."""
    keep_failed: bool = False
    one_database: bool = False
    """Whether SQL files run one after another, each on what those before it left."""
    properties: bool = False
    """Whether the properties of the schema are tried, too."""
    timed: bool = False
    """Whether anybody looks at the time of a single statement."""
