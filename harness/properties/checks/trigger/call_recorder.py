"""CallRecorder: a trigger's function that notes each call, in place of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from psycopg import sql

from harness.postgres.schema_model import Name, Schema, Table, Trigger
from harness.properties.base import Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger.when_observer import OBSERVER, add_observer, truths
from harness.properties.row_statements import Statement
from harness.properties.statement_result import Answer

# Only calls that the statement itself leads to: not those of a cascade or of another trigger.
_BODY = """() RETURNS trigger LANGUAGE plpgsql AS $harness$
DECLARE
    old_rows bigint;
    new_rows bigint;
BEGIN
    IF pg_trigger_depth() = 1 THEN
        {}
        PERFORM set_config('harness.fired', concat(current_setting('harness.fired', true),
            json_build_object('name', TG_NAME, 'timing', TG_WHEN, 'level', TG_LEVEL,
            'event', TG_OP, 'table', json_build_array(TG_TABLE_SCHEMA, TG_TABLE_NAME),
            'old', old_rows, 'new', new_rows)::text, chr(10)), false);
    END IF;
    IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $harness$
"""
_COUNT = """
        IF TG_NAME = {name} AND TG_RELID = {table}::regclass THEN
            {counts}
        END IF;"""
_FUNCTION = "CREATE OR REPLACE FUNCTION {}"
_STAND_IN = "pg_temp.harness_stand_in"
# The trigger stays what it is, but for its function; the server has to read it again.
_REDIRECT = """UPDATE pg_trigger SET tgfoid = '{}'::regproc
    WHERE tgname = {} AND tgrelid = ANY ({}::regclass[])"""
_READ_AGAIN = "UPDATE pg_class SET relname = relname WHERE oid = ANY ({}::regclass[])"
FORGET = "SELECT set_config('harness.fired', '', false)"
RECALL = "SELECT current_setting('harness.fired', true) AS fired"


class Call(NamedTuple):
    """One call of a trigger, in the server's words."""

    name: str
    timing: str
    level: str
    event: str
    table: Name
    old: int | None
    """Rows in its OLD TABLE, where it has one."""
    new: int | None


class Seen(NamedTuple):
    """What a statement was answered, the calls it led to, and what WHEN came to each time."""

    answer: Answer
    calls: list[Call]
    truths: list[tuple[str, str]]
    """Event and "true", "false" or "NULL", once for each row or statement; empty without WHEN."""

    def of(self, event: str) -> list[Call]:
        """The calls at one event."""
        return [call for call in self.calls if call.event == event.upper()]


