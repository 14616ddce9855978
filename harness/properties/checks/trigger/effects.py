"""What a trigger does: to the row it is called with, and what its transition tables hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

from psycopg import sql

from harness.postgres.schema_model import Column, Table, Trigger
from harness.properties.base import Failed, Undecided
from harness.properties.branches import branches
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.trigger.fixture import Fixture, listed, said, updated
from harness.properties.checks.trigger.kept import times
from harness.properties.checks.trigger.when import true_attempt
from harness.properties.expressions import inserting
from harness.properties.looked_up import NOT_FOUND, fill
from harness.properties.row_statements import Statement
from harness.properties.server_errors import Meaning, is_broken, meaning
from harness.properties.statement_result import Answer, Row
from harness.rowgen import Draft

_NOTHING = "changes nothing"
_PAST = "2001-02-03 04:05:06"
_COLUMNS = 4


def no_op(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """UPDATE SET x = x is an UPDATE; what another trigger suppresses does not reach AFTER ones."""
    fixture = Fixture(table, trigger, context)
    seen = fixture.recorder.run(of.touch(table, updated(table, trigger)))
    if not seen.answer:
        raise Undecided(f"UPDATE is refused: {seen.answer}")
    called = len(seen.of("update"))
    if seen.answer.count:
        fixture.called("update", seen)
    elif called > (trigger.timing == "before"):
        raise Failed(f"no row is updated, and it is called {called} times")
    if trigger.when and not called and seen.answer.count:
        return "WHEN keeps it from firing where nothing changes"
    suppressed = "" if seen.answer.count else "an UPDATE that changes nothing is suppressed"
    return said(suppressed, "fires" if called else "does not fire")


def transition(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """REFERENCING: OLD TABLE and NEW TABLE have every row of the statement, and no other."""
    fixture = Fixture(table, trigger, context)
    found = []
    for event in trigger.events:
        seen = fixture.stored(event)
        for call in seen.of(event):
            held = [("OLD TABLE", call.old), ("NEW TABLE", call.new)]
            for name, rows in ((n, r) for n, r in held if r is not None):
                if rows != seen.answer.count:
                    count = seen.answer.count
                    raise Failed(f"at {event.upper()} of {count} rows its {name} has {rows}")
                found.append(f"{event.upper()} of {seen.answer.count}: {name} has {rows}")
    if not found:
        raise Undecided("it is not called, so its transition tables are not seen")
    return said(*found, fixture.remark)


def changes(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """What its own function makes of a row: stored with the trigger, and without it."""
    events = [event for event in trigger.events if event != "truncate"]
    found = _effects(table, trigger, context, events)
    if trigger.when and all(one.endswith(_NOTHING) for one in found if one):
        found = [_effect_where_true(table, trigger, context, event) for event in events]
    if any(found):
        return said(*found)
    others = [t.name for t in table.triggers if t.fires and t.name != trigger.name]
    _switch(table, context, "DISABLE TRIGGER", others)
    found = _effects(table, trigger, context, events, alone=True)
    if not any(found):
        raise Undecided("no statement is accepted without it, so nothing can be compared")
    return said(*found, f"shown without {', '.join(others)}")


def _effect_where_true(table: Table, trigger: Trigger, context: CheckContext, event: str) -> str:
    """What it does to a row of which WHEN is true. Raises Undecided where none is found."""
    with context.undone():
        fixture = Fixture(table, trigger, context)
        attempt = true_attempt(fixture, event)
    for text in attempt.before:
        context.attempt(text, keep=True)
    statement = attempt.statement
    if isinstance(statement, sql.Composed) and not statement.as_string().endswith("RETURNING *"):
        statement = statement + sql.SQL(" RETURNING *")
    without, again = (_without(table, trigger, context, statement) for _ in range(2))
    if without is None or again is None:
        return ""
    answer = context.attempt(statement)
    if not answer and is_broken(answer):
        raise Failed(f"at {event.upper()} its function ends in an error of its own: {answer}")
    return f"{event.upper()}: {_told(answer, without, again)}"


def _effects(
    table: Table,
    trigger: Trigger,
    context: CheckContext,
    events: Sequence[str],
    alone: bool = False,
) -> list[str]:
    """What the trigger does at each event. What fails at one is said before what is undecided."""
    found, undecided = [], []
    for event in events:
        try:
            found.append(_effect(table, trigger, context, event, alone))
        except Undecided as why:
            undecided.append(why)
    if undecided:
        raise undecided[0]
    return found


def _effect(
    table: Table,
    trigger: Trigger,
    context: CheckContext,
    event: str,
    alone: bool,
    filled: bool = False,
) -> str:
    """What the trigger does to one statement; empty where that cannot be told.

    ``alone``: the table's other triggers are off, so that it may miss what they do to a row.
    ``filled``: other tables have rows by now, which its function may look up.
    """
    found: list[str] = []
    depending: Answer | None = None
    for statement in _prepared(table, trigger, context, event):
        without, again = (_without(table, trigger, context, statement) for _ in range(2))
        if without is None or again is None:
            continue
        answer = context.attempt(statement)
        if not answer and is_broken(answer, valid_row=not alone):
            said_so = "its function ends in an error of its own"
            raise Failed(f"at {event.upper()} {said_so}: {answer}")
        if not answer and meaning(answer) is Meaning.VALUES:
            depending = answer
        else:
            found.append(_told(answer, without, again))
    if depending is not None:
        if depending.sqlstate == NOT_FOUND and not found and not filled:
            fill(context, table)
            return _effect(table, trigger, context, event, alone, filled=True)
        text = f"cannot take every value: {depending}"
        if not found:
            raise Undecided(f"at {event.upper()} its function {text}")
        found.append(text)
    telling = [text for text in found if text != _NOTHING]
    if found and not telling:
        telling = [*islice(_in_branches(table, trigger, context, event), 1)] or found
    return f"{event.upper()}: {' or '.join(dict.fromkeys(telling))}" if telling else ""


def _in_branches(
    table: Table, trigger: Trigger, context: CheckContext, event: str
) -> Iterator[str]:
    """What it does to rows with the values that its function compares columns with.

    ``IF OLD.paid THEN RAISE`` does nothing to most rows, and refuses some.
    """
    found = branches(context, table, event, of.key_columns(table), trigger.source)
    for column, text in ((column, text) for column, texts in found.items() for text in texts):
        mark = len(context.steps)
        with context.undone():
            said = _NOTHING
            for statement in _with_value(table, trigger, context, event, {column: text}):
                without, again = (_without(table, trigger, context, statement) for _ in range(2))
                if without is None or again is None:
                    continue
                answer = context.attempt(statement)
                if answer or meaning(answer) is Meaning.RULE:
                    said = _told(answer, without, again)
                if said != _NOTHING:
                    break
        if said == _NOTHING:
            del context.steps[mark:]
            continue
        yield f"{_NOTHING}, or {said} (tried with {column.name} {text or 'NULL'})"


def _with_value(
    table: Table,
    trigger: Trigger,
    context: CheckContext,
    event: str,
    value: dict[Column, str | None],
) -> Iterator[Statement]:
    """Statements of an event for a row with a value, and for an UPDATE the one to it."""
    back = sql.SQL(" RETURNING *")
    if event == "insert":
        with suppress(Undecided, Failed):
            draft = context.valid(table)
            yield inserting(draft.replace(**{c.name: text for c, text in value.items()}))
        return
    if event == "update":
        yield of.assigning(table, value) + back
    _switch(table, context, "DISABLE TRIGGER", [trigger.name])
    answer = context.attempt(of.assigning(table, value), keep=True)
    among = listed(table, trigger) if event == "update" else ()
    others = of.changes(context, table, among) if answer and event == "update" else ()
    found = [of.assigning(table, values) + back for values in islice(others, _COLUMNS)]
    _switch(table, context, _enabling(trigger), [trigger.name])
    if answer and event == "delete":
        yield of.delete(table) + back
    elif answer:
        yield from (of.touch(table, updated(table, trigger)) + back, *found)


def _told(answer: Answer, without: Row, again: Row) -> str:
    """What was made of a statement, beside what it stores without the trigger."""
    if not answer:
        return f"refuses it: {answer}"
    return _difference(answer.rows[0], without, again) if answer.rows else "suppresses it"


def _statements(
    table: Table, trigger: Trigger, context: CheckContext, event: str
) -> list[Statement]:
    """Statements that give the row back; UPDATEs that change it, and that change nothing."""
    back = sql.SQL(" RETURNING *")
    if event == "insert":
        return [inserting(_long_past(context, context.valid(table)))]
    of.filled(context, table, 1)
    _age(table, trigger, context)
    if event == "delete":
        return [of.delete(table) + back]
    among = listed(table, trigger)
    same = of.touch(table, updated(table, trigger))
    found = islice(of.changes(context, table, among), _COLUMNS)
    return [*(of.assigning(table, values) + back for values in found), same + back]


def _long_past(context: CheckContext, draft: Draft) -> Draft:
    """The row with its times long past, as far as it may be: what is set to now is seen then."""
    for column in _times(draft.table):
        aged = draft.replace(**{column.name: _PAST})
        draft = aged if context.attempt(inserting(aged)) else draft
    return draft


def _age(table: Table, trigger: Trigger, context: CheckContext) -> None:
    """The same of the row that is there."""
    for column in _times(table):
        with suppress(Undecided):
            _switch(table, context, "DISABLE TRIGGER", [trigger.name])
            context.attempt(of.assigning(table, {column: _PAST}), keep=True)
            _switch(table, context, _enabling(trigger), [trigger.name])


def _times(table: Table) -> list[Column]:
    return [column for column in times(table) if column.insertable]


def _enabling(trigger: Trigger) -> str:
    return "ENABLE ALWAYS TRIGGER" if trigger.enabled == "always" else "ENABLE TRIGGER"


def _prepared(table: Table, trigger: Trigger, context: CheckContext, event: str) -> list[Statement]:
    """The statements, and the rows that they need; where it swallows those, without it."""
    try:
        return _statements(table, trigger, context, event)
    except (Undecided, Failed):
        _switch(table, context, "DISABLE TRIGGER", [trigger.name])
        try:
            return _statements(table, trigger, context, event)
        except (Undecided, Failed):
            return []
        finally:
            _switch(table, context, _enabling(trigger), [trigger.name])


def _without(
    table: Table, trigger: Trigger, context: CheckContext, statement: Statement
) -> Row | None:
    """What a statement stores with the trigger switched off; None where it stores nothing."""
    with context.undone():
        _switch(table, context, "DISABLE TRIGGER", [trigger.name])
        answer = context.attempt(statement)
    return answer.rows[0] if answer and answer.rows else None


def _switch(table: Table, context: CheckContext, how: str, names: Sequence[str]) -> None:
    """Switch triggers on or off. Raises Undecided."""
    context.attempt("SET CONSTRAINTS ALL IMMEDIATE", keep=True)
    for name in names:
        text = sql.SQL("ALTER TABLE {} {} {}").format(
            table.identifier, sql.SQL(how), sql.Identifier(name)
        )
        context.keep(text)


def _difference(row: Row, without: Row, again: Row) -> str:
    """Which columns differ, leaving out what differs each time."""
    names = [n for n in row if row[n] != without[n] and without[n] == again[n]]
    if not names:
        return _NOTHING
    return f"sets {', '.join(names)}"
