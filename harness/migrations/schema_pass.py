"""The catalog: up, down and up of each revision; one by one against all at once.

On a database without rows but those that the migrations make themselves.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from harness.core.errors import HarnessError
from harness.core.findings import Finding
from harness.core.text import count
from harness.migrations.down_difference import gains_labels, told_apart
from harness.migrations.revision_result import Part, finding
from harness.migrations.scratch_database import Connections, ScratchDatabase, already_there, failed
from harness.migrations.step import Step
from harness.postgres.snapshot import Catalog, Difference

UP_DOWN_UP = "up, down, up"
_NOT_AGAIN = "after the down migration, the migration does not apply again"
NOT_RUN = Part(ran=False, notes=("not run: a revision before it does not apply",))


@dataclass
class SchemaPass:
    """The first pass over all steps.

    Reading the catalog takes most of the time, so the state after a second up is not read: it is
    what the next revision starts from, and must come back after that one's down migration.
    """

    scratch: ScratchDatabase
    steps: Sequence[Step]
    first: int = 0
    """The number of the first step that is tried; those before it are run, all at once."""
    _stack: ExitStack = field(default_factory=ExitStack)

    def run(self) -> Generator[Part]:
        """One part for each step that is tried, in order.

        The last one has the comparison with all at once, where all are tried: a difference may be
        the doing of any of them.
        """
        with closing(self.scratch), self._stack:
            connections = self._connections(self.steps[: self.first])
            tried: _Tried | None = None
            for number, step in enumerate(self.steps[self.first :], self.first):
                last, before = tried, tried.after if tried else connections.catalog()
                tried = _Tried(step, connections, before)
                tried.run()
                if last and tried.faults and last.again:
                    tried = self._retried(number, last)
                if last:
                    yield last.part
                if not tried.applied:
                    break
                connections = (
                    self._connections(self.steps[: number + 1])
                    if tried.dirty
                    else tried.connections
                )
            if tried and tried.applied:
                self._compare_last(tried)
            if tried:
                yield tried.part
                yield from [NOT_RUN] * (len(self.steps) - self.steps.index(tried.step) - 1)

    def _retried(self, number: int, last: _Tried) -> _Tried:
        """The step again, after the one before it was run once; what that one's second up did."""
        last.connections = self._connections(self.steps[: number - 1])
        last.replay()
        tried = _Tried(self.steps[number], self._connections(self.steps[:number]), last.after)
        tried.run()
        return tried

    def _compare_last(self, tried: _Tried) -> None:
        """Nothing comes after it: read what its second up left, then what all at once gives."""
        if tried.again:
            tried.compare_again()
        if not self.first:
            tried.found += self._at_once(tried.step, tried)

    def _connections(self, replay: Sequence[Step]) -> Connections:
        self._stack.close()
        return self._stack.enter_context(self.scratch.connections(replay))

    def _at_once(self, last: Step, tried: _Tried) -> list[Finding]:
        """Compare what the steps came to with what the tool makes of an empty database."""
        connections = self._connections(())
        self.scratch.source.apply(connections.work)
        difference = connections.catalog().difference(tried.after)
        if not difference:
            several = len(self.steps) > 1
            tried.evidence += ["one by one gives the same as all at once"] * several
            return []
        said = f"applied at once, the schema differs from one by one\n{difference}"
        return [finding(last.path, "at-once", said)]


