"""The observer: a second trigger beside one with WHEN, which sees what WHEN is asked of.

The rows that a condition judges are those that the triggers in front have made of them, so they
are looked at in the same place: a trigger without a condition, whose name is the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from harness.postgres.schema_model import Name, Table, Trigger
from harness.properties.base import Undecided
from harness.properties.check_context import CheckContext

OBSERVER = "harness observer"
TRUE = "true"
_FUNCTION = """
CREATE OR REPLACE FUNCTION pg_temp.harness_observer() RETURNS trigger LANGUAGE plpgsql AS $harness$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        PERFORM set_config('harness.fired', concat(current_setting('harness.fired', true),
            json_build_object('name', 'harness observer', 'event', TG_OP,
            'table', json_build_array(TG_TABLE_SCHEMA, TG_TABLE_NAME),
            'old', OLD::text, 'new', NEW::text)::text, chr(10)), false);
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $harness$
"""
_TRIGGER = """CREATE OR REPLACE TRIGGER {name} {timing} {events} ON {table} FOR EACH ROW
    EXECUTE FUNCTION pg_temp.harness_observer()"""
# Whoever switches the other off does not switch this one off.
_ALWAYS = "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
_LONGEST = 63


def add_observer(context: CheckContext, table: Table, trigger: Trigger) -> None:
    """Put an observer right behind a row trigger with WHEN. Raises Undecided."""
    words = {
        "name": sql.Identifier(_beside(trigger.name)),
        "timing": sql.SQL(trigger.timing.upper()),
        "events": sql.SQL(" OR ").join(sql.SQL(event.upper()) for event in trigger.events),
        "table": table.identifier,
    }
    context.attempt("SET CONSTRAINTS ALL IMMEDIATE", keep=True)
    for text in (_FUNCTION, _TRIGGER, _ALWAYS):
        answer = context.attempt(sql.SQL(text).format(**words), keep=True)
        if not answer:
            raise Undecided(f"the rows that WHEN is asked about cannot be seen: {answer}")


def truths(
    context: CheckContext, trigger: Trigger, notes: Sequence[dict[str, Any]]
) -> list[tuple[str, str]]:
    """What WHEN comes to for each event that was observed: "true", "false" or "NULL"."""
    if not trigger.when:
        return []
    if trigger.level == "statement":
        word = _value(context, sql.SQL("SELECT ({})::text AS truth").format(sql.SQL(trigger.when)))
        return [(event, word) for event in trigger.events]
    seen = [note for note in notes if note["name"] == OBSERVER]
    return [(n["event"].lower(), _value(context, _asking(trigger.when, n))) for n in seen]


def _asking(condition: str, note: dict[str, Any]) -> sql.Composed:
    """The condition of the rows that were seen."""
    table = Name(*note["table"])
    rows = [
        sql.SQL("(SELECT ({}::{}).*) AS {}").format(
            sql.Literal(note[name]), table.identifier, sql.SQL(name)
        )
        for name in ("old", "new")
        if note[name] is not None
    ]
    return sql.SQL("SELECT ({})::text AS truth FROM {}").format(
        sql.SQL(condition), sql.SQL(", ").join(rows)
    )


def _value(context: CheckContext, query: sql.Composed) -> str:
    answer = context.attempt(query)
    if not answer.rows:
        raise Undecided(f"the value of WHEN cannot be computed separately: {answer}")
    return str(answer.rows[0]["truth"] or "NULL")


def _beside(name: str) -> str:
    """The next name in byte order, or one before it where a name cannot be longer."""
    short = len(name.encode()) < _LONGEST
    return f"{name}\x01" if short else name.encode()[:-1].decode(errors="ignore")
