"""Constraint triggers that can be deferred: at COMMIT, and not before."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg
from psycopg import sql

from harness.core.text import count
from harness.postgres.schema_model import Table, Trigger
from harness.properties.base import Failed, Step, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger.call_recorder import FORGET, RECALL, call, noted
from harness.properties.checks.trigger.fixture import Fixture, said
from harness.properties.checks.trigger.when import Attempt, true_attempt
from harness.properties.row_statements import Statement
from harness.properties.statement_result import Answer, send
from harness.rowgen import Rows


def deferred(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """INITIALLY DEFERRED, or after SET CONSTRAINTS ... DEFERRED: it is called at COMMIT.

    Transactions end here, so it is a clone where all that is done.
    """
    with context.apart() as database, closing(database.connect()) as connection:
        session = _Session(connection, context)
        found = [_at_commit(session, table, trigger, event) for event in trigger.events]
    return said(*found)


def _at_commit(session: _Session, table: Table, trigger: Trigger, event: str) -> str:
    """What was seen of one event. Raises Failed where it is not one call for each row."""
    attempt = session.prepared(table, trigger, event)
    session.does("BEGIN")
    if not trigger.deferred:
        name = sql.Identifier(trigger.table.schema, trigger.name)
        session.does(sql.SQL("SET CONSTRAINTS {} DEFERRED").format(name))
    rows = session.does(attempt.statement).count
    if early := session.calls(trigger):
        raise Failed(f"{event.upper()} calls it {early} times before COMMIT: it is not deferred")
    session.does("COMMIT")
    calls = session.calls(trigger)
    if not rows:
        raise Undecided(f"no row is there after {event.upper()}: something discards it")
    if calls != rows:
        raise Failed(f"COMMIT after {event.upper()} of {rows} calls it {calls} times")
    return f"{event.upper()} of {count(rows, 'row')}: {count(calls, 'call')} at COMMIT"


class _Session:
    """A connection to a clone, where transactions end; what is done there is evidence."""

    def __init__(self, connection: psycopg.Connection[Any], context: CheckContext) -> None:
        self._connection, self._context = connection, context

    def does(self, statement: Statement) -> Answer:
        """Run a statement. Raises Undecided where it is refused."""
        if isinstance(statement, sql.Composable):
            statement = statement.as_string(self._connection)
        text = str(statement)
        answer = send(self._connection, text)
        self._context.steps.append(Step(text, str(answer)))
        if not answer:
            raise Undecided(f"cannot be tried with a COMMIT: {answer}")
        return answer

    def prepared(self, table: Table, trigger: Trigger, event: str) -> Attempt:
        """A row and the recorder, committed: the statement to try. Raises Undecided."""
        self.does("BEGIN")
        rows = Rows(self._connection, self._context.schema)
        inner = CheckContext(self._connection, self._context.schema, rows, self._context.tools)
        try:
            attempt = true_attempt(Fixture(table, trigger, inner), event)
            for text in attempt.before:
                inner.keep(text)
        finally:
            self._context.steps += inner.steps
        self.does("COMMIT")
        self.does(FORGET)
        return attempt

    def calls(self, trigger: Trigger) -> int:
        """How many calls of the trigger are noted by now."""
        notes = noted(self.does(RECALL).rows[0]["fired"])
        return sum(call(note).name == trigger.name for note in notes if "level" in note)
