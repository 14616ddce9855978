"""Ways to an event other than its own statement: COPY, ON CONFLICT, MERGE, another partition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from psycopg import sql

from harness.postgres.schema_model import Constraint, Table, Trigger
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.trigger.call_recorder import Seen
from harness.properties.checks.trigger.fixture import Fixture, accepted, said, updated
from harness.properties.checks.trigger.when import true_draft, true_values
from harness.properties.row_statements import copying
from harness.rowgen import Draft

_MERGE_FROM = 150000
_SOURCE = "SELECT tableoid AS harness_t, ctid AS harness_c FROM {} ORDER BY 1 DESC, 2 DESC LIMIT 1"


def copy(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """COPY calls it as INSERT does."""
    fixture = Fixture(table, trigger, context)
    draft = true_draft(fixture)
    if not draft.values:
        draft = replace(draft, values=_whole(draft))
    if not draft.values:
        raise Undecided("there is no column that COPY could fill")
    seen = fixture.run(copying(draft))
    accepted(seen, "COPY")
    if not seen.answer.count:
        raise Undecided("no row is there after COPY: something discards it")
    return said(fixture.called("insert", seen), fixture.remark)


def _whole(draft: Draft) -> dict[str, str | None]:
    """Every column that COPY takes: identities, too."""
    columns = [column.name for column in draft.table.columns if column.generated is None]
    return {name: draft.stored[name] for name in columns}


def on_conflict(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """INSERT ... ON CONFLICT: what is called for a row that is there, and for one that is not."""
    fixture = Fixture(table, trigger, context)
    key, again = _conflicting(fixture)
    text = of.repeated(table, again)
    ignored = _ignored(fixture, text)
    found = []
    if "insert" in trigger.events:
        found.append(f"DO NOTHING: {_insert_is_called(fixture, ignored)}")
    if (action := _excluded(fixture)) is not None:
        names = sql.SQL(", ").join(map(sql.Identifier, key.columns))
        update = sql.SQL(" ON CONFLICT ({}) DO UPDATE SET ").format(names) + action
        found.append(f"DO UPDATE: {_upserted(fixture, text + update)}")
    return said(*found, fixture.remark)


def _excluded(fixture: Fixture) -> sql.Composed | None:
    """What DO UPDATE sets; None where no column may be set."""
    values = true_values(fixture) if "update" in fixture.trigger.events else {}
    for column, text in values.items():
        return sql.SQL("{} = {}").format(column.identifier, sql.Literal(text))
    for column in of.all_settable(fixture.table, among=_of(fixture)):
        return sql.SQL("{0} = EXCLUDED.{0}").format(column.identifier)
    return None


def _ignored(fixture: Fixture, text: sql.Composed) -> Seen:
    """DO NOTHING, if need be without triggers that give the row another key. Raises Undecided."""
    statement = text + sql.SQL(" ON CONFLICT DO NOTHING")
    ignored = fixture.run(statement, rows=False)
    if ignored.answer.count and fixture.recorder.alone():
        ignored = fixture.run(statement, rows=False)
    accepted(ignored, "ON CONFLICT DO NOTHING")
    if ignored.answer.count:
        raise Undecided("the second row does not conflict with the first")
    return ignored


def _of(fixture: Fixture) -> set[str]:
    """The columns one of which has to be set for the trigger to be called."""
    wanted = set(fixture.trigger.update_columns)
    return wanted if "update" in fixture.trigger.events else set()


def _conflicting(fixture: Fixture) -> tuple[Constraint, Draft]:
    """A key, and the INSERT of a row that is stored already."""
    stored = _stored(fixture)
    given = {c.name: stored[c.name] for c in fixture.table.columns if c.generated is None}
    for key in _arbiters(fixture.table):
        if all(stored[name] is not None for name in key.columns):
            return key, Draft(fixture.table, given, stored)
    raise Undecided("there is no key at which two rows could conflict")


def _stored(fixture: Fixture) -> dict[str, str | None]:
    rows = fixture.context.query(of.newest(fixture.table))
    if not rows:
        raise Undecided("no row is stored: something discards it")
    return dict(rows[0])


def _arbiters(table: Table) -> Iterator[Constraint]:
    """The keys that ON CONFLICT can name, and an INSERT can give."""
    for key in table.keys:
        given = all(table.column(name).generated is None for name in key.columns)
        if given and not key.deferrable and not key.period:
            yield key


def _insert_is_called(fixture: Fixture, seen: Seen) -> str:
    """BEFORE and statement triggers of INSERT are; AFTER row triggers are not."""
    reaches = fixture.trigger.timing == "before" or not fixture.row_level
    return fixture.called("insert", seen, int(reaches))


def _upserted(fixture: Fixture, statement: sql.Composed) -> str:
    """The row that is there is updated: UPDATE triggers are called as well."""
    seen = fixture.run(statement)
    accepted(seen, "ON CONFLICT DO UPDATE")
    if not seen.answer.count:
        raise Undecided("nothing is updated: something discards it")
    found = [_insert_is_called(fixture, seen)] if "insert" in fixture.trigger.events else []
    if "update" in fixture.trigger.events:
        found.append(fixture.called("update", seen, 1))
    return ", ".join(found)


def merge(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """MERGE calls the triggers of what it does: INSERT, UPDATE or DELETE."""
    if context.connection.info.server_version < _MERGE_FROM:
        raise Undecided("this server has no MERGE: PostgreSQL 15 is the first that does")
    fixture = Fixture(table, trigger, context)
    return said(*(_merged(fixture, event) for event in merged_events(trigger)), fixture.remark)


def merged_events(trigger: Trigger) -> list[str]:
    """The events of a trigger that MERGE can be."""
    return [event for event in trigger.events if event != "truncate"]


def _merged(fixture: Fixture, event: str) -> str:
    """MERGE with one action, which is carried out."""
    seen = fixture.run(_merge(fixture, event))
    accepted(seen, f"MERGE with {event.upper()}")
    if not seen.answer.count:
        raise Undecided(f"MERGE with {event.upper()} finds no row: something discards it")
    if others := {call.event for call in seen.calls} - {event.upper()}:
        raise Failed(f"MERGE with {event.upper()} calls it at {', '.join(sorted(others))}")
    return f"MERGE: {fixture.called(event, seen)}"


def _merge(fixture: Fixture, event: str) -> sql.Composed:
    table = fixture.table
    if event == "insert":
        return _merge_insert(true_draft(fixture))
    fixture.ready()
    start = "MERGE INTO {} AS harness_m USING ({}) AS harness_s ON harness_m.tableoid = harness_t"
    found = sql.SQL(start + " AND harness_m.ctid = harness_c WHEN MATCHED THEN ").format(
        of.target(table), sql.SQL(_SOURCE).format(of.target(table))
    )
    if event == "delete":
        return found + sql.SQL("DELETE")
    return found + sql.SQL("UPDATE SET ") + _set(fixture)


def _set(fixture: Fixture) -> sql.Composed:
    """What MERGE sets: a column to what it is, or to what WHEN asks for."""
    for column, text in true_values(fixture).items():
        return sql.SQL("{} = {}").format(column.identifier, sql.Literal(text))
    column = updated(fixture.table, fixture.trigger)
    itself = sql.SQL("harness_m.{}").format(column.identifier)
    value = sql.SQL("DEFAULT") if column.identity else itself
    return sql.SQL("{} = {}").format(column.identifier, value)


def _merge_insert(draft: Draft) -> sql.Composed:
    start = sql.SQL("MERGE INTO {} AS harness_m USING (SELECT 1) AS harness_s ON false").format(
        draft.table.identifier
    )
    action = sql.SQL(" WHEN NOT MATCHED THEN INSERT ")
    if not draft.values:
        return start + action + sql.SQL("DEFAULT VALUES")
    always = any(draft.table.column(name).identity == "always" for name in draft.values)
    return (
        start
        + action
        + sql.SQL("({}) {}VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, draft.values)),
            sql.SQL("OVERRIDING SYSTEM VALUE " if always else ""),
            sql.SQL(", ").join(map(sql.Literal, draft.values.values())),
        )
    )
