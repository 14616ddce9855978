"""A value that an INSTEAD OF trigger takes and stores nowhere.

The view shows a column of a table, and the trigger writes to that table and never reads the column.
The statement is accepted, and what it gave is not there. A column with a default may be one that
only the server fills, so nothing is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from psycopg import sql

from harness.postgres.schema_model import Column, Table
from harness.properties.base import Failed
from harness.properties.checks.usable.statements import Row, inserts
from harness.properties.checks.usable.trial import Trial
from harness.rowgen import Draft

_OTHER_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_RETURNED = re.compile(r"\bRETURN\s+NEW\s*;", re.IGNORECASE)
_WHOLE = re.compile(r'\bNEW\b(?!\s*\.\s*["\w])', re.IGNORECASE)
_INSERTS = re.compile(r"\bINSERT\s+INTO\b(?:(?!\bON\s+CONFLICT\b)[^;])*;", re.IGNORECASE)
_UPDATES = re.compile(r"(?<!DO )\bUPDATE\b[^;]*;", re.IGNORECASE)
_WRITES = {"insert": r"INSERT\s+INTO", "update": r"UPDATE(?:\s+ONLY)?"}
_TOTAL = "SELECT count(*) AS rows FROM {}"
_HOLDING = "SELECT count(*) AS rows FROM {} WHERE {} IS NOT DISTINCT FROM {}"


def demand_stored(trial: Trial, draft: Draft) -> None:
    """Demand that an INSERT through a view stores each value that it gives; raises Failed."""
    for column in _unread(trial, "insert"):
        # Whether the row has NULL there is chance.
        accepted = trial.context.rows.plan(trial.table).pool(column.name).accepted
        text = draft.values.get(column.name) or next(iter(accepted), None)
        if text is not None:
            given = draft.replace(**{column.name: text})
            _demand(trial, inserts(trial.actor, given), column, text)


def demand_changed(trial: Trial, row: Row) -> None:
    """Demand that an UPDATE through a view changes what it sets; raises Failed."""
    for column in _unread(trial, "update"):
        accepted = trial.context.rows.plan(trial.table).pool(column.name).accepted
        held = (row.stored or {}).get(column.name)
        text = next((one for one in accepted if one is not None and one != held), None)
        if text is not None and row.stored is not None:
            # All rows: which number an INSERT through the view has given this one is chance.
            update = sql.SQL("UPDATE {} SET {} = {}").format(
                trial.table.identifier, column.identifier, sql.Literal(text)
            )
            _demand(trial, update, column, text)


def _demand(trial: Trial, statement: sql.Composed, column: Column, text: str) -> None:
    context, view = trial.context, trial.table.identifier
    total = sql.SQL(_TOTAL).format(view)
    holding = sql.SQL(_HOLDING).format(view, column.identifier, sql.Literal(text))
    mark = len(context.steps)
    with context.undone():
        before, had = context.query(total), context.query(holding)
        del context.steps[mark:]
        answer = context.attempt(statement, keep=True)
        shown = len(context.steps)
        there = context.query(total) != before or trial.command == "UPDATE"
        del context.steps[shown:]
        if answer and answer.count and there and context.query(holding) == had:
            raise Failed(
                f"{trial.command} takes a value for {column}, and the view does not show it"
                f" afterwards: the trigger never reads NEW.{column}"
            )
    del context.steps[mark:]


def _unread(trial: Trial, event: str) -> Iterator[Column]:
    """The view's columns of a table that the trigger of an event writes to without them."""
    view = trial.table
    triggers = [t for t in view.triggers if t.timing == "instead of" and t.fires]
    sources = [t.source for t in triggers if event in t.events and t.language == "plpgsql"]
    if len(sources) != 1 or not trial.actor.is_owner:
        return
    body = _RETURNED.sub(" ", _OTHER_TEXT.sub(" ", sources[0]))
    if _WHOLE.search(body):
        return
    own = (_INSERTS if event == "update" else _UPDATES).sub(" ", body)
    known = trial.context.schema.by_name
    bases = [known[name] for name in view.reads if name in known]
    for column in view.columns:
        having = [one for one in bases if any(c.name == column.name for c in one.columns)]
        written = len(having) == 1 and _writes(having[0], event, own)
        if written and _is_plain(having[0], column) and not _reads(own, column):
            yield column


def _writes(table: Table, event: str, body: str) -> bool:
    name = rf'(?:"?\w+"?\s*\.\s*)?"?{re.escape(table.name.name)}(?!\w)'
    return re.search(rf"\b{_WRITES[event]}\s+{name}", body, re.IGNORECASE) is not None


def _is_plain(base: Table, column: Column) -> bool:
    """Whether a table has a column of that type, no key, and fills it with nothing itself."""
    found = base.column(column.name)
    key = base.primary_key.columns if base.primary_key else ()
    plain = found.insertable and not found.has_default and found.name not in key
    return plain and found.type_sql == column.type_sql


def _reads(body: str, column: Column) -> bool:
    name = re.escape(column.name)
    return re.search(rf'\bNEW\s*\.\s*"?{name}(?!\w)', body, re.IGNORECASE) is not None
