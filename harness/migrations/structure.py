"""The catalog: up, down and up of each revision; one by one against all at once.

On a database without rows but those that the migrations make themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from harness.catalog import Catalog
from harness.errors import HarnessError
from harness.findings import Finding
from harness.migrations.desk import Bench, Desk, failed
from harness.migrations.step import Step
from harness.migrations.trial import Part, count, finding

NOT_RUN = Part(ran=False, notes=("not run: a revision before it does not apply",))


@dataclass
class Structure:
    """The first pass over all steps."""

    desk: Desk
    steps: Sequence[Step]
    _stack: ExitStack = field(default_factory=ExitStack)

    def run(self) -> Iterator[Part]:
        """One part for each step, in order. The last one has the comparison with all at once."""
        with self._stack:
            bench = self._bench(())
            before = bench.catalog()
            for number, step in enumerate(self.steps):
                tried = _Tried(step, bench, before)
                tried.run()
                if not tried.applied:
                    yield tried.part
                    yield from [NOT_RUN] * (len(self.steps) - number - 1)
                    return
                if tried.dirty:
                    bench = self._bench(self.steps[: number + 1])
                before = tried.after
                if number == len(self.steps) - 1:
                    tried.found += self._at_once(step, tried)
                yield tried.part

    def _bench(self, replay: Sequence[Step]) -> Bench:
        self._stack.close()
        return self._stack.enter_context(self.desk.bench(replay))

    def _at_once(self, last: Step, tried: _Tried) -> list[Finding]:
        """Compare what the steps came to with what the tool makes of an empty database."""
        bench = self._bench(())
        self.desk.source.apply(bench.work)
        difference = bench.catalog().difference(tried.after)
        if not difference:
            several = len(self.steps) > 1
            tried.evidence += ["one by one gives the same as all at once"] * several
            return []
        said = f"applied at once, the schema is another than one by one\n{difference}"
        return [finding(last.path, "at-once", said)]


@dataclass
class _Tried:
    """One step on a bench."""

    step: Step
    bench: Bench
    before: Catalog
    after: Catalog = field(init=False)
    applied: bool = False
    dirty: bool = False
    """Whether the bench is not as after one up."""
    found: list[Finding] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)

    @property
    def part(self) -> Part:
        """What was found."""
        return Part(tuple(self.evidence), tuple(self.found), ran=self.applied or bool(self.found))

    def run(self) -> None:
        """Up, down where there is one, up."""
        if not self._way("up", "the migration fails"):
            return
        self.applied = True
        self.after = self.bench.catalog()
        if self.step.down is None:
            self.evidence.append("up")
        elif not self._way("down", "the way down fails"):
            self.dirty = bool(self.bench.catalog().difference(self.after))
        else:
            self._compare_down()
            self._up_again()

    def _compare_down(self) -> None:
        left = self.bench.catalog().difference(self.before)
        self.dirty = bool(left)
        if left:
            said = f"the way down does not restore what was before\n{left}"
            self.found.append(finding(self.step.down_path, "down-leaves", said))
        else:
            self.evidence.append(_restored(len(self.before)))

    def _up_again(self) -> None:
        if self.dirty:
            return
        if not self._way("up-again", "after the way down, the migration does not apply again"):
            self.dirty = True
        elif other := self.bench.catalog().difference(self.after):
            self.dirty = True
            said = f"after the way down, applying again gives another schema\n{other}"
            self.found.append(finding(self.step.path, "up-again", said))
        else:
            self.evidence[:0] = ["up, down, up"]

    def _way(self, rule: str, said: str) -> bool:
        """Whether a way succeeds; where it fails, it must have left everything as it was."""
        way = self.step.down if rule == "down" else self.step.up
        assert way is not None
        try:
            way(self.bench.work)
        except HarnessError as error:
            self.found.append(failed(self.step, rule, said, error))
            self._half_applied(self.before if rule == "up" else None)
            return False
        return True

    def _half_applied(self, before: Catalog | None) -> None:
        if before is not None and (half := self.bench.catalog().difference(before)):
            said = f"the migration fails, and leaves a part of it applied\n{half}"
            self.found.append(finding(self.step.path, "half-applied", said))


def _restored(before: int) -> str:
    return f"down leaves {count(before, 'object')} as before"

