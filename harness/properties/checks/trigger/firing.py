"""When a trigger fires: its events, its columns, no rows, the order among several."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, zip_longest

from harness.postgres.schema_model import Column, Table, Trigger
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.trigger.fixture import (
    EVENTS,
    Fixture,
    accepted,
    listed,
    reached,
    said,
    times,
    updated,
)
from harness.properties.checks.trigger.when import Attempt, attempts, tried, values_for
from harness.properties.checks.trigger.when_observer import TRUE

_COLUMNS = 4
_MOST, _MORE = 80, 8
"""Statements that are tried for two triggers to fire together, and then for more of them."""


def fires(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """Once for each row or statement, at each of its events."""
    fixture = Fixture(table, trigger, context)
    found = [fixture.called(event, fixture.stored(event)) for event in trigger.events]
    return said(*found, fixture.remark)


def not_otherwise(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """Not at the events that it does not name."""
    others = [event for event in EVENTS if event not in trigger.events]
    fixture = Fixture(table, trigger, context)
    refused = {event: why for event in others if (why := _silent(fixture, event))}
    silent = [event.upper() for event in others if event not in refused]
    if others and not silent:
        raise Undecided(f"every other statement is refused: {_joined(refused)}")
    tried = f"not at {', '.join(silent)}" if silent else "it names every event"
    return said(tried, f"not tried: {_joined(refused)}" if refused else "", fixture.remark)


def _silent(fixture: Fixture, event: str) -> str:
    """Why an event that the trigger does not name cannot be tried; empty where it calls nothing.

    Raises Failed where the trigger is called.
    """
    try:
        seen = fixture.run(fixture.statement(event), rows=event != "truncate")
    except Undecided as why:
        return str(why)
    if seen.calls:
        raise Failed(f"it fires at {event.upper()}, which it does not name")
    return "" if seen.answer else str(seen.answer)


def _joined(refused: dict[str, str]) -> str:
    return ", ".join(f"{event} ({why})" for event, why in refused.items())


def update_of(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """An UPDATE of a listed column calls it, an UPDATE of others does not."""
    fixture = Fixture(table, trigger, context)
    for column in of.all_settable(table, listed(table, trigger))[:_COLUMNS]:
        seen = fixture.run(of.touch(table, column))
        if seen.answer and seen.answer.count:
            fixture.called("update", seen)
    others = of.all_settable(table, but=reached(table, trigger))[:_COLUMNS]
    tried = [column.name for column in others if _stays_silent(fixture, column)]
    if others and not tried:
        raise Undecided("no other column can be updated")
    return said(f"not at {', '.join(tried)}" if tried else "it names every column", fixture.remark)


def _stays_silent(fixture: Fixture, column: Column) -> bool:
    """Whether an UPDATE of a column is accepted, and calls nothing. Raises Failed."""
    seen = fixture.run(of.touch(fixture.table, column))
    if seen.calls:
        raise Failed(f"it fires at an UPDATE of {column}, which it does not name")
    return bool(seen.answer and seen.answer.count)


def zero_rows(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """A statement that finds no row calls statement triggers, and no row triggers."""
    fixture = Fixture(table, trigger, context)
    found = [_on_none(fixture, event) for event in trigger.events if event != "truncate"]
    return said(*found, fixture.remark)


def _on_none(fixture: Fixture, event: str) -> str:
    table, trigger = fixture.table, fixture.trigger
    statement = {
        "insert": lambda: of.insert_nothing(table),
        "update": lambda: of.touch(table, updated(table, trigger), "false"),
        "delete": lambda: of.delete(table, "false"),
    }[event]()
    seen = fixture.run(statement, rows=False)
    accepted(seen, f"{event.upper()} of no row")
    due = 0 if fixture.row_level else 1
    if trigger.when and not fixture.row_level:
        due = int((event, TRUE) in seen.truths)
    if len(seen.calls) != due:
        raise Failed(f"{event.upper()} of no row calls it {len(seen.calls)} times")
    return times(event, due, 0)


def order(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """Among its peers it comes where its name does, byte by byte."""
    every = {peer.name: peer for event in trigger.events for peer in peers(table, trigger, event)}
    fixture = Fixture(table, trigger, context, list(every.values()))
    found = [
        _in_order(fixture, event)
        for event in trigger.events
        if len(peers(table, trigger, event)) > 1
    ]
    if not any(found):
        raise Undecided("it does not fire together with another one, so no order is seen")
    return said(*found, fixture.remark)


def _in_order(fixture: Fixture, event: str) -> str:
    """The order that is seen at one event; empty where it is not called together with others."""
    longest: list[str] = []
    left = _MOST
    for statement, before in _together(fixture, event):
        mark, seen = len(fixture.context.steps), tried(fixture, Attempt(statement, before))
        names = list(dict.fromkeys(call.name for call in seen.of(event))) if seen else []
        if names != sorted(names, key=lambda name: name.encode()):
            raise Failed(f"at {event.upper()} they fire in the order {', '.join(names)}")
        if fixture.trigger.name in names and len(names) > len(longest):
            longest = names
        else:
            del fixture.context.steps[mark:]
        left = min(left - 1, _MORE if len(longest) > 1 else _MOST)
        if len(longest) == len(peers(fixture.table, fixture.trigger, event)) or not left:
            break
    return f"{event.upper()}: {' before '.join(longest)}" if len(longest) > 1 else ""


def _together(fixture: Fixture, event: str) -> Iterator[Attempt]:
    """Statements that are likely to call several triggers at once."""
    columns = of.all_settable(fixture.table)
    if event == "update" and columns:
        yield Attempt(of.touch_all(fixture.table, columns))
        yield Attempt(of.change(fixture.context, fixture.table))
    yield Attempt(fixture.statement(event))
    choosy = [trigger for trigger in peers(fixture.table, fixture.trigger, event) if trigger.when]
    if event == "update" and columns:
        for peer in choosy:
            for values in islice(values_for(fixture.table, peer, fixture.context), _MORE):
                yield Attempt(of.assigning(fixture.table, values, columns))
    for several in zip_longest(*(attempts(fixture, event, trigger) for trigger in choosy)):
        yield from (attempt for attempt in several if attempt is not None)


def peers(table: Table, trigger: Trigger, event: str) -> list[Trigger]:
    """The triggers that fire at the same moment, itself among them."""

    def moment(one: Trigger) -> tuple[str, str, bool]:
        return one.timing, one.level, one.fires

    return [t for t in table.triggers if moment(t) == moment(trigger) and event in t.events]
