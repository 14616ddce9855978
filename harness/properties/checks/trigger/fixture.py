"""Fixture: a trigger with its recorder, rows in its table, and a statement for each event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from psycopg import sql

from harness.core.text import count
from harness.postgres.schema_model import Column, Table, Trigger
from harness.properties import dropping
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.trigger.call_recorder import CallRecorder, Seen
from harness.properties.expressions import inserting
from harness.properties.row_statements import Statement
from harness.properties.server_errors import is_broken
from harness.rowgen import Draft

IMMEDIATE = "SET CONSTRAINTS ALL IMMEDIATE"
EVENTS = ("insert", "update", "delete", "truncate")


class Fixture:
    """What one trigger is tried in; the context's transaction undoes it.

    ``peers`` are other triggers whose calls are noted, too. Other triggers are switched off
    where a row cannot be stored with them. Raises Undecided.
    """

    def __init__(
        self, table: Table, trigger: Trigger, context: CheckContext, peers: Sequence[Trigger] = ()
    ) -> None:
        self.table, self.trigger, self.context = table, trigger, context
        noted = [trigger, *(peer for peer in peers if peer.name != trigger.name)]
        self.recorder = CallRecorder(context, table, noted)
        self.row_level = trigger.level == "row"
        self._ruleless: list[str] = []
        try:
            self.rows = of.filled(context, table)
        except (Undecided, Failed) as why:  # a row that is swallowed fails other properties
            if not self.recorder.alone():
                raise Undecided(str(why)) from None
            self.rows = of.filled(context, table)

    @property
    def remark(self) -> str:
        """What was out of the way."""
        return said(self.recorder.remark, *self._ruleless)

    def without_rules(self) -> bool:
        """Let no rule stand for a statement, nor keep one away; False where there is none."""
        if self._ruleless or not self.table.rules:
            return False
        self.context.keep(IMMEDIATE)
        for rule in self.table.rules:
            self.context.keep(dropping.rule(self.table, rule))
            self._ruleless.append(f"shown without the rule {rule.name}")
        return True

    def draft(self) -> Draft:
        """A row that may be inserted, in place of all others where need be. Raises Undecided."""
        try:
            return self.context.valid(self.table)
        except (Undecided, Failed):
            if not self.context.attempt(of.delete(self.table, "true"), keep=True):
                raise
            self.rows = 0
            return self.context.valid(self.table)

    def ready(self) -> None:
        """See to it that a row is there. Raises Undecided."""
        self.rows = self.rows or of.filled(self.context, self.table)

    def statement(self, event: str) -> sql.Composed:
        """One that is such an event of one row. Raises Undecided where there is none."""
        if event == "insert":
            return inserting(self.draft())
        self.ready()
        if event == "update":
            return of.touch(self.table, updated(self.table, self.trigger))
        return of.delete(self.table) if event == "delete" else of.truncate(self.table)

    def several(self, event: str) -> Iterator[sql.Composed]:
        """The event for two rows, where that can be, then for one; an UPDATE that changes it."""
        single = self.statement(event)
        if self.rows > 1 and event == "delete":
            yield of.delete(self.table, of.NEWEST_TWO)
        if self.rows > 1 and event == "update":
            yield of.touch(self.table, updated(self.table, self.trigger), of.NEWEST_TWO)
        yield single
        if event == "update":
            yield of.change(self.context, self.table, listed(self.table, self.trigger))

    def run(
        self, statement: Statement, before: Iterable[Statement] = (), rows: bool = True
    ) -> Seen:
        """What a statement leads to; where another trigger is in the way, without that.

        With ``rows``, a statement that stores nothing has something in its way.
        """
        before = [*before, *[IMMEDIATE] * (not rows)]  # TRUNCATE waits for nothing
        seen = self.recorder.run(statement, before)
        for lift in (self.without_rules, self.recorder.alone):
            if (not seen.answer or (rows and not seen.answer.count)) and lift():
                seen = self.recorder.run(statement, before)
        return seen

    def stored(self, event: str) -> Seen:
        """What an event leads to, of two rows or of one. Raises Undecided where there is none."""
        seen = self._first_stored(event)
        for lift in (self.without_rules, self.recorder.alone):
            if not _is_stored(event, seen) and lift():
                seen = self._first_stored(event)
        accepted(seen, event)
        if not _is_stored(event, seen):
            raise Undecided(f"no row is there after {event.upper()}: something discards it")
        return seen

    def _first_stored(self, event: str) -> Seen:
        """The first way to an event that stores a row, else the last."""
        for statement in self.several(event):
            seen = self.recorder.run(statement, [IMMEDIATE] if event == "truncate" else [])
            if _is_stored(event, seen):
                self.demand_own(event, statement, [IMMEDIATE] if event == "truncate" else [])
                break
        return seen

    def demand_own(
        self, event: str, statement: Statement, before: Iterable[Statement] = ()
    ) -> None:
        """Demand that a statement which calls the recorder is no broken program without it.

        A rule may refuse it, which is what the trigger is for. Raises Failed.
        """
        mark = len(self.context.steps)
        answer = self.recorder.with_own_functions(statement, before)
        # What its function has not done to the rows that are there, it may miss at other events.
        whole = event == "insert" or "insert" not in self.trigger.events
        if answer is not None and not answer and is_broken(answer, valid_row=whole):
            raise Failed(f"at {event.upper()} its own function ends in an error: {answer}")
        del self.context.steps[mark:]

    def called(self, event: str, seen: Seen, rows: int | None = None) -> str:
        """Demand the calls that are due at an event. Raises Failed.

        ``rows``: how many reach the trigger, if not as many as the statement has changed.
        """
        number = seen.answer.count if rows is None else rows
        due, found = self._due(event, seen, number), seen.of(event)
        if len(found) != due:
            self._switched_off_below()
            raise Failed(f"at {event.upper()} it is called {len(found)} times, not {due}")
        said = {(call.timing, call.level) for call in found}
        declared = (self.trigger.timing.upper(), self.trigger.level.upper())
        for timing, level in said - {declared}:
            raise Failed(f"at {event.upper()} it is called {timing}, for each {level}")
        return times(event, due, number)

    def _switched_off_below(self) -> None:
        """A copy of a row trigger can be disabled on one partition. Raises Undecided."""
        for leaf in self.context.schema.leaves(self.table) if self.row_level else ():
            for copy in leaf.triggers:
                if (copy.name, copy.inherited, copy.fires) == (self.trigger.name, True, False):
                    raise Undecided(f"it is disabled on the partition {leaf}")

    def _due(self, event: str, seen: Seen, rows: int) -> int:
        if self.trigger.when:
            return seen.truths.count((event, "true"))
        return rows if self.row_level else 1


def _is_stored(event: str, seen: Seen) -> bool:
    """Whether a statement was accepted, and found a row."""
    return bool(seen.answer and (seen.answer.count or event == "truncate"))


def updated(table: Table, trigger: Trigger) -> Column:
    """A column whose UPDATE calls the trigger; of a generated one, what it is computed from."""
    found = of.all_settable(table, listed(table, trigger))
    return found[0] if found else of.settable(table, reached(table, trigger))


def listed(table: Table, trigger: Trigger) -> set[str]:
    """The columns of UPDATE OF that can be set."""
    settable = {column.name for column in of.all_settable(table)}
    return {name for name in trigger.update_columns if name in settable} or set(
        trigger.update_columns
    )


def reached(table: Table, trigger: Trigger) -> set[str]:
    """The columns of UPDATE OF, and those that its generated columns may be computed from."""
    names = set(trigger.update_columns)
    computed = [text for name in names if (text := table.column(name).generated)]
    before = any(t.timing == "before" and "update" in t.events for t in table.triggers)
    if computed and before:  # which may change any column: all that is generated is set again
        return {column.name for column in table.columns}
    return names | {c.name for c in table.columns if any(c.name in text for text in computed)}


def accepted(seen: Seen, what: str) -> None:
    """Raises Undecided where a statement is refused."""
    if not seen.answer:
        raise Undecided(f"{what} is refused: {seen.answer}")


def times(event: str, calls: int, rows: int) -> str:
    """What was seen, in words."""
    return f"{event.upper()} of {count(rows, 'row')}: {count(calls, 'call')}"


def said(*parts: str) -> str:
    """Remarks as one text."""
    return "; ".join(dict.fromkeys(part for part in parts if part))
