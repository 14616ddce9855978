"""Triggers that are switched off, and those that fire in a replica's session."""

from __future__ import annotations

from harness.postgres.schema_model import Table, Trigger
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger.call_recorder import Seen
from harness.properties.checks.trigger.fixture import Fixture, accepted, said

_REPLICA = "SET LOCAL session_replication_role = replica"


def disabled(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """It does not fire at any of its events."""
    fixture = Fixture(table, trigger, context)
    for event in trigger.events:
        seen = fixture.run(fixture.statement(event), rows=event != "truncate")
        accepted(seen, event)
        if seen.calls:
            raise Failed(f"it fires at {event.upper()} although it is disabled")
    return said(trigger.enabled, fixture.remark)


def replica(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """ENABLE REPLICA and ENABLE ALWAYS: it fires under session_replication_role = replica."""
    fixture = Fixture(table, trigger, context)
    found = [fixture.called(event, _applied(fixture, event)) for event in trigger.events]
    return said("as a replica", *found, fixture.remark)


def _applied(fixture: Fixture, event: str) -> Seen:
    """What an event leads to where changes of another server are applied."""
    statement = fixture.statement(event)
    with fixture.context.undone():
        answer = fixture.context.attempt(_REPLICA, keep=True)
        if not answer:
            raise Undecided(f"this session may not be a replica's: {answer}")
        seen = fixture.recorder.run(statement)
    accepted(seen, event)
    if event != "truncate" and not seen.answer.count:
        raise Undecided(f"no row is there after {event.upper()}: something discards it")
    return seen
