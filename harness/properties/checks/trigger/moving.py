"""An UPDATE that moves a row to another partition: a DELETE there and an INSERT here, as well."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from psycopg import sql

from harness.core.text import count
from harness.postgres.schema_model import Column, Schema, Table, Trigger
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.trigger.call_recorder import Seen
from harness.properties.checks.trigger.fixture import Fixture, said
from harness.rowgen import Draft

_PAIRS = 6
_LEAF = "harness_leaf"


def moved(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """Row triggers: BEFORE UPDATE, then those of DELETE and INSERT, and no AFTER UPDATE.

    Statement triggers: those of UPDATE alone.
    """
    why = "there are no two partitions between which a row could move"
    for source, target in list(permutations(_leaves(context.schema, table, trigger), 2))[:_PAIRS]:
        try:
            return _between(table, trigger, context, source, target)
        except Undecided as reason:
            why = str(reason)
    raise Undecided(why)


def _leaves(schema: Schema, table: Table, trigger: Trigger) -> list[Table]:
    """The partitions between which rows can move, but where the trigger's copy is disabled."""
    off = {
        leaf.name
        for leaf in schema.leaves(table)
        for copy in leaf.triggers
        if copy.inherited and copy.name == trigger.name and not copy.fires
    }
    return [s for s in schema.leaves(table) if s.kind != "foreign" and s.name not in off]


def _between(
    table: Table, trigger: Trigger, context: CheckContext, source: Table, target: Table
) -> str:
    """What is called when a row moves from one partition to another. Raises Undecided."""
    with context.undone():
        fixture = Fixture(table, trigger, context)
        of.filled(context, source, 1)
        statement = _update(table, source, context.valid(target), _keys(context.schema, table))
        seen = fixture.run(statement)
    rows = seen.answer.rows
    if not rows or rows[0][_LEAF] != "t":
        raise Undecided(f"no row moves from {source} to {target}: {seen.answer}")
    return said(*_count(trigger, seen, _keys(context.schema, table)), fixture.remark)


def _update(table: Table, source: Table, there: Draft, keys: list[Column]) -> sql.Composed:
    """The UPDATE of the whole that gives a row of one partition the key of another."""
    items = [
        sql.SQL("{} = {}").format(c.identifier, sql.Literal(there.stored[c.name])) for c in keys
    ]
    return sql.SQL("UPDATE {} SET {} WHERE {} RETURNING tableoid = {}::regclass AS {}").format(
        table.identifier,
        sql.SQL(", ").join(items),
        of.where(source),
        sql.Literal(there.table.identifier.as_string()),
        sql.Identifier(_LEAF),
    )


def _keys(schema: Schema, table: Table) -> list[Column]:
    """The columns by which rows are assigned to partitions, at any depth."""
    text = " ".join(_partition_keys(schema, table))
    return [c for c in table.columns if c.name in text and c.insertable]


def _partition_keys(schema: Schema, table: Table) -> Iterator[str]:
    yield table.partition_key or ""
    for name in table.children:
        if child := schema.by_name.get(name):
            yield from _partition_keys(schema, child)


def _count(trigger: Trigger, seen: Seen, keys: list[Column]) -> Iterator[str]:
    """The calls at each event, in words. Raises Failed where they are not those that are due."""
    for event in trigger.events:
        if event != "truncate":
            calls, due = len(seen.of(event)), _due(trigger, event, keys)
            if calls != due:
                raise Failed(
                    f"a row that moves calls it {calls} times at {event.upper()}, not {due}"
                )
            yield f"{event.upper()}: {count(calls, 'call')}"


def _due(trigger: Trigger, event: str, keys: list[Column]) -> int:
    """How often a row that moves calls it at an event."""
    updates = event == "update"
    if (
        updates
        and trigger.update_columns
        and not {c.name for c in keys} & {*trigger.update_columns}
    ):
        return 0
    if trigger.level == "statement":
        return int(updates)
    return int(trigger.timing == "before" or not updates)
