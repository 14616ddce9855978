"""What is known of objects that were there at the baseline, in a file under version control.

A line of ``harness-baseline.txt`` is a result that failed, could not be decided or was advice when
the file was written: its outcome, its step, its id, and what else tells it from others. A result
that has a line is no news; one that has none is judged as ever. Lines that nothing needs any more
are named. The other lines name the revisions that were there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Group, Kind, Outcome, Result, Run
from harness.core.text import count
from harness.sources.age import BASELINE_FILE, COVERED

NAME = BASELINE_FILE
STEPS = ("lint", "properties", "access")
"""Those whose results may be known: of tests that fail, none is."""
_COVERS = {
    Outcome.FAILED: ("failed",),
    Outcome.UNDECIDED: ("undecided", "failed"),
    Outcome.ADVICE: ("advice", "undecided", "failed"),
}
"""What a result's line may say of it: it may have become better, and not worse."""
_HEAD = """\
# What failed, could not be decided or was advice when {} was the last revision.
# A line each: outcome, step, id, what else tells it. 'harness baseline --update' writes all anew.
# Then the revisions that were there: one that is added later counts as new wherever it sorts.
"""
_APART = "  "


class Entry(NamedTuple):
    """A line, without the outcome."""

    step: str
    id: str
    more: str

    @classmethod
    def of(cls, group: Group, result: Result, root: Path) -> Entry:
        """The line of a result: a finding goes by its file and its words, but not by its place."""
        title = "" if result.title == result.id else " ".join(result.title.split())
        if group.kind is not Kind.FINDING:
            return cls(group.step, " ".join(result.id.split()), title)
        path = group.path
        where = path.relative_to(root) if path.is_relative_to(root) else path
        return cls(group.step, result.id, f"{where.as_posix()}: {title}")

    def line(self, outcome: str) -> str:
        """As it stands in the file."""
        return _APART.join(filter(None, (outcome, *self)))


@dataclass
class Known:
    """The lines of a file, and which of them were needed."""

    path: Path
    root: Path
    lines: Counter[tuple[str, Entry]] = field(default_factory=Counter)
    needed: Counter[tuple[str, Entry]] = field(default_factory=Counter)
    passed: set[tuple[str, str]] = field(default_factory=set)
    """Step and id of what passes now."""

    @classmethod
    def of(cls, config: Config) -> Known | None:
        """What a project knows; None without a baseline, or of another schema than its own.

        Raises ConfigError for a file that cannot be read.
        """
        path = config.root / NAME
        if not config.baseline or config.elsewhere or config.left_out:
            return None
        if not path.is_file():
            return cls(path, config.root)
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from None
        return cls(path, config.root, Counter(_read(text, path)))

    def applied(self, group: Group) -> Group:
        """The group, with what is known as something that was to be expected."""
        if group.step not in STEPS or group.kind is Kind.STEP:
            return group
        return replace(group, results=tuple(self._applied(group, one) for one in group.results))

    def _applied(self, group: Group, result: Result) -> Result:
        if result.outcome not in _COVERS:
            self.passed.add((group.step, result.id))
            return result
        entry = Entry.of(group, result, self.root)
        for outcome in _COVERS[result.outcome]:
            if self.needed[outcome, entry] < self.lines[outcome, entry]:
                self.needed[outcome, entry] += 1
                reason = f"known: {self.path.name}"
                facts = {**result.facts, "known": result.outcome.value}
                return result._replace(outcome=Outcome.TODO, reason=reason, facts=facts)
        return result

    def remarks(self, run: Run, whole: bool) -> list[str]:
        """How much is known, and after a ``whole`` run of a step which lines it does not need."""
        said = []
        if number := self.needed.total():
            said.append(f"{self.path.name}: {count(number, 'result')} of older objects known")
        left = [one for one in (self.lines - self.needed) if self._is_fixed(one[1], run, whole)]
        if left:
            lines = "\n".join(f"  {entry.line(outcome)}" for outcome, entry in left)
            said.append(f"fixed, so take it out of {self.path.name}:\n{lines}")
        return said

    def _is_fixed(self, entry: Entry, run: Run, whole: bool) -> bool:
        """Whether what a line says is not so any more: of properties, if it was tried."""
        if entry.step == "properties":
            return (entry.step, entry.id) in self.passed
        groups = [group for group in run.groups if group.step == entry.step]
        if entry.step == "access" and not _tried(entry, groups):
            return False
        ran = any(group.kind is not Kind.STEP for group in groups)
        unseen = any(
            one.outcome is Outcome.UNDECIDED and group.kind is Kind.STEP
            for group in groups
            for one in group.all
        )
        return whole and ran and not unseen and all(group.served for group in groups)


def _tried(entry: Entry, groups: Sequence[Group]) -> bool:
    """Whether the relation was tried that a line is about: ``access::tasks::reader::rule``."""
    relation = entry.id.split("::")[1:2]
    return any([one.facts.get("relation")] == relation for group in groups for one in group.results)


def _read(text: str, path: Path) -> Iterable[tuple[str, Entry]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith(("#", COVERED)):
            continue
        outcome, *words = line.rstrip().split(_APART, 3)
        if outcome not in ("failed", "undecided", "advice") or len(words) < 2:
            said = "a line is expected as 'harness baseline' writes it"
            raise ConfigError(f"{path}:{number}: {said}: outcome, step, id")
        yield outcome, Entry(words[0], words[1], words[2] if len(words) > 2 else "")


@dataclass(frozen=True, slots=True)
class File:
    """What is to be known of results, as a file has it."""

    lines: tuple[tuple[str, Entry], ...]
    covered: tuple[str, ...]
    """The revisions that are there, the last of which is the baseline."""

    @classmethod
    def of(cls, groups: Sequence[Group], root: Path, revisions: Sequence[str]) -> File:
        """What is to be known of groups when these are all revisions."""
        lines = [
            (one.outcome.value, Entry.of(group, one, root))
            for group in groups
            if group.step in STEPS and group.kind is not Kind.STEP
            for one in group.results
            if one.outcome in _COVERS
        ]
        return cls(tuple(sorted(lines, key=_order)), tuple(revisions))

    @property
    def revision(self) -> str:
        """The baseline."""
        return self.covered[-1]

    @property
    def text(self) -> str:
        """The file."""
        lines = "".join(f"{entry.line(outcome)}\n" for outcome, entry in self.lines)
        covered = "".join(f"{COVERED}{name}\n" for name in self.covered)
        return _HEAD.format(self.revision) + lines + covered

    @property
    def said(self) -> str:
        """How many results are known, and how many of each outcome."""
        numbers = Counter(outcome for outcome, _ in self.lines)
        several = ", ".join(f"{number} {outcome}" for outcome, number in sorted(numbers.items()))
        said = f"{count(len(self.lines), 'result')} known at {self.revision}"
        return f"{said} ({several})" if several else said

    def write(self, path: Path) -> None:
        """Write it. Raises ConfigError."""
        try:
            path.write_text(self.text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def _order(line: tuple[str, Entry]) -> tuple[int, int, Entry]:
    outcome, entry = line
    return (
        STEPS.index(entry.step),
        [one.value for one in _COVERS].index(outcome),
        entry,
    )
