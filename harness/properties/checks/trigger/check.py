"""The check of triggers: when they fire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from harness.properties.answer import Answer
from harness.properties.base import Promise, Refuted, Undecided
from harness.properties.bench import Bench, Statement, copying
from harness.properties.checks.trigger import when
from harness.properties.checks.trigger.probe import Call, Probe
from harness.properties.checks.trigger.statements import (
    delete,
    nothing,
    settable,
    touch,
    truncate,
)
from harness.properties.expressions import inserting
from harness.relations import Schema, Table, Trigger


class Triggers:
    """Triggers fire when they say."""

    id: ClassVar[str] = "trigger"
    group: ClassVar[str] = "triggers"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/trigger-definition.html"

    def promises(self, schema: Schema) -> Iterator[Promise]:
        """For each trigger of an ordinary or partitioned table that is not a parent's copy."""
        for table in schema:
            if table.kind in ("ordinary", "partitioned", "partition") and table.insertable:
                for trigger in table.triggers:
                    for aspect in () if trigger.inherited else _aspects(table, trigger):
                        yield Promise(self.id, table.name, trigger.name, aspect)

    def check(self, promise: Promise, bench: Bench) -> str:
        """Hold one aspect of one trigger against the server."""
        table = bench.schema.by_name[promise.table]
        trigger = next(t for t in table.triggers if t.name == promise.object)
        return _ASPECTS[promise.aspect](table, trigger, bench)


def _aspects(table: Table, trigger: Trigger) -> Iterator[str]:
    if not trigger.fires:
        yield "disabled"
        return
    yield from ["when"] if trigger.when else ["fires"]
    yield "not_otherwise"
    yield from ["update_of"] * bool(trigger.update_columns)
    yield from ["zero_rows"] * bool({"update", "delete"} & set(trigger.events))
    yield from ["order"] * (len(_peers(table, trigger)) > 1)
    if "insert" in trigger.events and not trigger.when:
        yield "copy"
        yield from ["on_conflict"] * bool(table.keys)


def _fires(table: Table, trigger: Trigger, bench: Bench) -> str:
    """Once for each row or statement, at each of its events."""
    statements = _statements(table, trigger, bench)
    probe = Probe(bench, [trigger])
    for event in trigger.events:
        answer, calls = probe.calls(statements[event])
        _accepted(answer, event)
        if not answer.count and trigger.level == "row" and event != "truncate":
            raise Undecided(f"no row is there after {event.upper()}: something swallows it")
        expected = answer.count if trigger.level == "row" else 1
        _called(trigger, event, calls, expected)
    return ""


def _not_otherwise(table: Table, trigger: Trigger, bench: Bench) -> str:
    """Not at the events that it does not name."""
    others = [e for e in ("insert", "update", "delete", "truncate") if e not in trigger.events]
    statements = _statements(table, trigger, bench)
    probe = Probe(bench, [trigger])
    refused = []
    for event in others:
        answer, calls = probe.calls(statements[event])
        refused += [event] * (not answer)
        if any(call.event == event.upper() for call in calls):
            raise Refuted(f"it fires at {event.upper()}, which it does not name")
    if others and len(refused) == len(others):
        raise Undecided(f"every other statement is refused: {', '.join(refused)}")
    return ""


def _update_of(table: Table, trigger: Trigger, bench: Bench) -> str:
    """An UPDATE of other columns does not call it."""
    bench.stored_row(table)
    other = settable(table, but=trigger.update_columns)
    probe = Probe(bench, [trigger])
    answer, calls = probe.calls(touch(table, other))
    _accepted(answer, f"update of {other}")
    if calls:
        raise Refuted(f"it fires at an UPDATE of {other}, which it does not name")
    return ""


def _zero_rows(table: Table, trigger: Trigger, bench: Bench) -> str:
    """A statement that finds no row calls statement triggers, and no row triggers."""
    probe = Probe(bench, [trigger])
    if "update" in trigger.events:
        statement = nothing(table, settable(table, among=trigger.update_columns))
    else:
        statement = delete(table, "false")
    answer, calls = probe.calls(statement)
    _accepted(answer, "a statement on no rows")
    if bool(calls) != (trigger.level == "statement"):
        raise Refuted(f"on zero rows it is called {len(calls)} times")
    return ""


