"""The second pass: revisions on tables with rows, watched, and while a second session works."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg

from harness.catalog import Catalog
from harness.errors import HarnessError
from harness.findings import Finding
from harness.migrations.desk import Bench, Desk, failed
from harness.migrations.judgement import contested, read_through, too_much, waited_too_long
from harness.migrations.many import multiply
from harness.migrations.second import SecondSession
from harness.migrations.step import Step
from harness.migrations.stock import Stock, lost
from harness.migrations.structure import NOT_RUN
from harness.migrations.trial import Limits, Locked, Part, count, finding
from harness.migrations.watching import Relation, Watching
from harness.relations import Name
from harness.sources import MigrationError

_GAVE_WAY = ("55P03", "40P01")
"""lock_not_available, deadlock_detected: a migration that would rather fail than wait."""


@dataclass
class Use:
    """The second pass over all steps."""

    desk: Desk
    steps: Sequence[Step]
    limits: Limits
    _stack: ExitStack = field(default_factory=ExitStack)

    def run(self) -> Iterator[Part]:
        """One part for each step, in order."""
        with self._stack:
            stock = self._stock(())
            for number, step in enumerate(self.steps):
                used = _Used(step, stock, self.limits)
                used.run()
                yield used.part
                if not used.applied:
                    yield from [NOT_RUN] * (len(self.steps) - number - 1)
                    return
                stock = self._settled(number, used)

    def _settled(self, number: int, used: _Used) -> Stock:
        """The stock for the next step: another one where this one is not as it should be."""
        if not used.again.changed:
            return used.stock
        fresh = self._stock(self.steps[: number + 1])
        used.again.judge(fresh.bench.catalog(), used)
        return fresh

    def _stock(self, replay: Sequence[Step]) -> Stock:
        self._stack.close()
        return Stock(self._stack.enter_context(self.desk.bench(replay)), self.limits.rows)
