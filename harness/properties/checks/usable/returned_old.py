"""A BEFORE UPDATE trigger that sets columns of NEW and returns OLD: no UPDATE changes anything."""

from __future__ import annotations

import re

from psycopg import sql

from harness.postgres.schema_model import Trigger
from harness.properties.base import Failed
from harness.properties.checks.usable.statements import Row, updates
from harness.properties.checks.usable.trial import Trial

_OTHER_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_RETURNS = re.compile(r"\bRETURN\s+(\w+)\s*;", re.IGNORECASE)
_SETS = re.compile(r'\bNEW\s*\.\s*"?\w+"?\s*:?=(?!=)', re.IGNORECASE)


def demand_new_returned(trial: Trial, row: Row) -> None:
    """Demand that an UPDATE whose trigger sets columns leaves another row; raises Failed.

    A trigger that sets none may mean to keep the row as it is.
    """
    triggers = [trigger for trigger in trial.table.triggers if _loses_new(trigger)]
    stored = row.stored or {}
    if not triggers or not trial.actor.is_owner:
        return
    context = trial.context
    for statement in updates(trial.actor, row):
        mark = len(context.steps)
        answer = context.attempt(statement + sql.SQL(" RETURNING *"))
        if answer.rows and all(stored.get(name) == text for name, text in answer.rows[0].items()):
            raise Failed(
                f"UPDATE changes nothing: the trigger {triggers[0].name} sets columns of NEW and"
                " returns OLD"
            )
        del context.steps[mark:]
        return


def _loses_new(trigger: Trigger) -> bool:
    called = trigger.fires and trigger.level == "row" and "update" in trigger.events
    if not called or trigger.timing != "before" or trigger.language != "plpgsql":
        return False
    source = _OTHER_TEXT.sub("", trigger.source)
    returned = {name.lower() for name in _RETURNS.findall(source)}
    return returned == {"old"} and _SETS.search(source) is not None
