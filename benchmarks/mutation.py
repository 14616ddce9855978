"""What mutation testing costs, and how much replay alone notices.

    python benchmarks/mutation.py [SCHEMA.sql ...]

Without arguments: this repository's schema with its tests, and the schemas of the tests without.
For each: seconds of recording and of the mutants, CPU of client and server for each mutant, the
score of replay over constraint mutants, what is equivalent by rule, and what became of mutants that
change nothing.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from harness.core.config import Config, load
from harness.core.results import Group
from harness.instance import open_instance
from harness.mutation.hunt import Hunt
from harness.mutation.judge import by_rule, without_twins
from harness.mutation.trial import Status, Trial, score
from harness.run.mutate import MutateRun

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "tests" / "data" / "schemas"
CONSTRAINTS = ("column", "unique", "primary key", "foreign key", "check", "exclude")
NOTHING = 100
"""Runs of a mutant that changes nothing, for each schema."""


class Silent:
    """A progress that nobody sees."""

    def begin(self, step: str) -> None:
        """Nothing."""

    def expect(self, step: str, total: int, noun: str) -> None:
        """Nothing."""

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        """Nothing."""

    def take(self, group: Group) -> None:
        """Say what cannot be judged."""
        if not group.passed:
            print(f"    {group.path}: {group.failures[0].title}")

    def end(self, step: str, seconds: float) -> None:
        """Nothing."""


def main() -> None:
    """Measure and print everything."""
    pooled: list[Trial] = []
    if not sys.argv[1:]:
        pooled += measure(load(ROOT))
    for path in map(Path, sys.argv[1:] or sorted(SCHEMAS.glob("*.sql"))):
        config = load(path.parent, schema=str(path.resolve()), jobs=os.cpu_count())
        pooled += measure(replace(config, tests=()))
    constraints = [trial for trial in pooled if trial.mutant.kind in CONSTRAINTS]
    equivalent = sum(trial.status is Status.EQUIVALENT for trial in constraints)
    counted = sum(trial.status.counts for trial in constraints)
    print(
        f"pooled: {score(constraints) or 0:.1f} % of {counted} constraint mutants noticed by"
        f" replay, {100 * equivalent / max(1, counted + equivalent):.1f} % equivalent by rule"
    )


def measure(config: Config) -> list[Trial]:
    """One schema, and its tests where it has any; the trials of its mutants."""
    with open_instance(config) as instance:
        run = MutateRun(instance)
        declared = run.declared()
        wanted = run.mutants(declared)
        started = time.perf_counter()
        with run.hunt(declared, wanted, Silent()) as hunt:
            recorded, used = time.perf_counter() - started, _cpu()
            started = time.perf_counter()
            verdicts = list(hunt.run(wanted))
            seconds, used = time.perf_counter() - started, _cpu() - used
            false_kills = _nothing(hunt, [one.trial for one in verdicts])
    trials = without_twins(one.trial for one in verdicts)
    tried = [one for one in trials if by_rule(one.mutant) is None]
    statuses = Counter(one.status.value for one in trials)
    print(
        f"{config.schema}: {len(declared.schema)} tables, {len(wanted)} mutants; recorded in"
        f" {recorded:.1f} s, tried in {seconds:.1f} s ({1000 * seconds / max(1, len(tried)):.1f} ms"
        f" each, {1000 * used / max(1, len(tried)):.1f} ms of the client's CPU);"
        f" replay {score(trials) or 0:.1f} %; {dict(statuses)};"
        f" {false_kills} of {NOTHING} that change nothing noticed"
    )
    if config.tests:
        noticed = sum(bool(one.kills) for one in verdicts if one.trial.status.counts)
        print(f"    {noticed} noticed by the project's tests")
    for trial in trials:
        if trial.status is Status.SURVIVED:
            print(f"    survived: {trial.mutant.id}")
    return trials


def _nothing(hunt: Hunt, trials: list[Trial]) -> int:
    """How many mutants are noticed that change nothing."""
    made = [t.mutant for t in trials if t.mutant.tables]
    same = [
        replace(made[n % len(made)], ddl=("SELECT 1",), kind="function", swap=None, control=())
        for n in range(0, NOTHING * 7, 7)
    ]
    return sum(trial.status.noticed for trial in hunt.campaign.run(same))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
