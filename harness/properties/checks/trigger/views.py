"""Triggers of views: INSTEAD OF the statement, for each row that the view shows."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from harness.postgres.schema_model import Table, Trigger
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger.call_recorder import CallRecorder, Seen
from harness.properties.checks.trigger.fixture import said, times
from harness.properties.expressions import inserting
from harness.properties.view_rows import show


def fires(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """Once for each row or statement, at each of its events."""
    recorder = _arranged(table, trigger, context)
    return said(*(_at(table, trigger, recorder, context, event) for event in trigger.events))


def _arranged(table: Table, trigger: Trigger, context: CheckContext) -> CallRecorder:
    """The recorder, and rows in what the view reads."""
    instead = [t for t in table.triggers if t.timing == "instead of" and t.fires]
    show(context, table)
    noted = [trigger, *(t for t in instead if t.name != trigger.name)]
    return CallRecorder(context, table, noted)


def _at(
    table: Table, trigger: Trigger, recorder: CallRecorder, context: CheckContext, event: str
) -> str:
    """Demand what is due at one event. Raises Failed or Undecided."""
    seen = _tried(table, recorder, context, event)
    if not seen.answer:
        raise Undecided(f"{event.upper()} is refused: {seen.answer}")
    row = trigger.level == "row"
    if row and not seen.answer.count:
        raise Undecided(f"the view shows no row that {event.upper()} could find")
    calls = [call for call in seen.of(event) if call.name == trigger.name]
    due = seen.answer.count if row else 1
    if len(calls) != due:
        raise Failed(_missed(table, trigger, event, len(calls), due))
    return times(event, due, seen.answer.count)


def _tried(table: Table, recorder: CallRecorder, context: CheckContext, event: str) -> Seen:
    """What the first statement that is accepted leads to."""
    for statement in _statements(table, context, event):
        seen = recorder.run(statement)
        if seen.answer:
            break
    return seen


def _statements(table: Table, context: CheckContext, event: str) -> Iterator[sql.Composed]:
    """An INSTEAD OF trigger takes every row, so the plainest comes first."""
    view = table.identifier
    if event == "insert":
        yield sql.SQL("INSERT INTO {} DEFAULT VALUES").format(view)
        yield inserting(context.valid(table))
    elif event == "delete":
        yield sql.SQL("DELETE FROM {}").format(view)
    else:
        for column in table.columns:
            name = column.identifier
            yield sql.SQL("UPDATE {} SET {} = {}").format(view, name, name)


def _missed(table: Table, trigger: Trigger, event: str, calls: int, due: int) -> str:
    """Why a statement trigger of a view can never fire, where that is so."""
    instead = [t for t in table.triggers if t.timing == "instead of" and event in t.events]
    text = f"at {event.upper()} it is called {calls} times, not {due}"
    if instead or trigger.level == "row":
        return text
    return f"{text}: {event.upper()} of the view is one of its table, without INSTEAD OF"
