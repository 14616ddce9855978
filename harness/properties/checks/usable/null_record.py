"""A trigger that reads NEW in a DELETE, where it is NULL.

PL/pgSQL raises nothing there. ``RETURN NEW`` of a BEFORE DELETE trigger keeps every row, and what
another table demands of ``NEW.id`` is never met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from psycopg import sql

from harness.postgres.schema_model import Trigger
from harness.properties.base import Failed
from harness.properties.checks.usable.trial import Trial
from harness.properties.statement_result import Answer

_NEW = re.compile(r"\bNEW\b", re.IGNORECASE)
_OTHER_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_DEFINED = """
    SELECT p.oid::regprocedure::text AS name, pg_get_functiondef(p.oid) AS definition
    FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
    WHERE t.tgrelid = {}::regclass AND t.tgname = {}
"""


def demand_old(trial: Trial, statement: sql.Composed) -> None:
    """Demand that a DELETE which does nothing does nothing either where its triggers read OLD.

    What a RAISE refuses is meant; so is a row that ``RETURN NULL`` keeps. Raises Failed.
    """
    context = trial.context
    triggers = [trigger for trigger in trial.table.triggers if _reads_new(trigger)]
    if not triggers:
        return
    mark = len(context.steps)
    with context.undone():
        answer = context.attempt(statement)
        if answer.count or not (answer or _is_elsewhere(trial, answer)):
            del context.steps[mark:]
            return
        for definition in _definitions(trial, triggers):
            context.keep(with_old(definition))
        carried_out = context.attempt(statement)
    del context.steps[mark:]
    if carried_out and carried_out.count:
        context.attempt(statement)  # the evidence, as the schema is
        what = f"ends in {answer}" if not answer else "deletes nothing"
        raise Failed(
            f"{trial.command} as {trial.actor} {what}: {_called(triggers)} reads NEW, which is NULL"
            " in a DELETE; with OLD in its place the row is deleted"
        )


def with_old(definition: str) -> str:
    """A function's definition that reads OLD in the place of NEW; comments and strings stay."""
    kept, place = list[str](), 0
    for other in _OTHER_TEXT.finditer(definition):
        kept += [_NEW.sub("OLD", definition[place : other.start()]), other[0]]
        place = other.end()
    return "".join([*kept, _NEW.sub("OLD", definition[place:])])


def _reads_new(trigger: Trigger) -> bool:
    called = trigger.fires and trigger.level == "row" and "delete" in trigger.events
    plain = trigger.timing != "instead of" and trigger.language == "plpgsql"
    return called and plain and _NEW.search(_OTHER_TEXT.sub("", trigger.source)) is not None


def _is_elsewhere(trial: Trial, answer: Answer) -> bool:
    """Whether a constraint of another table refuses what the trigger stores there."""
    by_constraint = answer.sqlstate.startswith("23") and not answer.function.startswith("exec_stmt")
    return answer.inside and by_constraint and answer.table not in ("", trial.table.name.name)


def _definitions(trial: Trial, triggers: Sequence[Trigger]) -> Iterator[str]:
    known = set[str]()
    for trigger in triggers:
        table, name = sql.Literal(trial.table.identifier.as_string()), sql.Literal(trigger.name)
        found = trial.context.query(sql.SQL(_DEFINED).format(table, name))
        trial.context.steps.pop()  # no evidence of anything
        for row in found:
            if row["name"] not in known:
                known.add(row["name"])
                yield str(row["definition"])


def _called(triggers: Sequence[Trigger]) -> str:
    names = ", ".join(dict.fromkeys(trigger.name for trigger in triggers))
    return f"trigger {names}" if len(triggers) == 1 else f"one of the triggers {names}"