def _order(table: Table, trigger: Trigger, bench: Bench) -> str:
    """Among its peers it comes where its name does, byte by byte."""
    peers = _peers(table, trigger)
    statements = _statements(table, trigger, bench)
    probe = Probe(bench, peers)
    event = trigger.events[0]
    answer, calls = probe.calls(statements[event])
    _accepted(answer, event)
    names = list(dict.fromkeys(call.name for call in calls))
    if trigger.name not in names:
        raise Undecided("it does not fire, so nothing is seen of its order")
    if names != sorted(names, key=lambda name: name.encode()):
        raise Refuted(f"they fire in the order {', '.join(names)}")
    return " before ".join(names)


def _copy(table: Table, trigger: Trigger, bench: Bench) -> str:
    """COPY calls it as INSERT does."""
    draft = bench.valid(table)
    if any(table.column(name).identity == "always" for name in draft.values):
        raise Undecided("the row has an identity of its own, which COPY cannot say")
    probe = Probe(bench, [trigger])
    answer, calls = probe.calls(copying(draft))
    _accepted(answer, "copy")
    _called(trigger, "insert", calls, 1)
    return ""


def _on_conflict(table: Table, trigger: Trigger, bench: Bench) -> str:
    """DO NOTHING with a row that is there: BEFORE triggers fire, AFTER row triggers do not."""
    draft = bench.valid(table)
    kept = bench.keep(inserting(draft)).rows
    if not kept:
        raise Undecided("the row is not stored: something swallows it")
    key = next(k for k in table.keys)
    again = draft.replace(**{name: kept[0][name] for name in key.columns})
    text = inserting(again).as_string().replace(" RETURNING *", " ON CONFLICT DO NOTHING")
    probe = Probe(bench, [trigger])
    answer, calls = probe.calls(text)
    _accepted(answer, "insert on conflict")
    if answer.count:
        raise Undecided("the second row does not conflict with the first")
    expected = 1 if trigger.timing == "before" or trigger.level == "statement" else 0
    _called(trigger, "insert", calls, expected)
    return ""


def _disabled(table: Table, trigger: Trigger, bench: Bench) -> str:
    """It does not fire."""
    statements = _statements(table, trigger, bench)
    probe = Probe(bench, [trigger])
    answer, calls = probe.calls(statements[trigger.events[0]])
    _accepted(answer, trigger.events[0])
    if calls:
        raise Refuted("it fires although it is disabled")
    return trigger.enabled


def _statements(table: Table, trigger: Trigger, bench: Bench) -> dict[str, Statement]:
    """A statement for each event; the row that is updated or deleted is there."""
    bench.stored_row(table)
    draft = bench.valid(table)
    column = settable(table, among=trigger.update_columns)
    return {
        "insert": inserting(draft),
        "update": touch(table, column),
        "delete": delete(table),
        "truncate": truncate(table),
    }


def _peers(table: Table, trigger: Trigger) -> list[Trigger]:
    """The triggers that fire at the same moment."""

    def moment(one: Trigger) -> tuple[str, str, bool]:
        return one.timing, one.level, one.fires

    event = trigger.events[0]
    return [t for t in table.triggers if moment(t) == moment(trigger) and event in t.events]


def _accepted(answer: Answer, what: str) -> None:
    if not answer:
        raise Undecided(f"{what} is refused: {answer}")


def _called(trigger: Trigger, event: str, calls: list[Call], expected: int) -> None:
    found = [call for call in calls if call.event == event.upper()]
    if len(found) != expected:
        raise Refuted(f"at {event.upper()} it is called {len(found)} times, not {expected}")
    declared = (trigger.timing.upper(), trigger.level.upper())
    if any((call.timing, call.level) != declared for call in found):
        raise Refuted(
            f"at {event.upper()} it is called {found[0].timing}, for each {found[0].level}"
        )


_ASPECTS: dict[str, Callable[[Table, Trigger, Bench], str]] = {
    "fires": _fires,
    "when": when.holds,
    "not_otherwise": _not_otherwise,
    "update_of": _update_of,
    "zero_rows": _zero_rows,
    "order": _order,
    "copy": _copy,
    "on_conflict": _on_conflict,
    "disabled": _disabled,
}
