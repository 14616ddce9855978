"""Rows that a table takes and nobody can read: a virtual generated column cannot be computed."""

from __future__ import annotations

from harness.properties.base import NoRow, Undecided
from harness.properties.checks.usable.statements import Row, inserts, selects, varied
from harness.properties.checks.usable.trial import Trial
from harness.properties.statement_result import Answer
from harness.rowgen import Draft


def demand_readable(trial: Trial, why: NoRow) -> None:
    """Demand that some row can be read, where ``why`` is that none came back from its INSERT.

    The expression is computed when the row is read, so that the INSERT alone succeeds. Raises
    Failed where all rows end in the same error.
    """
    context, table, error = trial.context, trial.table, why.cause
    computed = any(column.generated_kind == "virtual" for column in table.columns)
    if not computed or error.refusal is None or error.table.name != table.name:
        return
    draft = Draft(table, error.closest, error.closest)
    select = next(selects(trial.actor, Row(table, None, None)))
    referring = context.rows.plan(table).referring
    answers = list[Answer]()
    for insert in (inserts(trial.actor, draft), *varied(context, draft, referring)):
        with context.undone():
            if context.attempt(insert, keep=True):
                answers.append(context.attempt(select))
                trial.hold(insert)
        if answers and trial.tells(answers[-1]):
            break
    if answers:
        try:
            trial.judged(answers, answers)
        except Undecided:
            raise why from None
