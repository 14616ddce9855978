"""WHEN: the condition under which a trigger fires, true, false and NULL."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from psycopg import sql

from harness.postgres.schema_model import Column, Table, Trigger
from harness.properties.base import Failed, SetupFailed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.trigger.call_recorder import Seen
from harness.properties.checks.trigger.fixture import Fixture, listed, said, updated
from harness.properties.checks.trigger.when_observer import TRUE
from harness.properties.expressions import inserting
from harness.properties.row_search import row_where
from harness.properties.row_statements import Statement
from harness.rowgen import Draft

_ROWS, _PAIRED = 8, 12
"""Values of a column, and those that each literal of a condition is paired with."""
_OLD = 3
"""Values that a column has before it gets a literal of a condition."""
_MOST, _MORE = 160, 16
"""Attempts at each event, and those for what is missing when true and false have been seen."""
_WORDS = {TRUE, "false", "NULL"}
_NUMBERS = ("int2", "int4", "int8", "float4", "float8", "numeric")
_LITERAL = re.compile(r"'((?:[^']|'')*)'|(?<![\w.])(-?\d+(?:\.\d+)?)(?![\w.])")


class Attempt(NamedTuple):
    """A statement, and those that prepare it."""

    statement: Statement
    before: tuple[Statement, ...] = ()


def true_draft(fixture: Fixture) -> Draft:
    """A row of whose INSERT the condition is true; where none is found, or there is none, any."""
    for draft in islice(_drafts(fixture, fixture.trigger), _MOST) if fixture.trigger.when else ():
        if _is_true(fixture, "insert", Attempt(inserting(draft))):
            return draft
    return fixture.draft()


def true_values(fixture: Fixture) -> dict[Column, str | None]:
    """What an UPDATE sets for the condition to be true; empty where it need not be, or is not."""
    table, trigger = fixture.table, fixture.trigger
    for values in (
        islice(values_for(table, trigger, fixture.context), _MOST) if trigger.when else ()
    ):
        if _is_true(fixture, "update", Attempt(of.assigning(table, values))):
            return values
    return {}


def true_attempt(fixture: Fixture, event: str) -> Attempt:
    """A statement that calls the trigger. Raises Undecided where WHEN is true of none."""
    if not fixture.trigger.when:
        return Attempt(fixture.statement(event))
    for attempt in islice(attempts(fixture, event), _MOST):
        if _is_true(fixture, event, attempt):
            return attempt
    raise Undecided(_never(fixture))


def _is_true(fixture: Fixture, event: str, attempt: Attempt) -> bool:
    mark, seen = len(fixture.context.steps), tried(fixture, attempt)
    true = seen is not None and bool(seen.answer.count) and (event, TRUE) in seen.truths
    if not true:
        del fixture.context.steps[mark:]
    return true


def holds(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """It fires where the condition is true, and nowhere else."""
    fixture = Fixture(table, trigger, context)
    seen: set[str] = set()
    for event in trigger.events:
        left, called = _MOST, False
        for attempt in attempts(fixture, event):
            mark, words = len(context.steps), _compared(fixture, event, attempt)
            if TRUE in words and not called:
                fixture.demand_own(event, *attempt)
                called = True
            if words <= seen:
                del context.steps[mark:]  # it shows nothing new
            seen |= words
            left = min(left - 1, _MORE if seen >= {TRUE, "false"} else _MOST)
            if seen >= _WORDS or not left:
                break
    if TRUE not in seen:
        raise Undecided(_never(fixture))
    return said(f"seen {', '.join(sorted(seen, reverse=True))}", fixture.remark)


def _compared(fixture: Fixture, event: str, attempt: Attempt) -> set[str]:
    """What WHEN was, seen with the calls that it led to. Raises Failed where they differ."""
    seen = tried(fixture, attempt)
    if seen is None or not seen.answer:
        return set()
    words = [word for of_event, word in seen.truths if of_event == event]
    called, due = len(seen.of(event)), words.count(TRUE)
    if words and called != due:
        word = "fires" if called > due else "does not fire"
        raise Failed(f"it {word} where WHEN {fixture.trigger.when} is {' and '.join(words)}")
    return set(words)


def tried(fixture: Fixture, attempt: Attempt) -> Seen | None:
    """What an attempt led to; None where it cannot be prepared."""
    try:
        return fixture.recorder.run(attempt.statement, attempt.before)
    except SetupFailed:
        return None


def _never(fixture: Fixture) -> str:
    others = [t.name for t in fixture.table.triggers if t.timing == "before" and t.fires]
    changing = [name for name in others if name != fixture.trigger.name]
    after = f", after what {', '.join(changing)} makes of it" if changing else ""
    return f"no row was found for which WHEN {fixture.trigger.when} is true{after}"


def attempts(fixture: Fixture, event: str, trigger: Trigger | None = None) -> Iterator[Attempt]:
    """Statements for whose rows the condition is likely to differ, of this trigger or another."""
    yield Attempt(fixture.statement(event))
    if fixture.row_level and event != "truncate":
        ways = {"insert": _inserts, "update": _updates, "delete": _deletes}
        yield from ways[event](fixture, trigger or fixture.trigger)


def _inserts(fixture: Fixture, trigger: Trigger) -> Iterator[Attempt]:
    for draft in _drafts(fixture, trigger):
        yield Attempt(inserting(draft))


def _deletes(fixture: Fixture, trigger: Trigger) -> Iterator[Attempt]:
    for draft in _drafts(fixture, trigger):
        yield Attempt(of.delete(fixture.table), (inserting(draft),))


def _updates(fixture: Fixture, trigger: Trigger) -> Iterator[Attempt]:
    """Of each column, from the row that is there; then from and to rows that vary."""
    table, among = fixture.table, listed(fixture.table, trigger)
    yield from map(Attempt, settings(table, trigger, fixture.context))
    whole = (_all(table, draft, among) for draft in _wanted(fixture, trigger))
    yield from (Attempt(one) for one in whole if one is not None)
    if re.search(r"\bold\b", trigger.when or "", re.IGNORECASE):
        yield from _between(fixture, trigger)


def _between(fixture: Fixture, trigger: Trigger) -> Iterator[Attempt]:
    """From rows with the condition's own literals to others, and back; then from any row."""
    table, among = fixture.table, listed(fixture.table, trigger)
    literals = [(c, t) for c in _read(table, trigger.when or "") for t in _written(trigger, c)]
    base, same = fixture.draft(), of.touch(table, updated(table, trigger))
    others = list(dict.fromkeys([*literals, *_varied(table, trigger, fixture.context)[:_PAIRED]]))
    for column, text in literals:
        before = (inserting(base.replace(**{column.name: text})),)
        yield Attempt(same, before)
        for other, value in others:
            if not among or other.name in among:
                yield Attempt(of.assigning(table, {other: value}), before)
        for value in [v for other, v in others if other is column and v not in (None, text)][:_OLD]:
            if not among or column.name in among:  # a row that has NULL is no other state
                before = (inserting(base.replace(**{column.name: value})),)
                yield Attempt(of.assigning(table, {column: text}), before)
    yield from (Attempt(same, (inserting(draft),)) for draft in _drafts(fixture, trigger))


