"""A row that code of the schema stores before the one that it refers to, which comes too late.

A BEFORE trigger that makes "a profile for each new user" is refused by the foreign key, whoever the
user is. Without the key the row goes in, and in the end refers to a row that is there.
"""

from __future__ import annotations

from psycopg import sql

from harness.postgres.schema_model import Constraint, Schema
from harness.properties import dropping
from harness.properties.base import Failed
from harness.properties.checks.usable.statements import inserts
from harness.properties.checks.usable.trial import Trial
from harness.rowgen import Draft, Refusal, Values

ORPHAN = "23503"
_LOST = sql.SQL(
    "SELECT count(*) AS lost FROM {child} AS c WHERE row({own}) IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM {parent} AS p WHERE row({their}) = row({own}))"
)


def demand_parents_first(trial: Trial, row: Values, refusal: Refusal) -> None:
    """Demand that what refers to nothing at first refers to nothing in the end; raises Failed.

    ``row`` is one of the table's that was refused by the foreign key of another.
    """
    context, table = trial.context, trial.table
    key = _key(context.schema, refusal)
    if key is None or not refusal.inside or key.table == table.name:
        return
    mark = len(context.steps)
    statement = inserts(trial.actor, Draft(table, row, row))
    with context.undone():
        drop = dropping.constraint(context.schema.by_name[key.table], key.name)
        stored = context.attempt(drop, keep=True) and context.attempt(statement, keep=True)
        refers = stored and _lost(trial, key) == 0
    del context.steps[mark:]
    refused = context.attempt(statement)
    if refers and refused.constraint == key.name:
        raise Failed(
            f"{trial.command} as {trial.actor} ends in {refused}: code of the schema stores the"
            f" row of {key.table} before the one that it refers to, which then is there"
        )
    del context.steps[mark:]


def _key(schema: Schema, refusal: Refusal) -> Constraint | None:
    """The foreign key that refused, unless it is a partition's part of another."""
    table = schema.by_name.get(refusal.table) if refusal.table else None
    if refusal.sqlstate != ORPHAN or table is None:
        return None
    keys = (key for key in table.foreign_keys if key.name == refusal.constraint)
    return next((key for key in keys if key.target and not key.inherited), None)


def _lost(trial: Trial, key: Constraint) -> int:
    """How many rows refer to none."""
    assert key.target is not None
    own = [sql.Identifier("c", name) for name in key.columns]
    their = [sql.Identifier("p", name) for name in key.target_columns]
    query = _LOST.format(
        child=key.table.identifier,
        parent=key.target.identifier,
        own=sql.SQL(", ").join(own),
        their=sql.SQL(", ").join(their),
    )
    return int(trial.context.query(query)[0]["lost"] or 0)
