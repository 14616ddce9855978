"""REFRESH of a materialized view, whose query runs again over the rows that are there then.

From PostgreSQL 17 on it runs with a search_path of pg_catalog alone, so that a function which finds
its tables by the search_path breaks there and nowhere else.
"""

from __future__ import annotations

from psycopg import sql

from harness.postgres.schema_model import Table
from harness.properties.base import Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.usable.same_error import ALIKE
from harness.properties.checks.usable.trial import Trial
from harness.properties.server_errors import Meaning, meaning
from harness.properties.statement_result import Answer
from harness.properties.view_rows import show

REFRESH = "refresh"


def refresh(trial: Trial) -> str:
    """Demand that the view can be refreshed, with rows in what it reads. Raises Failed."""
    context, view = trial.context, trial.table
    answers: list[Answer] = []
    while True:
        mark = len(context.steps)
        with context.undone():
            _fill(context, view)
            answers.append(context.attempt(_statement(view), keep=True))
            if answers[-1] and not _shows(context, view):
                raise Undecided("none of the rows that were tried is one that it shows")
            if answers[-1]:
                return ""
            if trial.breaks(answers[-1]) or len(answers) == ALIKE:
                return _judged(trial, answers)
        del context.steps[mark:]  # other rows are tried


def _judged(trial: Trial, answers: list[Answer]) -> str:
    """What refusals amount to: a unique index of the view may want what our rows are not."""
    alike = [answer for answer in answers if meaning(answer) is Meaning.VALUES]
    if meaning(answers[-1]) is Meaning.RULE:
        raise Undecided(f"REFRESH is refused, which may be due to our rows: {answers[-1]}")
    return trial.judged(answers, alike)


def _shows(context: CheckContext, view: Table) -> bool:
    return bool(context.query(sql.SQL("SELECT FROM {} LIMIT 1").format(view.identifier)))


def _fill(context: CheckContext, view: Table) -> None:
    """Put rows into what the view reads; what is materialized there is refreshed."""
    for inner in context.schema.materialized:
        if inner.name in view.reads and inner != view:
            _fill(context, inner)
            context.keep(_statement(inner))
            context.prepared(1)
    show(context, view)


def _statement(view: Table) -> sql.Composed:
    return sql.SQL("REFRESH MATERIALIZED VIEW {}").format(view.identifier)
