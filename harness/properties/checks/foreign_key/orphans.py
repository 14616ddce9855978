"""Rows that refer to nothing."""

from __future__ import annotations

from collections.abc import Callable

from psycopg import sql

from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.foreign_key.reference import Reference, update
from harness.properties.expressions import inserting
from harness.properties.interference import Fault, accepted, refused, remarks
from harness.properties.statement_result import Row

ORPHAN = "23503"


def insert(reference: Reference, context: CheckContext) -> str:
    """A row that refers to something is stored, one that refers to nothing is refused."""
    key, child = reference.family(context)
    remark = accepted(context, reference.table, inserting(child), "a row that refers")[1]
    missing = reference.writing(reference.other_key(context, key, child))
    orphan = child.replace(**missing)
    what = "a row that refers to nothing"
    fault = Fault(what, ORPHAN, names(reference), _is(missing), reference.key.deferred)
    return remarks(remark, refused(context, reference.table, inserting(orphan), fault))


def update_to_nothing(reference: Reference, context: CheckContext) -> str:
    """A row that refers to something cannot be made to refer to nothing."""
    key, child = reference.family(context)
    stored = context.keep(inserting(child)).rows
    if not stored:
        raise Undecided("the row that refers is not stored: something discards it")
    missing = reference.writing(reference.other_key(context, key, child))
    before = {name: stored[0][name] for name in reference.key.columns}
    statement = update(reference.table, missing, before) + sql.SQL(" RETURNING *")
    what = "an update to refer to nothing"
    fault = Fault(what, ORPHAN, names(reference), _is(missing), reference.key.deferred)
    return refused(context, reference.table, statement, fault)


def null(reference: Reference, context: CheckContext) -> str:
    """NULL refers to nothing, and is stored."""
    _, child = reference.family(context)
    without = child.replace(**dict.fromkeys(reference.key.columns))
    fault = Fault("a row without a reference", ORPHAN, names(reference))
    return accepted(context, reference.table, inserting(without), fault.what, fault)[1]


def partly_null(reference: Reference, context: CheckContext) -> str:
    """One NULL among several columns: MATCH SIMPLE stores it, MATCH FULL refuses it."""
    key, child = reference.family(context)
    missing = reference.writing(reference.other_key(context, key, child))
    partly = child.replace(**missing | {reference.nullable[0]: None})
    what = f"a row with NULL in {reference.nullable[0]} only"
    fault = Fault(what, ORPHAN, names(reference))
    if reference.key.match == "full":
        return refused(context, reference.table, inserting(partly), fault)
    return accepted(context, reference.table, inserting(partly), what, fault)[1]


def deferred(reference: Reference, context: CheckContext) -> str:
    """A deferrable key waits for COMMIT where it is deferred, and does not where it is not."""
    key, child = reference.family(context)
    missing = reference.writing(reference.other_key(context, key, child))
    statement = inserting(child.replace(**missing))
    name = sql.Identifier(reference.table.name.schema, reference.key.name)
    with context.undone():
        context.keep(sql.SQL("SET CONSTRAINTS {} DEFERRED").format(name))
        answer = context.at_once(statement)
        if answer.sqlstate == ORPHAN and answer.constraint in names(reference):
            raise Failed("a row that refers to nothing is refused at once, though deferred")
    with context.undone():
        context.keep(sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(name))
        answer = context.at_once(statement)
        if answer:
            raise Failed("a row that refers to nothing is not refused at once")
    return "initially deferred" if reference.key.deferred else "initially immediate"


def names(reference: Reference) -> frozenset[str]:
    """What the constraint is called on the table and on its partitions."""
    return frozenset({reference.key.name})


def _is(values: dict[str, str | None]) -> Callable[[Row], bool]:
    """Whether a row has these values."""
    return lambda row: all(row.get(name) == text for name, text in values.items())
