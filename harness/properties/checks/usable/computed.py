"""Rows with each value that a column lists, where code of the schema computes something from it.

A generated column, a CHECK or an index on an expression has to cope with every label of an enum
and with every value that a CHECK lists: otherwise nobody can store the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from psycopg import sql

from harness.postgres.schema_model import Table
from harness.properties.base import Failed
from harness.properties.checks.usable.same_error import refuses_value
from harness.properties.checks.usable.statements import inserts
from harness.properties.checks.usable.trial import Trial
from harness.rowgen import Draft

_CALL = re.compile(r"\w\s*\(|::|\bCASE\b")
"""What may raise an error: a call, a cast, a CASE, which plans a function's body into it."""
_VALUES = 24


def demand_computed(trial: Trial, draft: Draft) -> None:
    """Demand that what is computed of the row is computed of each listed value; raises Failed."""
    context, table = trial.context, trial.table
    if not trial.actor.is_owner or not table.holds_rows:
        return
    _demand_steady(trial, draft)
    read = set(_read(table))
    referring = context.rows.plan(table).referring
    for column in table.columns:
        if column.name not in read or not column.insertable or column.name in referring:
            continue
        for text in context.rows.few(table, column.name)[:_VALUES]:
            if text != {**draft.stored, **draft.values}.get(column.name):
                _demand(trial, draft.replace(**{column.name: text}), text)


def _demand_steady(trial: Trial, draft: Draft) -> None:
    """Demand that what an index keeps of a row is what its expression says again.

    A function that is declared IMMUTABLE and is not makes an index that finds no row.
    """
    context, table = trial.context, trial.table
    for index in table.indexes:
        called = [key for key in index.keys if _CALL.search(key)]
        if None not in index.columns or not called or index.inherited:
            continue
        mark = len(context.steps)
        with context.undone():
            stored = context.attempt(inserts(trial.actor, draft), keep=True)
            context.prepared(1)
            steady = stored and all(
                context.query(_STEADY.format(key=sql.SQL(key), table=table.identifier))
                == ({"differ": "0"},)
                for key in called
            )
        if stored and not steady:
            raise Failed(
                f"the index {index.name} does not find the row that it was made of: {called[0]}"
                " gives another value each time, and the function is declared IMMUTABLE"
            )
        del context.steps[mark:]


_STEADY = sql.SQL(
    "SELECT count(*) AS differ FROM (SELECT {key} AS one, {key} AS again FROM {table} OFFSET 0)"
    " AS kept WHERE one::text IS DISTINCT FROM again::text"
)
"""OFFSET keeps the two apart, which are computed one after the other."""


def _demand(trial: Trial, draft: Draft, value: str) -> None:
    context = trial.context
    mark = len(context.steps)
    statement = inserts(trial.actor, draft)
    answer = trial.once(statement)
    if answer or not (trial.breaks(answer) or refuses_value(answer, [value])):
        del context.steps[mark:]
        return
    shown = len(context.steps)
    valid = any(_is_valid(trial, statement, given) for given in _computing(trial.table))
    del context.steps[shown:]
    if valid:
        raise Failed(
            f"{trial.command} as {trial.actor} of {value!r}, which the column allows, ends in an"
            f" error of the schema's own code: {answer}"
        )
    del context.steps[mark:]


def _is_valid(trial: Trial, statement: sql.Composed, removed: Sequence[sql.Composed]) -> bool:
    """Whether the rest of the table takes the row without what is computed of it."""
    with trial.context.undone():
        ready = all(trial.context.attempt(text, keep=True) for text in removed)
        return ready and bool(trial.context.attempt(statement))


def _read(table: Table) -> Iterator[str]:
    """The columns that an expression reads which may raise an error."""
    computing = [c.generated for c in table.columns if c.generated and _CALL.search(c.generated)]
    computing += [c.expression for c in table.checks if c.expression and _called(c.expression)]
    for column in table.columns:
        name = re.compile(rf'(?<![\w"])"?{re.escape(column.name)}(?!\w)')
        if any(name.search(text) for text in computing):
            yield column.name
    for index in table.indexes:
        if None in index.columns or index.predicate:
            yield from index.reads


def _called(expression: str) -> bool:
    """Whether a CHECK is more than a list of values."""
    return re.search(r"\w\(", expression) is not None


def _computing(table: Table) -> Iterator[list[sql.Composed]]:
    """What takes from the table what is computed of its rows: all but the CHECKs, then each one."""
    alter = sql.SQL("ALTER TABLE {} ").format(table.identifier)
    found = [sql.SQL("SET CONSTRAINTS ALL IMMEDIATE").format()]
    for index in table.indexes:
        if (None in index.columns or index.predicate) and not index.inherited:
            name = sql.Identifier(index.constraint or index.name)
            own = sql.SQL("DROP INDEX {}").format(sql.Identifier(table.name.schema, index.name))
            drop = alter + sql.SQL("DROP CONSTRAINT {} CASCADE").format(name)
            found.append(drop if index.constraint else own)
    for column in table.columns:
        if column.generated and not column.inherited:
            found.append(alter + sql.SQL("DROP COLUMN {} CASCADE").format(column.identifier))
    yield found
    for check in table.checks:
        if check.expression and _called(check.expression) and not check.inherited:
            drop = sql.SQL("DROP CONSTRAINT IF EXISTS {}").format(sql.Identifier(check.name))
            yield [*found, alter + drop]
