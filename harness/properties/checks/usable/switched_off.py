"""A table without its triggers, for as long as rows are put into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from harness.postgres.schema_model import Table
from harness.properties.check_context import CheckContext


@contextmanager
def without_triggers(context: CheckContext, table: Table, shown: bool = True) -> Iterator[None]:
    """Switch the triggers of a table off that fire, and on again. Raises Undecided.

    ``shown``: what is done meanwhile needs it, so that it is evidence.
    """
    triggers = [t for t in table.triggers if t.fires and t.timing != "instead of"]
    off = [sql.SQL("DISABLE TRIGGER {}").format(sql.Identifier(t.name)) for t in triggers]
    on = [
        sql.SQL("ENABLE {} {}").format(
            sql.SQL("ALWAYS TRIGGER" if t.enabled == "always" else "TRIGGER"),
            sql.Identifier(t.name),
        )
        for t in triggers
    ]
    _alter(context, table, off, shown)
    try:
        yield
    finally:
        _alter(context, table, on, shown)


def _alter(context: CheckContext, table: Table, actions: list[sql.Composed], shown: bool) -> None:
    if not actions:
        return
    context.keep("SET CONSTRAINTS ALL IMMEDIATE")
    context.prepared(1)  # from now on what is deferred is said at once
    mark, altered = len(context.steps), context.altered
    context.keep(sql.SQL("ALTER TABLE {} {}").format(table.identifier, sql.SQL(", ").join(actions)))
    if not shown:
        del context.steps[mark:]
    context.altered = altered
