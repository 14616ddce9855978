"""The page: its parts, as the template takes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from harness.core.results import FAILED, Group, Kind, Outcome, Run
from harness.core.text import count
from harness.reports import summaries
from harness.reports.failure_text import place, printable
from harness.reports.page import access, mutants
from harness.reports.page.access import Relation
from harness.reports.page.diagram import Diagram, diagrams
from harness.reports.page.entries import TONES, Entries, name_of, of_outcomes
from harness.reports.page.mutants import DeclaringFile

LISTED = 3_000
"""Results that are listed one by one at the end; of more, files that passed are only counted."""


class Step(NamedTuple):
    """A row of the table of steps."""

    name: str
    tone: str
    word: str
    said: str
    seconds: float
    share: float
    """Percent of the longest step's time."""


class Compared(NamedTuple):
    """A step on several servers: what it found on each, None where it has no results."""

    name: str
    found: tuple[Step | None, ...]


class Revision(NamedTuple):
    """A migration and its locks."""

    name: str
    tone: str
    said: str
    seconds: float
    locks: tuple[dict[str, Any], ...]


class Row(NamedTuple):
    """A result on a line."""

    tone: str
    word: str
    title: str
    place: str
    reason: str
    seconds: float


class Listed(NamedTuple):
    """A group with its results; ``rows`` is empty where they are only counted."""

    step: str
    name: str
    tone: str
    said: str
    seconds: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Page:
    """What the template reads."""

    run: Run

    @property
    def tone(self) -> str:
        """Of the verdict."""
        return "quiet" if not self.run.groups else "good" if self.run.passed else "bad"

    @property
    def verdict(self) -> str:
        """A word or two."""
        if not self.run.groups:
            return "Nothing ran"
        if self.run.passed:
            return "Passed"
        return "Failed" if self.run.exit_code == FAILED else "Could not run"

    @property
    def project(self) -> str:
        """The directory's name."""
        return self.run.root.resolve().name

    @cached_property
    def told(self) -> str:
        """The verdict's sentence: which steps failed, and what did not run."""
        named = {s: [one.name for one in self.steps if one.tone == s] for s in ("bad", "quiet")}
        wrong, idle = named["bad"], named["quiet"]
        every = len(self.steps)
        told = [f"{len(wrong)} of {every} steps failed: {_listed(wrong)}"]
        if every == 1:
            told = [f"The step {wrong[0]} {self.steps[0].word}" for _ in wrong]
        ran = len(self.steps) - len(idle)
        parts = told if wrong else [f"{count(ran, 'step')} passed"] if self.run.passed else []
        parts += [f"{_listed(idle)} did not run"] if idle else []
        return "; ".join(parts) + "." if parts else ""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Each step that has results, in order."""
        times = {name: self.run.of(name).seconds for name in self.run.steps}
        longest = max(times.values(), default=0.0) or 1.0
        return tuple(self._step(name, times[name], longest) for name in self.run.steps)

    @property
    def versions(self) -> tuple[Compared, ...]:
        """Each step with a cell for each server of ``run.versions``; nothing for one server."""
        pages = [Page(run) for run in self.run.versions.values()]
        cells = [{step.name: step for step in page.steps} for page in pages]
        names = self.run.steps if pages else ()
        return tuple(Compared(name, tuple(one.get(name) for one in cells)) for name in names)

    def _step(self, name: str, seconds: float, longest: float) -> Step:
        found = self.run.of(name)
        symbol, _ = summaries.mark(found)
        tone, word = _MARKS[symbol]
        said = summaries.of_step(self.run, name)
        return Step(name, tone, word, printable(said), seconds, 100 * seconds / longest)

    @cached_property
    def failures(self) -> tuple[Entries, ...]:
        """What failed and what could not run."""
        return of_outcomes(self.run, Outcome.FAILED, Outcome.ERROR)

    @cached_property
    def undecided(self) -> tuple[Entries, ...]:
        """What could not be shown either way."""
        return of_outcomes(self.run, Outcome.UNDECIDED)

    @cached_property
    def advice(self) -> tuple[Entries, ...]:
        """What is worth knowing."""
        return of_outcomes(self.run, Outcome.ADVICE, Outcome.TODO_PASSED)

    @cached_property
    def accepted(self) -> tuple[Entries, ...]:
        """Failures that are expected, and why."""
        return of_outcomes(self.run, Outcome.TODO)

    @cached_property
    def diagrams(self) -> tuple[Diagram, ...]:
        """The schema as a picture, or several."""
        return diagrams(self.run)

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Who may do what."""
        return access.relations(self.run)

    @cached_property
    def mutants(self) -> tuple[DeclaringFile, ...]:
        """Mutants in the files that declare what they change."""
        return mutants.files(self.run)

    @cached_property
    def revisions(self) -> tuple[Revision, ...]:
        """Migrations, in the order in which they are applied."""
        groups = [group for group in self.run.groups if group.kind is Kind.REVISION]
        return tuple(self._revision(group) for group in groups)

    def _revision(self, group: Group) -> Revision:
        tone, _ = _MARKS[summaries.mark(Run((group,), self.run.root))[0]]
        facts: Any = next((r.facts for r in group.results if "revision" in r.facts), {})
        first = group.results[0] if group.results else None
        passed = first is not None and first.outcome is Outcome.PASSED
        said = first.title if first and passed else ", ".join(summaries.of_group(group))
        locks = tuple(facts.get("locks", ()))
        return Revision(name_of(group, self.run), tone, said, group.seconds, locks)

    @cached_property
    def everything(self) -> tuple[tuple[str, tuple[Listed, ...]], ...]:
        """Every group with its results, step by step."""
        groups = groupby(self._listed(), lambda one: one.step)
        return tuple((step, tuple(found)) for step, found in groups)

    def _listed(self) -> Iterator[Listed]:
        room = LISTED
        for group in self.run.groups:
            found = list(group.all)
            shown = len(found) <= room or not group.passed
            room -= len(found) if shown else 0
            tone, _ = _MARKS[summaries.mark(Run((group,), self.run.root))[0]]
            rows = tuple(self._row(group, one) for one in found) if shown else ()
            told = ", ".join([count(len(found), group.kind.value), *summaries.of_group(group)])
            yield Listed(group.step, name_of(group, self.run), tone, told, group.seconds, rows)

    def _row(self, group: Group, one: Any) -> Row:
        word = summaries.word(group, one) or one.outcome.value
        title = printable(" ".join(one.title.split())) or "(no description)"
        where, reason = place(one, self.run.root), printable(one.reason)
        return Row(TONES[one.outcome], word, title, where, reason, one.seconds)


_MARKS = {
    "✓": ("good", "passed"),
    "✗": ("bad", "failed"),
    "!": ("bad", "could not run"),
    "–": ("quiet", "not run"),
}


def _listed(names: list[str]) -> str:
    """``lint``, ``lint and test``, ``lint, apply and test``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