class CallRecorder:
    """The functions of some triggers of a table, replaced until the transaction is rolled back.

    Raises Undecided where that is not possible.
    """

    def __init__(self, context: CheckContext, table: Table, triggers: Sequence[Trigger]) -> None:
        self._context, self._table = context, table
        self._triggers = triggers
        self._names = {trigger.name for trigger in triggers}
        tables = [table, *(context.schema.by_name[t.table] for t in triggers)]
        self._family = {name for one in tables for name in family(context.schema, one)}
        self.remark = ""
        self._own: list[str] = []
        for trigger in triggers:
            self._replace(trigger)
        self._immediate()
        self._watched = next((t for t in triggers if t.when and t.level == "row"), None)
        if self._watched is not None and len(triggers) == 1:
            add_observer(context, table, self._watched)

    def _replace(self, trigger: Trigger) -> None:
        if trigger.language == "internal":
            self._redirect(trigger)
            return
        called = sql.SQL("{}()").format(trigger.function.identifier).as_string()
        text = sql.SQL("SELECT pg_get_functiondef({}::regprocedure)").format(sql.Literal(called))
        self._own += map(str, self._context.query(text)[0].values())
        self._context.steps.pop()  # no evidence of anything
        answer = self._context.attempt(function(trigger), keep=True)
        if not answer:
            raise Undecided(f"{trigger.function} cannot be replaced to see its calls: {answer}")

    def _redirect(self, trigger: Trigger) -> None:
        """A function of the server's own is not to be replaced: the trigger calls ours."""
        names = [name.identifier.as_string() for name in self._family]
        for text in (
            sql.SQL(_FUNCTION + _BODY).format(sql.SQL(_STAND_IN), counting(trigger)),
            sql.SQL(_REDIRECT).format(sql.SQL(_STAND_IN), trigger.name, names),
            sql.SQL(_READ_AGAIN).format(names),
        ):
            if not (answer := self._context.attempt(text, keep=True)):
                raise Undecided(f"{trigger.function} is built into the server: {answer}")

    def _immediate(self) -> None:
        """Constraint triggers that are deferred fire with the statement, to be seen."""
        for trigger in self._triggers:
            if trigger.deferrable:
                name = sql.Identifier(trigger.table.schema, trigger.name)
                self._context.keep(sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(name))

    def alone(self) -> bool:
        """Let no other trigger of the table fire; False where there is none, or it cannot be."""
        others = [t.name for t in self._table.triggers if t.fires and t.name not in self._names]
        if self.remark or not others:
            return False
        off = [sql.SQL("DISABLE TRIGGER {}").format(sql.Identifier(name)) for name in others]
        text = sql.SQL("ALTER TABLE {} {}").format(self._table.identifier, sql.SQL(", ").join(off))
        self._context.attempt("SET CONSTRAINTS ALL IMMEDIATE", keep=True)
        if self._context.attempt(text, keep=True):
            self.remark = f"shown without {', '.join(others)}"
        return bool(self.remark)

    def run(self, statement: Statement, before: Iterable[Statement] = ()) -> Seen:
        """What a statement leads to, after others that prepare it; undone."""
        with self._context.undone():
            for text in before:
                self._context.keep(text)
            self._context.keep(FORGET)
            answer = self._context.attempt(statement, keep=True)
            notes = recalled(self._context)
        calls = [call(note) for note in notes if note["name"] != OBSERVER]
        return Seen(answer, self._ours(calls), self._truths(notes, answer))

    def with_own_functions(
        self, statement: Statement, before: Iterable[Statement] = ()
    ) -> Answer | None:
        """What a statement is answered where the triggers have their own functions; undone.

        None where others are switched off, or the functions cannot be put back.
        """
        if self.remark or not self._own:
            return None
        with self._context.undone():
            for text in before:
                self._context.keep(text)
            for text in self._own:
                if not self._context.attempt(text, keep=True):
                    return None
            return self._context.attempt(statement)

    def _ours(self, calls: Iterable[Call]) -> list[Call]:
        return [c for c in calls if c.name in self._names and c.table in self._family]

    def _truths(self, notes: Sequence[dict[str, Any]], answer: Answer) -> list[tuple[str, str]]:
        if len(self._triggers) != 1 or not answer:
            return []
        return truths(self._context, self._triggers[0], notes)


def function(trigger: Trigger) -> sql.Composed:
    """The definition that takes the place of a trigger's function."""
    return sql.SQL(_FUNCTION + _BODY).format(trigger.function.identifier, counting(trigger))


def counting(trigger: Trigger) -> sql.Composable:
    """Statements that count the rows of a trigger's transition tables, if it has any."""
    tables = {"old_rows": trigger.old_table, "new_rows": trigger.new_table}
    counts = [
        sql.SQL("SELECT count(*) INTO {} FROM {};").format(sql.SQL(into), sql.Identifier(name))
        for into, name in tables.items()
        if name
    ]
    if not counts:
        return sql.SQL("")
    return sql.SQL(_COUNT).format(
        name=trigger.name,
        table=sql.Literal(trigger.table.identifier.as_string()),
        counts=sql.SQL(" ").join(counts),
    )


def recalled(context: CheckContext) -> list[dict[str, Any]]:
    """What was noted since it was forgotten."""
    return noted(context.query(RECALL)[0]["fired"])


def noted(text: str | None) -> list[dict[str, Any]]:
    """The notes in what is recalled, one a line."""
    return [json.loads(line) for line in (text or "").splitlines()]


def call(note: dict[str, Any]) -> Call:
    """A note as a call."""
    fields = {name: note[name] for name in ("name", "timing", "level", "event", "old", "new")}
    return Call(**fields, table=Name(*note["table"]))


def family(schema: Schema, table: Table) -> list[Name]:
    """A table and its partitions: those that have a copy of its row triggers."""
    found = [table.name]
    for name in table.children if table.kind == "partitioned" else ():
        child = schema.by_name.get(name)
        found += family(schema, child) if child else [name]
    return found
