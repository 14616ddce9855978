"""A rule that computes a column's default again: NEW.id of a DO ALSO rule is not the row's id."""

from __future__ import annotations

import re

from harness.postgres.schema_model import Column
from harness.properties.base import Failed
from harness.properties.checks.usable.statements import inserts
from harness.properties.checks.usable.trial import Trial
from harness.rowgen import Draft, Values


def demand_own_defaults(trial: Trial, closest: Values) -> None:
    """Demand that an INSERT which is refused is so where it gives the values of defaults, too.

    A rule is a macro: what it writes as NEW.id is the expression of the default, so that it is
    another number of the sequence, which nothing has. Raises Failed.
    """
    context, table = trial.context, trial.table
    columns = [c for c in table.columns if c.volatility == "volatile" and c.insertable]
    rules = [r for r in table.rules if r.event == "insert" and not r.instead]
    text = trial.rules().lower() if columns and rules else ""
    again = [column for column in columns if _reads(text, column)]
    if not again:
        return
    mark = len(context.steps)
    bare = {n: t for n, t in closest.items() if n not in {c.name for c in again}}
    statement = inserts(trial.actor, Draft(table, bare, {}))
    plan = context.rows.plan(table)
    given = {c.name: next(iter(plan.pool(c.name).accepted), None) for c in again}
    accepted = context.attempt(Draft(table, {**bare, **given}, {}))
    refused = context.attempt(statement)
    if accepted and not refused:
        names = ", ".join(column.name for column in again)
        raise Failed(
            f"{trial.command} as {trial.actor} ends in {refused}: a rule computes the default of"
            f" {names} again, and gets another value than the row; with a value for {names} the"
            " row is accepted"
        )
    del context.steps[mark:]


def _reads(rules: str, column: Column) -> bool:
    return re.search(rf'\bnew\."?{re.escape(column.name.lower())}\b', rules) is not None
