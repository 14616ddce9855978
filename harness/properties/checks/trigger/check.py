"""The check of triggers: which properties each one has, and how they are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from harness.postgres.schema_model import Schema, Table, Trigger
from harness.properties.base import Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import (
    copy_upsert_merge,
    deferring,
    effects,
    firing,
    moving,
    partitions,
    switched,
    views,
    when,
)

_TABLES = ("ordinary", "partitioned", "partition")


class Triggers:
    """Triggers fire when they say."""

    id: ClassVar[str] = "trigger"
    group: ClassVar[str] = "triggers"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/trigger-definition.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each trigger that is not the server's copy of a partitioned table's."""
        for table in schema:
            for trigger in table.triggers:
                for aspect in () if trigger.inherited else _aspects(schema, table, trigger):
                    yield Property(self.id, table.name, trigger.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one trigger against the server."""
        table = context.schema.by_name[prop.table]
        trigger = next(t for t in table.triggers if t.name == prop.object)
        if table.kind == "view":
            return views.fires(table, trigger, context)
        if table.kind not in _TABLES or not table.insertable:
            raise Undecided(f"rows of a {table.kind} table are not kept in this database")
        return _ASPECTS[prop.aspect](table, trigger, context)


def _aspects(schema: Schema, table: Table, trigger: Trigger) -> Iterator[str]:
    if table.kind not in _TABLES:
        yield from ["fires"] * trigger.fires
        return
    if trigger.enabled in ("replica", "always"):
        yield "replica"
    if not trigger.fires:
        yield "disabled"
        return
    yield "when" if trigger.when else "fires"
    yield "not_otherwise"
    yield from _of_updates(trigger)
    yield from _of_inserts(table, trigger)
    yield from _of_rows(schema, table, trigger)


def _of_updates(trigger: Trigger) -> Iterator[str]:
    yield from ["update_of"] * bool(trigger.update_columns)
    if "update" in trigger.events and trigger.level == "row":
        yield "no_op"


def _of_inserts(table: Table, trigger: Trigger) -> Iterator[str]:
    """How rows come in, other than by INSERT."""
    if "insert" in trigger.events:
        yield "copy"
    if table.keys and {"insert", "update"} & {*trigger.events}:
        yield "on_conflict"


def _of_rows(schema: Schema, table: Table, trigger: Trigger) -> Iterator[str]:
    if {"insert", "update", "delete"} & {*trigger.events}:
        yield from ("zero_rows", "merge")
    if any(len(firing.peers(table, trigger, event)) > 1 for event in trigger.events):
        yield "order"
    if trigger.timing == "before" and trigger.level == "row":
        yield "changes"
    yield from ["deferred"] * trigger.deferrable
    yield from ["transition"] * bool(trigger.old_table or trigger.new_table)
    leaves = list(schema.leaves(table))
    yield from ["partitions"] * bool(leaves)
    yield from ["moved"] * (len(leaves) > 1 and not trigger.when)
    yield from ["through_parent"] * table.is_partition


_ASPECTS: dict[str, Callable[[Table, Trigger, CheckContext], str]] = {
    "fires": firing.fires,
    "when": when.holds,
    "not_otherwise": firing.not_otherwise,
    "update_of": firing.update_of,
    "zero_rows": firing.zero_rows,
    "order": firing.order,
    "copy": copy_upsert_merge.copy,
    "on_conflict": copy_upsert_merge.on_conflict,
    "merge": copy_upsert_merge.merge,
    "partitions": partitions.partitions,
    "moved": moving.moved,
    "through_parent": partitions.through_parent,
    "disabled": switched.disabled,
    "replica": switched.replica,
    "deferred": deferring.deferred,
    "no_op": effects.no_op,
    "changes": effects.changes,
    "transition": effects.transition,
}