@dataclass
class _Tried:
    """One step on the connections."""

    step: Step
    connections: Connections
    before: Catalog
    after: Catalog = field(init=False)
    applied: bool = False
    dirty: bool = False
    """Whether the database is not as after one up."""
    again: bool = False
    """Whether a second up succeeded, whose result is still to be looked at."""
    differs: bool = False
    """Whether it was looked at, and was not what the first up gave."""
    undoes: bool = True
    """Whether the down migration does anything."""
    _only_rows: bool = False
    _repeated: bool = False
    """Whether a second up was looked at at once, and gave the same."""
    found: list[Finding] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)

    @property
    def part(self) -> Part:
        """What was found."""
        ways = [UP_DOWN_UP] if self._repeated or (self.again and not self.differs) else []
        ran = self.applied or bool(self.found)
        found = tuple(self.found)
        rows = self._only_rows
        changes = self.after.difference(self.before) if self.applied else Difference(())
        return Part(
            (*ways, *self.evidence),
            found,
            changes=changes,
            ran=ran,
            undoes=self.undoes,
            only_rows=rows,
        )

    @property
    def faults(self) -> bool:
        """Whether something was found that fails it."""
        return any(one.severity == "error" for one in self.found)

    def run(self) -> None:
        """Up, down where there is one, up."""
        if not self._way("up", "the migration fails"):
            return
        self.applied = True
        self.after = self.connections.catalog()
        if self.step.down is None:
            self.evidence.append("up")
        elif not self._way("down", "the down migration fails"):
            self.dirty = bool(self.connections.catalog().difference(self.after))
        else:
            self._compare_down()
            self._up_again()

    def replay(self) -> None:
        """Up, down, up, and a look at what that comes to."""
        assert self.step.down is not None
        for way in (self.step.up, self.step.down, self.step.up):
            way(self.connections.work)
        self.compare_again()

    def compare_again(self) -> None:
        """Compare what the second up left with what the first did."""
        if other := self.connections.catalog().difference(self.after):
            said = f"after the down migration, applying again gives a different schema\n{other}"
            self.found.append(finding(self.step.path, "up-again", said))
            self.differs = True

    def _compare_down(self) -> None:
        catalog = self.connections.catalog()
        left = catalog.difference(self.before)
        self.dirty = bool(left)
        self._only_rows = not self.after.difference(self.before)
        if not left:
            self.evidence.append(f"down leaves {count(len(self.before), 'object')} as before")
            return
        faults, rest = told_apart(left)
        if not faults.added and not catalog.difference(self.after):
            self.undoes = False
            self._differs(f"the down migration undoes nothing of this\n{left}")
            return
        if faults:
            said = f"the down migration does not restore what was before\n{faults}"
            self.found.append(finding(self.step.down_path, "down-leaves", said))
        if rest:
            said = "after the down migration this is not as before, and PostgreSQL works without it"
            self._differs(f"{said}\n{rest}")
        if not faults:
            self._up_again_at_once(gains_labels(rest))

    def _differs(self, said: str) -> None:
        self.found.append(finding(self.step.down_path, "down-differs", said))

    def _up_again_at_once(self, labels: bool) -> None:
        """Up once more and a look at it, since the next revision starts from another database."""
        try:
            self.step.up(self.connections.work)
        except HarnessError as error:
            if not (labels and already_there(error)):
                self.found.append(failed(self.step, "up-again", _NOT_AGAIN, error))
            return
        faults, _ = told_apart(self.connections.catalog().difference(self.after))
        self._repeated = not faults
        if faults:
            said = f"after the down migration, applying again gives a different schema\n{faults}"
            self.found.append(finding(self.step.path, "up-again", said))

    def _up_again(self) -> None:
        if self.dirty:
            return
        if self._way("up-again", _NOT_AGAIN):
            self.again = True
        else:
            self.dirty = True

    def _way(self, rule: str, said: str) -> bool:
        """Whether a way succeeds; where it fails, it must have left everything as it was."""
        way = self.step.down if rule == "down" else self.step.up
        assert way is not None
        try:
            way(self.connections.work)
        except HarnessError as error:
            self.found.append(failed(self.step, rule, said, error))
            self._half_applied(self.before if rule == "up" else None)
            return False
        return True

    def _half_applied(self, before: Catalog | None) -> None:
        if before is not None and (half := self.connections.catalog().difference(before)):
            said = f"the migration fails, and leaves a part of it applied\n{half}"
            self.found.append(finding(self.step.path, "half-applied", said))
