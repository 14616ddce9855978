"""What a run finds: groups from any thread, judged, ordered, as one Run.

The orchestrator of a command and the plugin of a plain pytest both collect here, so that
strictness, reports and the exit code are the same whoever runs the tests.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from harness.core.results import STEPS, Group, Kind, Run
from harness.core.strictness import Strictness

_ORDER = (Kind.STEP, Kind.ASSERTION, Kind.FINDING, Kind.PROPERTY, Kind.REVISION, Kind.CHECK)
_NO_SECONDS: Mapping[str, float] = MappingProxyType({})


@dataclass
class Collector:
    """The groups of one run."""

    root: Path
    """Paths are shown relative to it."""
    strictness: Strictness
    _groups: list[Group] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, group: Group) -> Group:
        """Add what was found; the group as it is judged here."""
        judged = self.strictness.judge(group)
        if judged.results or judged.problems:  # a setup may have none
            with self._lock:
                self._groups.append(judged)
        return judged

    def run(self, seconds: float = 0.0, of_steps: Mapping[str, float] = _NO_SECONDS) -> Run:
        """Everything so far, in the order of the steps and, within one, of the paths."""
        with self._lock:
            groups = sorted(_merged(self._groups), key=_place)
        return Run(tuple(groups), self.root, seconds, dict(of_steps))


def _place(group: Group) -> tuple[int, int, str]:
    by_path = "" if group.kind is Kind.REVISION else str(group.path)
    return STEPS.index(group.step), _ORDER.index(group.kind), by_path


def _merged(groups: Iterable[Group]) -> Iterator[Group]:
    """One of each Python file: under pytest-xdist its checks come between those of others."""
    checks: dict[Path, list[Group]] = {}
    for group in groups:
        if group.kind is Kind.CHECK:
            checks.setdefault(group.path, []).append(group)
        else:
            yield group
    for first, *others in checks.values():
        together = [first, *others]
        yield replace(
            first,
            results=tuple(result for one in together for result in one.results),
            problems=tuple(problem for one in together for problem in one.problems),
            seconds=sum(one.seconds for one in together),
        )
