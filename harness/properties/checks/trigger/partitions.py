"""Triggers and partitions: rows that are put into one, and rows that come through the whole."""

from __future__ import annotations

from dataclasses import replace

from psycopg import sql

from harness.postgres.schema_model import Schema, Table, Trigger
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.trigger.fixture import Fixture, said, updated
from harness.properties.expressions import inserting

_LEAVES = 3


def partitions(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """Statements on a partition call the row triggers of the whole, not its statement triggers."""
    leaves = [leaf for leaf in context.schema.leaves(table) if leaf.kind != "foreign"][:_LEAVES]
    found = [_directly(table, trigger, context, leaf) for leaf in leaves]
    if not any(found):
        raise Undecided("no statement on one of its partitions is accepted")
    return said(*found)


def _directly(table: Table, trigger: Trigger, context: CheckContext, leaf: Table) -> str:
    """What was seen on one partition; empty where no row can be put into it."""
    copy = next((t for t in leaf.triggers if t.name == trigger.name), None)
    fires = trigger.level == "row" and (copy is None or copy.fires)
    with context.undone():
        try:
            fixture = Fixture(leaf, trigger, context)
        except Undecided:
            return ""
        found = [_on(fixture, event, fires) for event in trigger.events if event != "truncate"]
    switched = "" if copy is None or copy.fires else " (disabled there)"
    return f"{leaf}: {', '.join(filter(None, found))}{switched}" if any(found) else ""


def _on(fixture: Fixture, event: str, fires: bool) -> str:
    """Demand that an event on a partition calls the trigger of the whole, or that it does not."""
    try:
        seen = fixture.stored(event)
    except Undecided:
        return ""
    if fires:
        return fixture.called(event, seen)
    if seen.calls:
        raise Failed(f"at {event.upper()} on {fixture.table} it is called, {fixture.trigger.level}")
    return f"{event.upper()}: not called"


def through_parent(table: Table, trigger: Trigger, context: CheckContext) -> str:
    """Statements on the whole call a partition's row triggers, not its statement triggers."""
    root = ancestor(context.schema, table)
    fixture = Fixture(table, trigger, context)
    found = []
    for event in (event for event in trigger.events if event != "truncate"):
        seen = fixture.run(_of_whole(fixture, root, event))
        if not seen.answer or not seen.answer.count:
            raise Undecided(f"{event.upper()} is not accepted through {root}: {seen.answer}")
        if fixture.row_level:
            found.append(fixture.called(event, seen))
        elif seen.calls:
            raise Failed(f"{event.upper()} of {root} calls it")
    return said(f"through {root}", *found, fixture.remark)


def _of_whole(fixture: Fixture, root: Table, event: str) -> sql.Composed:
    """The event by way of the whole, of a row that belongs into the partition."""
    if event == "insert":
        return inserting(replace(fixture.draft(), table=root))
    fixture.ready()
    where = of.where(fixture.table)
    if event == "delete":
        return sql.SQL("DELETE FROM {} WHERE ").format(root.identifier) + where
    name = updated(fixture.table, fixture.trigger).identifier
    return sql.SQL("UPDATE {} SET {} = {} WHERE ").format(root.identifier, name, name) + where


def ancestor(schema: Schema, table: Table) -> Table:
    """The partitioned table at the top."""
    while table.is_partition and table.parents and table.parents[0] in schema.by_name:
        table = schema.by_name[table.parents[0]]
    return table
