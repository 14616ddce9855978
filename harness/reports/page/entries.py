"""Results as the page shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from harness.core.results import Group, Kind, Outcome, Result, Run
from harness.reports import failure_text, summaries
from harness.reports.differences import aligned
from harness.reports.page import text

TONES = {
    Outcome.PASSED: "good",
    Outcome.FAILED: "bad",
    Outcome.ERROR: "bad",
    Outcome.ADVICE: "note",
    Outcome.UNDECIDED: "warn",
    Outcome.SKIPPED: "quiet",
    Outcome.TODO: "quiet",
    Outcome.TODO_PASSED: "note",
}
"""Outcome -> the class that its colours go by."""

_FAILED_TEST = re.compile(r"\AFailed (?:\(TODO\) )?test \d.*\n?")


class Entry(NamedTuple):
    """A result: what it is about, where it stands, what was said and what shows it."""

    tone: str
    word: str
    title: str
    id: str
    place: str
    source: tuple[text.SourceLine, ...]
    said: tuple[text.Line, ...]
    evidence: Markup
    help: str
    seconds: float


class Entries(NamedTuple):
    """Those of one file, table or revision; ``name`` is what it is called."""

    step: str
    name: str
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()


def entry(group: Group, result: Result, run: Run) -> Entry:
    """One result in whole."""
    place, (path, line) = failure_text.place(result, run.root), result.location
    title, _, more = result.title.strip().partition("\n")
    message = aligned(_FAILED_TEST.sub("", result.message))
    said = "\n".join(filter(None, (more, failure_text.explained(result), message, *result.notices)))
    shows_itself = result.evidence.startswith(failure_text.source_line(path, line) or "\0")
    return Entry(
        TONES[result.outcome],
        summaries.word(group, result) or result.outcome.value,
        title or "(no description)",
        result.id if result.id != title else "",
        place,
        () if shows_itself else text.excerpt(path, line),
        text.said(said),
        text.code(result.evidence.strip("\n")) if result.evidence else Markup(),
        result.help,
        result.seconds,
    )


def of_outcomes(run: Run, *outcomes: Outcome) -> tuple[Entries, ...]:
    """What had one of these outcomes, group by group; mutants have a place of their own."""
    return tuple(_chosen(run, outcomes))


def _chosen(run: Run, outcomes: tuple[Outcome, ...]) -> Iterator[Entries]:
    for group in run.groups:
        if group.kind is Kind.MUTANT:
            continue
        found = [one for one in group.all if one.outcome in outcomes]
        found.sort(key=lambda one: one.location.line)
        if found:
            notes = group.notes if not group.passed else ()
            entries = tuple(entry(group, one, run) for one in found)
            yield Entries(group.step, name_of(group, run), entries, notes)


def name_of(group: Group, run: Run) -> str:
    """What a group is called."""
    return failure_text.name_of(group, run.root)
