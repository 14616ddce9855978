"""Strictness: which advice, and what of the undecided, fails a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from harness.core.config import Config
from harness.core.results import Group, Outcome, Result, Run

MAY_FAIL = (Outcome.ADVICE, Outcome.UNDECIDED)
"""Outcomes that fail nothing unless that is asked for."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What fails a run beyond failures: all advice and all that is undecided, or some ids."""

    all: bool = False
    ids: Sequence[str] = ()
    """Patterns of ids, or of the last part of one: ``index``, ``squawk:*``."""

    @classmethod
    def of(cls, config: Config) -> Strictness:
        """What a configuration asks for."""
        return cls(config.strict, config.fail_on)

    def unused(self, run: Run) -> list[str]:
        """Patterns that no result of a run goes by, whatever became of it."""
        ids = [self._names(one.id) for group in run.groups for one in group.all]
        return [p for p in self.ids if not any(fnmatchcase(n, p) for names in ids for n in names)]

    def judge(self, group: Group) -> Group:
        """The group with what fails here as failures, so that every report says the same."""
        if not (self.all or self.ids) or not any(r.outcome in MAY_FAIL for r in group.all):
            return group
        return replace(
            group,
            results=tuple(self.judged(one) for one in group.results),
            problems=tuple(self.judged(one) for one in group.problems),
        )

    def judged(self, result: Result) -> Result:
        """The same for one result."""
        if result.outcome not in MAY_FAIL or not (self.all or self._named(result.id)):
            return result
        said = f"{result.outcome.value}, which fails under strict: {result.reason}".rstrip(": ")
        message = "\n".join(filter(None, (said, result.message)))
        return result._replace(outcome=Outcome.FAILED, message=message)

    def _named(self, id_: str) -> bool:
        names = self._names(id_)
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.ids)

    @staticmethod
    def _names(id_: str) -> set[str]:
        return {id_, id_.rpartition("::")[2], id_.rpartition(":")[2]}
