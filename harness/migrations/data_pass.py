"""The second pass: revisions on tables with rows, watched, and while a second session works."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from harness.core.errors import HarnessError
from harness.core.findings import Finding
from harness.migrations.bulk_rows import multiply
from harness.migrations.concurrent_session import SecondSession
from harness.migrations.lock_findings import contested, read_through, too_much, waited_too_long
from harness.migrations.lock_observer import Watching
from harness.migrations.revision_result import Limits, Locked, Part, count, finding
from harness.migrations.schema_pass import NOT_RUN
from harness.migrations.scratch_database import Connections, ScratchDatabase, already_there, failed
from harness.migrations.step import Step
from harness.migrations.table_data import Losses, Moment, Stock, lost
from harness.postgres.schema_model import Name
from harness.postgres.snapshot import Catalog
from harness.sources import MigrationError

_GAVE_WAY = ("55P03", "40P01")
"""lock_not_available, deadlock_detected: a migration that would rather fail than wait."""


@dataclass
class Use:
    """The second pass over all steps."""

    scratch: ScratchDatabase
    steps: Sequence[Step]
    limits: Limits
    _stack: ExitStack = field(default_factory=ExitStack)

    def run(self) -> Generator[Part]:
        """One part for each step, in order."""
        with self._stack:
            stock = self._stock(())
            for number, step in enumerate(self.steps):
                used = _Used(step, stock, self.limits)
                used.run()
                if not used.applied:
                    yield used.part
                    yield from [NOT_RUN] * (len(self.steps) - number - 1)
                    return
                if used.dirty:
                    left = used.stock.connections.catalog()
                    stock = self._stock(self.steps[: number + 1])
                    used.compare(left, stock.connections.catalog())
                yield used.part

    def _stock(self, replay: Sequence[Step]) -> Stock:
        self._stack.close()
        stock = Stock(self._stack.enter_context(self.scratch.connections(replay)), self.limits.rows)
        stock.refresh()
        return stock


@dataclass(frozen=True, slots=True)
class _Again:
    """How a second application of the same was taken."""

    refusal: HarnessError | None

    def __str__(self) -> str:
        if self.refusal is None:
            return "twice: harmless"
        return f"twice: refused{_state(self.refusal)}"


@dataclass
class _Used:
    """One step on tables with rows."""

    step: Step
    stock: Stock
    limits: Limits
    applied: bool = False
    dirty: bool = False
    """Whether the database may not be as after one up."""
    found: list[Finding] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    locks: list[Locked] = field(default_factory=list)
    blocked: float = 0.0
    _twice: _Again | None = None
    """None where there was no second application, or what it led to is found already."""

    @property
    def connections(self) -> Connections:
        """Where all happens."""
        return self.stock.connections

    @property
    def part(self) -> Part:
        """What was found."""
        notes = [f"{name}: no rows: {why}" for name, why in self.stock.notes.items()]
        twice = [str(self._twice)] if self._twice else []
        found, locks = tuple(self.found), tuple(self.locks)
        return Part((*self.evidence, *twice), found, locks, tuple(notes), self.blocked)

    def run(self) -> None:
        """Up; with a way down also down and up again; then up once more, which is too much."""
        self.stock.forget()
        self.stock.fill()
        if self.step.down is None:
            self._more(list(self.stock.counts))
        before = self.stock.moment()
        if not self._first():
            return
        if any(before.rows.values()):
            self.evidence.append(f"on {_amount(before.rows)}")
        if self.step.down is not None and not self.found:
            self._down_and_up(before)
        self.found += too_much(self.step.path, self.locks)
        if not self.dirty:
            self._again()

    # --- up ----------------------------------------------------------------------------

    def _first(self) -> bool:
        """Apply it and see what it locks; where rows are in its way, without them."""
        everyone = [] if self.step.down else list(self.stock.counts)
        watching = Watching(self.connections, self.stock.known, self.stock.counts)
        error = self._up(watching, everyone)
        self.locks = watching.locks
        if error is None:
            self.stock.refresh(watching.touched)
        elif not self._without_rows(error):
            return False
        self.applied = True
        self._judge_wait(everyone)
        return True

    def _without_rows(self, error: HarnessError) -> bool:
        """Apply it to empty tables; whether it was the rows that it failed for."""
        rows = _amount(self.stock.contents)
        self.stock.clear()
        said = f"the migration fails on tables with rows ({rows})"
        self.found.append(failed(self.step, "up-on-rows", said, error))
        try:
            self.step.up(self.connections.work)
        except HarnessError:
            return False
        self.stock.refresh()
        return True

    def _up(self, watching: Watching, others: Sequence[Name]) -> HarnessError | None:
        """Apply it while a second session uses tables; the error where it fails."""
        self._session = SecondSession(self.connections, others, self.limits.blocked)
        try:
            with self._session.working():
                watching.besides = [self._session.pid]
                with watching.watch():
                    self.step.up(self.connections.work)
        except HarnessError as error:
            if others and _gave_way(error):
                return self._up(watching, ())
            return error
        return None

    def _judge_wait(self, others: Sequence[Name]) -> None:
        wait = self._session.longest
        self.blocked = max(self.blocked, wait.seconds)
        if wait.gave_up:
            budget = self.limits.blocked
            self.found.append(waited_too_long(self.step.path, wait, self.locks, budget))
        elif others:
            self.evidence.append(f"a second session waited {wait.seconds * 1e3:.0f} ms at most")

    # --- down and up -------------------------------------------------------------------

    def _down_and_up(self, before: Moment) -> None:
        watching = Watching(self.connections, self.stock.known, {})
        applied = self.stock.moment()
        if not self._down(watching):
            return
        self.stock.refresh(watching.touched)
        self._judge_losses(lost(before, applied, self.stock.moment()), any(before.rows.values()))
        self.stock.fill()
        self._more(read_through(self.locks))
        others = [name for name in contested(self.locks) if self.stock.counts.get(name)]
        watching = Watching(self.connections, self.stock.known, self.stock.counts)
        if error := self._up(watching, others):
            self.dirty = True
            if not already_there(error):  # that has nothing to do with rows: the first pass judges
                said = "after the way down, on tables with rows, the migration does not apply again"
                self.found.append(failed(self.step, "up-again", said, error))
            return
        self.stock.refresh(watching.touched)
        self._judge_wait(others)

    def _judge_losses(self, gone: Losses, rows: bool) -> None:
        """What the up takes away no down can bring back; what the down takes away is its own."""
        if gone.by_up:
            said = "\n".join(["the way up takes away what was in the tables", *gone.by_up])
            self.found.append(finding(self.step.path, "loses-data", said))
        if gone.by_down:
            said = "\n".join(["the way down takes away what was in the tables", *gone.by_down])
            self.found.append(finding(self.step.down_path, "down-loses-data", said))
        if rows and not gone.by_up and not gone.by_down:
            self.evidence.append("down keeps them")

    def _down(self, watching: Watching) -> bool:
        """Undo it; whether that succeeds."""
        assert self.step.down is not None
        try:
            with watching.watch():
                self.step.down(self.connections.work)
        except HarnessError as error:
            said = "the way down fails on tables with rows"
            self.found.append(failed(self.step, "down-on-rows", said, error))
            self.dirty = True
            return False
        return True

    def _more(self, names: Sequence[Name]) -> None:
        """Many rows where there are a few."""
        few = [n for n in names if 0 < self.stock.counts.get(n, 0) < self.limits.many // 2]
        if not few:
            return
        for table in filter(None, map(self.stock.schema().by_name.get, few)):
            multiply(self.connections.hand, table, self.limits.many)
        self.stock.refresh(few)

    # --- once more ---------------------------------------------------------------------

    def _again(self) -> None:
        """Apply it a second time, and see whether that leaves anything behind."""
        pulse, rows = self.connections.pulse(), dict(self.stock.contents)
        watching = Watching(self.connections, self.stock.known, {})
        refusal: HarnessError | None = None
        try:
            with watching.watch():
                self.step.up(self.connections.work)
        except HarnessError as error:
            refusal = error
        self._twice = again = _Again(refusal)
        if refusal is not None and watching.touched is not None:
            return  # it was one transaction, and that was rolled back
        self.stock.refresh(watching.touched)
        changed = [str(name) for name in rows if self.stock.contents.get(name) != rows[name]]
        if changed:
            self._half(again, f"the rows of {', '.join(changed)} change")
        self.dirty = bool(changed) or self.connections.pulse() != pulse

    def compare(self, left: Catalog, wanted: Catalog) -> None:
        """See what a second application has made of the catalog."""
        if self._twice and (difference := left.difference(wanted)):
            self._half(self._twice, str(difference))

    def _half(self, again: _Again, what: str) -> None:
        ends = "is refused and leaves a part of it" if again.refusal else "changes more"
        said = f"applied a second time, the migration {ends}\n{what}"
        self.found.append(finding(self.step.path, "twice", said))
        self._twice = None


def _gave_way(error: HarnessError) -> bool:
    return isinstance(error, MigrationError) and error.failure.sqlstate in _GAVE_WAY


def _state(error: HarnessError) -> str:
    return f" ({error.failure.sqlstate})" if isinstance(error, MigrationError) else ""


def _amount(contents: Mapping[Name, tuple[str, ...]]) -> str:
    rows = [len(rows) for rows in contents.values() if rows]
    return f"{count(sum(rows), 'row')} in {count(len(rows), 'table')}"
