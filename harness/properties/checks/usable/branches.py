"""Statements that lead into each branch of a trigger's function, which has to be carried out.

A row that every constraint takes and that ends in an error of the schema's own code is one that
nobody can store.
"""

from __future__ import annotations

from psycopg import sql

from harness.properties.base import Failed
from harness.properties.branches import Choice, branches, choices, names, source_of
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.usable.same_error import refuses_value
from harness.properties.checks.usable.statements import Row, changing, deletes, inserts
from harness.properties.checks.usable.switched_off import without_triggers
from harness.properties.checks.usable.trial import Trial
from harness.rowgen import Draft

_FROM = 6
"""Values of a column from which all its others are reached."""


def demand_inserts(trial: Trial, draft: Draft) -> None:
    """Demand of the row with other values that no program breaks."""
    referring = trial.context.rows.plan(trial.table).referring
    found = branches(trial.context, trial.table, "insert", referring)
    for choice in choices(found):
        row = draft.replace(**{column.name: text for column, text in choice.items()})
        _demand(trial, inserts(trial.actor, row))


def demand_updates(trial: Trial, row: Row) -> None:
    """Demand the same of UPDATEs to these values, and from one of them to another."""
    found = branches(trial.context, trial.table, "update", of.key_columns(row.table))
    found = {column: texts for column, texts in found.items() if trial.actor.may(column.name)}
    for choice in choices(found):
        _demand(trial, changing(trial.actor, row, choice))
    for column, texts in found.items():
        if not names("old", column.name, source_of(trial.table, "update")):
            continue
        for text in texts[:_FROM]:
            with trial.context.undone():
                if _is_there(trial, row, {column: text}):
                    for other in texts:
                        _demand(trial, changing(trial.actor, row, {column: other}))


def demand_deletes(trial: Trial, row: Row) -> None:
    """Demand the same of a DELETE of a row that holds these values."""
    found = branches(trial.context, trial.table, "delete", of.key_columns(row.table))
    for column, texts in found.items():
        for text in texts:
            with trial.context.undone():
                if _is_there(trial, row, {column: text}):
                    for statement in deletes(trial.actor, row):
                        _demand(trial, statement)


def _is_there(trial: Trial, row: Row, choice: Choice) -> bool:
    """Whether the row can get these values, as its owner, with all that guards it."""
    context = trial.context
    mark = len(context.steps)
    statement = changing(trial.actor, row, choice)
    answer = context.attempt(statement, keep=True)
    context.prepared(1)
    if not (answer and answer.count):
        del context.steps[mark:]
    return bool(answer and answer.count)


def _demand(trial: Trial, statement: sql.Composed) -> None:
    """Demand that no program breaks; raises Failed.

    What breaks for this row alone is none where something else refuses the row as well.
    """
    context = trial.context
    mark = len(context.steps)
    answer = trial.once(statement)
    unread = answer.inside and refuses_value(answer, trial.listed())
    if answer or not (trial.breaks(answer) or unread):
        del context.steps[mark:]
        return
    shown = len(context.steps)
    with context.undone(), without_triggers(context, trial.table, shown=False):
        valid = trial.table.kind == "view" or bool(context.attempt(statement))
    del context.steps[shown:]
    if valid and unread:
        what = f"{trial.command} as {trial.actor}"
        raise Failed(f"{what} ends in an error for a value that the column allows: {answer}")
    if valid:
        trial.judged([answer], [])
    del context.steps[mark:]
