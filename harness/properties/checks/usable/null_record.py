"""A trigger that reads NEW in a DELETE, or OLD in an INSERT, where they are NULL.

PL/pgSQL raises nothing there. ``RETURN NEW`` of a BEFORE DELETE trigger keeps every row, and what
another table demands of ``NEW.id`` is never met; ``NEW.version := OLD.version + 1`` is NULL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from psycopg import sql

from harness.postgres.schema_model import Trigger
from harness.properties.base import Failed
from harness.properties.checks.usable.trial import Trial
from harness.properties.statement_result import Answer

_NEW, _OLD = re.compile(r"\bNEW\b", re.IGNORECASE), re.compile(r"\bOLD\b", re.IGNORECASE)
_OTHER_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_NO_NULL = "23502"
_INSERT = re.compile(r"\bINSERT\s+INTO\b.*", re.IGNORECASE | re.DOTALL)
"""What the server was running, in ``diag.context``."""
_DEFINED = """
    SELECT p.oid::regprocedure::text AS name, pg_get_functiondef(p.oid) AS definition
    FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
    WHERE t.tgrelid = {}::regclass AND t.tgname = {}
"""


def demand_new(trial: Trial, statement: sql.Composed) -> None:
    """Demand of an INSERT that no NOT NULL refuses what a trigger reads of OLD. Raises Failed.

    It is the trigger's doing where the row is stored once its function reads NEW instead, and where
    OLD stands in what gives the column its value: whatever else is NULL may be another row's.
    """
    triggers = [t for t in trial.table.triggers if _reads(t, "insert", _OLD)]

    def is_due(answer: Answer) -> bool:
        no_null = not answer and answer.sqlstate == _NO_NULL
        return no_null and _is_given_old(trial, answer, triggers)

    answers = _answers(trial, statement, triggers, is_due, _OLD, "NEW")
    if answers and answers[1]:
        trial.context.attempt(statement)  # the evidence, as the schema is
        raise Failed(
            f"{trial.command} as {trial.actor} ends in {answers[0]}: {_called(triggers)} reads OLD,"
            " which is NULL in an INSERT; with NEW in its place the row is stored"
        )


def _is_given_old(trial: Trial, answer: Answer, triggers: Sequence[Trigger]) -> bool:
    """Whether what gives the refused column its value names OLD."""
    if answer.table != trial.table.name.name:
        inserts = _INSERT.finditer(answer.context) if answer.inside else ()
        return any(_OLD.search(_OTHER_TEXT.sub("", one[0])) for one in inserts)
    column = re.escape(answer.column)
    assigned = re.compile(rf'(?is)\bNEW\."?{column}"?\s*:?=[^;]*\bOLD\b')
    return any(assigned.search(_OTHER_TEXT.sub("", t.source)) for t in triggers)


def demand_old(trial: Trial, statement: sql.Composed) -> None:
    """Demand that a DELETE which does nothing does nothing either where its triggers read OLD.

    What a RAISE refuses is meant; so is a row that ``RETURN NULL`` keeps. Raises Failed.
    """
    triggers = [t for t in trial.table.triggers if _reads(t, "delete", _NEW)]

    def is_due(answer: Answer) -> bool:
        return not answer.count and bool(answer or _is_elsewhere(trial, answer))

    answers = _answers(trial, statement, triggers, is_due, _NEW, "OLD")
    if answers and answers[1] and answers[1].count:
        trial.context.attempt(statement)  # the evidence, as the schema is
        what = "deletes nothing" if answers[0] else f"ends in {answers[0]}"
        raise Failed(
            f"{trial.command} as {trial.actor} {what}: {_called(triggers)} reads NEW, which is NULL"
            " in a DELETE; with OLD in its place the row is deleted"
        )


def _answers(
    trial: Trial,
    statement: sql.Composed,
    triggers: Sequence[Trigger],
    is_due: Callable[[Answer], bool],
    read: re.Pattern[str],
    other: str,
) -> tuple[Answer, Answer] | None:
    """What a statement is answered, and then with the triggers reading the other record.

    None where there is no such trigger, or the first answer is nothing to look into.
    """
    if not triggers:
        return None
    context = trial.context
    mark = len(context.steps)
    try:
        with context.undone():
            answer = context.attempt(statement)
            if not is_due(answer):
                return None
            for definition in _definitions(trial, triggers):
                context.keep(_with(definition, read, other))
            return answer, context.attempt(statement)
    finally:
        del context.steps[mark:]


def _with(definition: str, read: re.Pattern[str], other: str) -> str:
    """A function's definition that reads the other record; comments and strings stay."""
    kept, place = list[str](), 0
    for text in _OTHER_TEXT.finditer(definition):
        kept += [read.sub(other, definition[place : text.start()]), text[0]]
        place = text.end()
    return "".join([*kept, read.sub(other, definition[place:])])


def _reads(trigger: Trigger, event: str, record: re.Pattern[str]) -> bool:
    called = trigger.fires and trigger.level == "row" and event in trigger.events
    plain = trigger.timing != "instead of" and trigger.language == "plpgsql"
    return called and plain and record.search(_OTHER_TEXT.sub("", trigger.source)) is not None


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
