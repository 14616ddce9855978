"""Mutants that nobody has to notice, and what says so though there is nothing to accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.results import NOWHERE, Group, Kind, Location, Outcome, Result
from harness.core.text import nearest
from harness.lint.allow import Allowance, allowances
from harness.mutation.mutant import Mutant
from harness.mutation.results import located_in
from harness.mutation.verdict import Verdict, allowance

_PREFIX = "mutant:"


@dataclass(frozen=True, slots=True)
class AcceptedMutants:
    """Reasons by pattern of ids in the configuration, else by a comment at the object's line."""

    patterns: Mapping[str, str]
    sources: Mapping[Path, str]
    comments: Sequence[Allowance]

    @classmethod
    def of(cls, patterns: Mapping[str, str], sources: Mapping[Path, str]) -> AcceptedMutants:
        """Those of the configuration, and of all files of a schema."""
        found = [one for path, text in sources.items() for one in allowances(path, text)]
        own = [one for one in found if one.rule.startswith(_PREFIX)]
        return cls(patterns, sources, own)

    def reason(self, mutant: Mutant, place: Location) -> str:
        """Why a mutant is accepted; empty where it is not."""
        why = allowance(_ids(mutant), dict(self.patterns))
        found = (one.reason for one in self.comments if _names(one, mutant, place))
        return why or next((reason for reason in found if reason), "")

    def idle(
        self, every: Sequence[Mutant], verdicts: Sequence[Verdict], tested: bool
    ) -> Iterator[Group]:
        """Comments that name no mutant fail; what names none but noticed ones is advice.

        ``every`` are all mutants of the schema; of those that were not tried nobody knows whether
        they are noticed. ``tested``: it is up to the tests of the project to notice them.
        """
        needless = {one.trial.mutant.id for one in verdicts if _is_needless(one, tested)}
        places = {one.id: located_in(one, self.sources) for one in every if self.comments}
        for comment in self.comments:
            place = Location(comment.path, comment.line)
            named = [one for one in every if _names(comment, one, places[one.id])]
            if not named:
                yield _group(Outcome.FAILED, _no_mutant(comment, every, places), place)
            elif needless.issuperset(one.id for one in named):
                yield _group(Outcome.ADVICE, _accepts_nothing(comment.rule, named), place)
        for pattern, why in self.patterns.items():
            named = [one for one in every if allowance(_ids(one), {pattern: why})]
            if named and needless.issuperset(one.id for one in named):
                yield _group(Outcome.ADVICE, f"allow: {_accepts_nothing(pattern, named)}", NOWHERE)


def _ids(mutant: Mutant) -> list[str]:
    return [mutant.id, f"{_PREFIX}{mutant.id}"]


def _names(comment: Allowance, mutant: Mutant, place: Location) -> bool:
    """Whether a comment is about a mutant whose object is declared at a place."""
    here = place.path == comment.path and comment.first <= place.line <= comment.last
    names = [mutant.id, _operator(mutant)]
    return here and bool(allowance(names, {comment.rule.removeprefix(_PREFIX): "it is named"}))


def _operator(mutant: Mutant) -> str:
    return mutant.operator.replace(" ", "_")


def _is_needless(verdict: Verdict, tested: bool) -> bool:
    """Whether a mutant is noticed, or not counted, whoever accepts it."""
    noticed = verdict.pinned if tested else not verdict.perhaps_equivalent
    return noticed or not verdict.trial.status.counts


def _no_mutant(comment: Allowance, every: Sequence[Mutant], places: Mapping[str, Location]) -> str:
    """What is said of a comment that names none; the name that may have been meant."""
    lines = range(comment.first, comment.last + 1)
    own = {place for place in places.values() if place.path == comment.path}
    here = {_operator(one) for one in every if (p := places[one.id]) in own and p.line in lines}
    wanted = comment.rule.removeprefix(_PREFIX)
    return f"{comment.rule} names no mutant here{nearest(wanted, here)}"


def _accepts_nothing(rule: str, named: Sequence[Mutant]) -> str:
    if len(named) == 1:
        return f"{rule} accepts nothing: {named[0].id} is noticed or not counted"
    return f"{rule} accepts nothing: all {len(named)} mutants that it names are noticed"


def _group(outcome: Outcome, title: str, place: Location) -> Group:
    result = Result(outcome, title, place, id="harness:allow")
    name = place.path if place.line else Path("harness:allow")
    return Group(name, problems=(result,), kind=Kind.STEP, step="mutate", name=str(name))