def _all(table: Table, draft: Draft, among: set[str]) -> sql.Composed | None:
    """UPDATE of the newest row to what another one holds, but for its keys."""
    keys = of.key_columns(table)
    names = [n for n in draft.values if n not in keys and (not among or n in among)]
    columns = [table.column(name) for name in names if table.column(name).identity is None]
    return of.assigning(table, {c: draft.values[c.name] for c in columns}) if columns else None


def _drafts(fixture: Fixture, trigger: Trigger) -> Iterator[Draft]:
    """Rows that differ in what the condition reads."""
    base = fixture.draft()
    for column, text in _varied(fixture.table, trigger, fixture.context):
        yield base.replace(**{column.name: text})
    yield from _wanted(fixture, trigger)
    for _ in range(_ROWS // 2):
        yield fixture.draft()


def _wanted(fixture: Fixture, trigger: Trigger) -> list[Draft]:
    """A row of which the condition is true and one of which it is not, where it asks of one row."""
    condition = trigger.when or ""
    plain = re.sub(r"\b(?:old|new)\.(?=[\w\"])", "", condition, flags=re.IGNORECASE)
    if ".*" in condition or not _read(fixture.table, condition):
        return []
    columns = [column.name for column in _read(fixture.table, condition)]
    found: list[Draft] = []
    for wanted in (plain, f"NOT ({plain})"):
        with suppress(Undecided):
            found.append(row_where(fixture.context, fixture.table, wanted, columns))
    return found


def settings(
    table: Table, trigger: Trigger, context: CheckContext, but: Collection[str] = ()
) -> list[sql.Composed]:
    """UPDATEs of the newest row, each of one column, that bear upon the condition."""
    return [of.assigning(table, values) for values in values_for(table, trigger, context, but)]


def values_for(
    table: Table, trigger: Trigger, context: CheckContext, but: Collection[str] = ()
) -> Iterator[dict[Column, str | None]]:
    """Values of one column each that bear upon the condition, for an UPDATE that may call it."""
    among = listed(table, trigger)
    for column, text in _varied(table, trigger, context):
        if column.name not in but and (not among or column.name in among):
            yield {column: text}


def _varied(
    table: Table, trigger: Trigger, context: CheckContext
) -> list[tuple[Column, str | None]]:
    """Values for the columns that the condition reads, one at a time."""
    condition = trigger.when or ""
    columns = _read(table, condition) or of.all_settable(table)
    plan = context.rows.plan(table)
    values: list[tuple[Column, str | None]] = []
    for column in columns:
        near = _written(trigger, column) if column in _read(table, condition) else []
        found = [*near, *plan.pool(column.name).accepted[:_ROWS]]
        values += [(column, text) for text in dict.fromkeys(found)]
        values += [(column, None)] * column.nullable
    return values


def _read(table: Table, condition: str) -> list[Column]:
    """The columns that a condition names."""
    columns = [c for c in table.columns if c.insertable and not c.identity]
    return [c for c in columns if re.search(rf"(?<!\w){_quoted(c)}(?!\w)", condition)]


def _quoted(column: Column) -> str:
    return re.escape(column.name.replace('"', '""'))


def _written(trigger: Trigger, column: Column) -> list[str]:
    """The literals of a condition, and the numbers beside them, as a column may hold them."""
    found = _all_values(column)
    for text, number in _LITERAL.findall(trigger.when or ""):
        if number or column.type.root.name not in _NUMBERS:
            found.append(_held(text.replace("''", "'") or number, column))
        if number.lstrip("-").isdigit():
            found += [str(int(number) + 1), str(int(number) - 1)]
    return list(dict.fromkeys(found))


def _all_values(column: Column) -> list[str]:
    """What a column of few values can hold."""
    root = column.type.root
    return ["true", "false"] if root.name == "bool" else list(root.labels[:_ROWS])


def _held(text: str, column: Column) -> str:
    """A literal in what has elements or keys."""
    if column.type.root.category == "array":
        return "{" + json.dumps(text) + "}"
    return json.dumps({text: text}) if column.type.root.name in ("json", "jsonb") else text
