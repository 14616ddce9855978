"""Verdict: who notices a mutant, and whose job it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from harness.core.results import NOWHERE, Location
from harness.mutation.sql_files import How, Kill
from harness.mutation.trial import Status, Trial


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one mutant in the end."""

    trial: Trial
    kills: dict[How, Kill] = field(default_factory=dict)
    """What the project's own tests noticed, the first of each kind."""
    place: Location = NOWHERE
    """Where the object is declared."""
    allowed: str = ""
    """Why nobody has to notice it."""
    test: str = ""
    """Of a gap: a pgTAP file that passes on the schema and fails on the mutant."""

    number: int = 0
    """Its place among all mutants of the schema."""
    new: str = ""
    """Why nobody is to leave it as it is: a change has brought it. Empty where none has."""

    @property
    def counts(self) -> bool:
        """Whether it is in the score."""
        return self.trial.status.counts and not self.allowed

    @property
    def pinned(self) -> bool:
        """A test of the project notices it."""
        return bool(self.kills)

    @property
    def gap(self) -> bool:
        """Rows tell it from the schema, and no test of the project does."""
        return self.trial.status.noticed and not self.kills

    @property
    def perhaps_equivalent(self) -> bool:
        """Nothing tells it from the schema, and no rule says that nothing can."""
        return self.trial.status is Status.SURVIVED and not self.kills


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the mutants that count are noticed, and by whom."""

    counted: int
    tests: int
    """Noticed by tests of the project."""
    behaviour: int
    """Of these, by a row or an answer and not by what the catalog says alone."""
    replay: int
    """Told apart by the statements of properties and probes."""
    anybody: int

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Score:
        """Of all that count."""
        found = [one for one in verdicts if one.counts]
        return cls(
            len(found),
            sum(one.pinned for one in found),
            sum(How.BEHAVIOUR in one.kills for one in found),
            sum(one.trial.status.noticed for one in found),
            sum(one.pinned or one.trial.status.noticed for one in found),
        )

    @classmethod
    def of_facts(cls, facts: Iterable[Mapping[str, object]]) -> Score:
        """The same of what results say of mutants."""
        found = [one for one in facts if one["status"] in _COUNTED]
        tests = [one["tests"] for one in found]
        noticed = [one["status"] != Status.SURVIVED.value for one in found]
        return cls(
            len(found),
            sum(map(bool, tests)),
            sum(isinstance(one, dict) and How.BEHAVIOUR.value in one for one in tests),
            sum(noticed),
            sum(bool(test) or told for test, told in zip(tests, noticed, strict=True)),
        )

    def percent(self, part: int) -> float:
        """Of those that count; 0 where none does."""
        return 100 * part / self.counted if self.counted else 0.0


_COUNTED = frozenset(one.value for one in Status if one.counts)


def allowance(ids: Sequence[str], allowed: dict[str, str]) -> str:
    """Why a mutant of these names is accepted; empty where nobody has."""
    found = (why for pattern, why in allowed.items() for i in ids if fnmatchcase(i, pattern))
    return next(found, "")
