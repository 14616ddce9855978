"""The second pass: revisions on tables with rows, watched, and while a second session works."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from harness.core.errors import HarnessError
from harness.core.findings import Finding
from harness.core.text import count
from harness.migrations.concurrent_session import ConcurrentSession
from harness.migrations.fitting_rows import (
    Change,
    depends_on_rows,
    holds_what_is_listed,
    is_guard,
    learnt,
    lists_what_is_refused,
    named,
)
from harness.migrations.lock_findings import contested, read_through
from harness.migrations.lock_observer import WRITES, LockObserver
from harness.migrations.losses import Contents, Moment, lost
from harness.migrations.revision_result import Limits, Locked, Losses, Part, Wait, finding
from harness.migrations.schema_pass import NOT_RUN
from harness.migrations.scratch_database import Connections, ScratchDatabase, already_there, failed
from harness.migrations.step import Step
from harness.migrations.table_data import Fitting, TableData
from harness.postgres.schema_model import Name
from harness.postgres.session import Failure
from harness.postgres.snapshot import Catalog
from harness.sources import MigrationError

_GAVE_WAY = ("55P03", "40P01")
"""lock_not_available, deadlock_detected: a migration that would rather fail than wait."""
_RELABELS = re.compile(r"\bRENAME\s+VALUE\b", re.IGNORECASE)
_ATTEMPTS = 3
"""Times that rows are made again, each time with what the last refusal said."""
_DEPENDS = (
    "the migration fails where rows do not fit what it does, and applies where they do:"
    " that depends on data that only production has"
)


@dataclass
class DataPass:
    """The second pass over all steps."""

    scratch: ScratchDatabase
    steps: Sequence[Step]
    limits: Limits
    first: int = 0
    """The number of the first step that is tried; those before it are run, all at once."""
    _stack: ExitStack = field(default_factory=ExitStack)
    _history: History = field(default_factory=lambda: History())

    def run(self) -> Generator[Part]:
        """One part for each step that is tried, in order."""
        with closing(self.scratch), self._stack:
            data = self._table_data(self.steps[: self.first])
            for number, step in enumerate(self.steps[self.first :], self.first):
                rebuild = partial(self._table_data, self.steps[:number])
                used = _Used(step, data, self.limits, rebuild, self._history)
                used.run()
                data = used.data
                if not used.applied:
                    yield used.part
                    yield from [NOT_RUN] * (len(self.steps) - number - 1)
                    return
                if used.dirty:
                    left = used.data.connections.catalog()
                    data = self._table_data(self.steps[: number + 1])
                    used.compare(left, data.connections.catalog())
                yield used.part

    def _table_data(self, replay: Sequence[Step]) -> TableData:
        self._stack.close()
        data = TableData(
            self._stack.enter_context(self.scratch.connections(replay)), self.limits.rows
        )
        data.refresh()
        return data


@dataclass
class History:
    """The columns that earlier revisions added to tables that were there, and what they filled."""

    late: set[tuple[Name, str]] = field(default_factory=set)
    backfilled: set[tuple[Name, str]] = field(default_factory=set)
    """Those in which a migration has put values where NULLs were."""

    def note(self, before: Moment, after: Moment, written: Collection[Name]) -> None:
        """A revision has run; ``written`` are the tables whose rows it may have changed."""
        for name, oid in after.tables.items():
            known = before.columns.get(oid)
            added = after.columns[oid].keys() - known.keys() if known is not None else ()
            self.late.update((name, column) for column in added)
        for name, column in self.late:
            if name in written and _nulls(after, name, column) < len(after.rows.get(name, ())):
                self.backfilled.add((name, column))


def _nulls(moment: Moment, name: Name, column: str) -> int:
    rows = map(moment.parsed, moment.rows.get(name, ()))
    return sum(row.get(column) is None for row in rows)


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
    data: TableData
    limits: Limits
    rebuild: Callable[[], TableData]
    """The database before this step, without rows of ours; the one at hand is gone then."""
    history: History
    applied: bool = False
    dirty: bool = False
    """Whether the database may not be as after one up."""
    found: list[Finding] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    locks: list[Locked] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)
    _before: Moment = field(init=False)
    """What the up migration that succeeded has met."""
    _written: Collection[Name] = ()
    """The tables whose rows it may have changed."""
    _undoes: bool = True
    """Whether the down migration changes rows or columns."""
    _twice: _Again | None = None
    """None where there was no second application, or what it led to is found already."""

    @property
    def connections(self) -> Connections:
        """Where all happens."""
        return self.data.connections

    @property
    def part(self) -> Part:
        """What was found."""
        notes = [f"{name}: no rows: {why}" for name, why in self.data.notes.items()]
        twice = [str(self._twice)] if self._twice else []
        found, locks = tuple(self.found), tuple(self.locks)
        every = (*self.evidence, *twice)
        return Part(
            every,
            found,
            locks,
            tuple(notes),
            waits=tuple(self.waits),
            losses=self.losses,
            undoes=self._undoes,
        )

    def run(self) -> None:
        """Up; with a down migration down and up again; then up once more, which is too much."""
        self.data.forget()
        self.data.fill()
        if self.step.down is None:
            self.data.copy(list(self.data.counts), self.limits.many)
        if not self._first():
            return
        before = self._before
        if any(before.rows.values()):
            self.evidence.append(f"on {_amount(before.rows)}")
        self.history.note(before, self.data.moment(), self._written)
        if self.step.down is not None and not self._failed:
            self._down_and_up(before)
        if not self.dirty:
            self._again()

    @property
    def _failed(self) -> bool:
        return any(one.severity == "error" for one in self.found)

    # --- up ----------------------------------------------------------------------------

    def _first(self) -> bool:
        """Apply it and see what it locks; where rows are in its way, on others, then without."""
        pulse = self._pulse_under_copies()
        error = self._attempt()
        intact = depends_on_rows(error) and pulse == self._pulse_under_copies()
        if intact and self.data.take_copies_back():
            error = self._attempt()
        if isinstance(error, MigrationError) and depends_on_rows(error):
            # Told of at a statement before the one that failed: a lock that was polled may be its.
            changed = (o for o in self.locks if o.location and o.strength == WRITES)
            error = self._on_other_rows(error, {one.relation for one in changed})
        if error is not None and not self._without_rows(error):
            return False
        self.applied = True
        self._note_wait(self._others)
        return True

    @property
    def _others(self) -> list[Name]:
        """The tables that a second session uses meanwhile, where there is one chance to."""
        return [] if self.step.down else list(self.data.counts)

    def _attempt(self) -> HarnessError | None:
        """One up on the rows at hand; the error where it fails."""
        self._before = self.data.moment()
        observer = LockObserver(self.connections, self.data.known, self.data.counts)
        error = self._up(observer, self._others)
        self.locks = observer.locks
        if error is None:
            self._written = observer.touched or ()
            self.data.refresh(self._touched(observer))
        return error

    def _on_other_rows(
        self, error: MigrationError, written: Collection[Name]
    ) -> HarnessError | None:
        """Apply it to rows that fit what it adds; the error where there are none such.

        What some rows pass and others do not depends on data that only production has.
        """
        met = {name for name, rows in self._before.rows.items() if rows}
        rows = self._before.rows
        data = self.data = self.rebuild()
        schema, before = data.schema(), data.moment()
        if lists_what_is_refused(self.connections, schema, error.failure, rows):
            return error
        listed = holds_what_is_listed(self.connections, schema, error.failure, rows)
        try:
            self.step.up(self.connections.work)
        except HarnessError as other:
            return other
        data.refresh()
        new = self.connections.schema()
        change = Change(self.connections, schema, new, before, data.moment(), self.limits.rows)
        filled = written if self._assigns(error.failure.column) else ()
        if change.misses_rows(error.failure, filled, self.history.backfilled):
            return error
        if listed and change.casts(error.failure):
            return error
        if change.leaves_out(error.failure, rows):
            return error
        fitting, last = change.fitting(1, error.failure), error
        for seed in range(1, _ATTEMPTS + 1):
            contents = self._refill(fitting, seed)
            if not self._has_rows(last.failure, met):
                return error
            refusal = self._attempt()
            if refusal is None:
                self.found.append(failed(self.step, "depends-on-data", _DEPENDS, error))
                return None
            if not isinstance(refusal, MigrationError) or not depends_on_rows(refusal):
                return refusal
            last = refusal
            fitting = learnt(fitting, last.failure, contents, schema)
            fitting = named(fitting, last.failure, self._script, schema)
        return error

    def _assigns(self, column: str) -> bool:
        """Whether the migration may set a column: an SQL file says so, of others nobody knows."""
        sets = rf'\bSET\b[^;]*(?<!\w){re.escape(column)}"?\s*='
        script = self._script
        return not script or re.search(sets, script, re.IGNORECASE) is not None

    @property
    def _script(self) -> str:
        """The migration's text; empty where it is no SQL file."""
        path = self.step.path
        is_file = path.suffix == ".sql" and path.is_file()
        return path.read_text(errors="replace") if is_file else ""

    def _touched(self, observer: LockObserver) -> Collection[Name] | None:
        """The tables whose rows may be others now; None for all of them.

        A label that is renamed is another one in every table, and none is locked for that.
        """
        paths = filter(None, (self.step.path, self.step.down_path))
        texts = (
            path.read_text(errors="replace")
            for path in paths
            if path.suffix == ".sql" and path.is_file()
        )
        return None if any(map(_RELABELS.search, texts)) else observer.touched

    def _pulse_under_copies(self) -> Any:
        """What tells whether a failure has left anything, where copies may be its reason."""
        return self.connections.pulse() if self.data.copied else None

    def _refill(self, fitting: Fitting, seed: int) -> Contents:
        """The database before this step, with rows that fit."""
        self.data = self.rebuild()
        self.data.fitting, self.data.seed = fitting, seed
        self.data.fill()
        return self.data.contents

    def _has_rows(self, failure: Failure, met: Collection[Name]) -> bool:
        """Whether there are rows wherever the first ones may have been refused."""
        root = self.data.root
        name, wanted = Name(failure.schema, failure.table), {root(one) for one in met}
        wanted = {root(name)} & wanted or wanted
        return {root(one) for one in self.data.counts} >= wanted

    def _without_rows(self, error: HarnessError) -> bool:
        """Apply it to empty tables; whether it was the rows that it failed for."""
        rows = _amount(self._before.rows)
        self.data = self.rebuild()
        self._before = self.data.moment()
        # A guard of the migration's own says itself that it is about data: no row has to pass it.
        rule = "depends-on-data" if is_guard(error) else "up-on-rows"
        said = f"the migration fails on tables with rows ({rows})"
        self.found.append(failed(self.step, rule, said, error))
        try:
            self.step.up(self.connections.work)
        except HarnessError:
            return False
        self.data.refresh()
        return True

    def _up(self, observer: LockObserver, others: Sequence[Name]) -> HarnessError | None:
        """Apply it while a second session uses tables; the error where it fails."""
        self._session = ConcurrentSession(self.connections, others, self.limits.blocked)
        try:
            with self._session.working():
                observer.besides = [self._session.pid]
                with observer.watch():
                    self.step.up(self.connections.work)
        except HarnessError as error:
            if others and _gave_way(error):
                return self._up(observer, ())
            return error
        return None

    def _note_wait(self, others: Sequence[Name]) -> None:
        wait = self._session.longest
        self.waits.append(wait)
        if others and not wait.gave_up:
            self.evidence.append(f"a second session waited {wait.seconds * 1e3:.0f} ms at most")

    # --- down and up -------------------------------------------------------------------

    def _down_and_up(self, before: Moment) -> None:
        observer = LockObserver(self.connections, self.data.known, {})
        applied = self.data.moment()
        if not self._down(observer):
            return
        self.data.refresh(self._touched(observer))
        after = self.data.moment()
        self._undoes = (applied.rows, applied.columns) != (after.rows, after.columns)
        self.losses = lost(before, applied, after)
        if any(before.rows.values()) and not any(self.losses):
            self.evidence.append("down keeps them")
        self.data.fill()
        self.data.copy(read_through(self.locks), self.limits.many)
        others = [name for name in contested(self.locks) if self.data.counts.get(name)]
        observer = LockObserver(self.connections, self.data.known, self.data.counts)
        pulse = self._pulse_under_copies()
        error = self._up(observer, others)
        if depends_on_rows(error) and pulse is not None:
            if pulse != self._pulse_under_copies():  # a part of it is there, because of our copies
                self.dirty = True
                return
            self.data.take_copies_back()
            observer = LockObserver(self.connections, self.data.known, self.data.counts)
            error = self._up(observer, others)
        if error:
            self.dirty = True
            if not already_there(error):  # that has nothing to do with rows: the first pass judges
                said = "on tables with rows, the migration does not apply again after its down"
                self.found.append(failed(self.step, "up-again", said, error))
            return
        self.data.refresh(self._touched(observer))
        self._note_wait(others)

    def _down(self, observer: LockObserver) -> bool:
        """Undo it; whether that succeeds."""
        assert self.step.down is not None
        try:
            with observer.watch():
                self.step.down(self.connections.work)
        except HarnessError as error:
            said = "the down migration fails on tables with rows"
            self.found.append(failed(self.step, "down-on-rows", said, error))
            self.dirty = True
            return False
        return True

    # --- once more ---------------------------------------------------------------------

    def _again(self) -> None:
        """Apply it a second time, and see whether that leaves anything behind."""
        pulse, rows = self.connections.pulse(), dict(self.data.contents)
        observer = LockObserver(self.connections, self.data.known, {})
        refusal: HarnessError | None = None
        try:
            with observer.watch():
                self.step.up(self.connections.work)
        except HarnessError as error:
            refusal = error
        self._twice = again = _Again(refusal)
        if refusal is not None and observer.touched is not None:
            return  # it was one transaction, and that was rolled back
        self.data.refresh(self._touched(observer))
        changed = [str(name) for name in rows if self.data.contents.get(name) != rows[name]]
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
