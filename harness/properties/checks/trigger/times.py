"""A time that a trigger keeps moves with every update, whatever the writer says.

A BEFORE UPDATE trigger that sets a timestamp column (its function assigns ``NEW.column``, or the
column is called ``updated_at``, ``modified_at`` or alike) is held to it: the column moves when
the row is updated in a later transaction, and in the same one, in which ``now()`` stands still;
a value that the UPDATE supplies does not get through; and other times of the row, such as
``created_at``, stay what they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import ClassVar

from psycopg import sql

from harness.properties.answer import Row
from harness.properties.base import Promise, Refuted, Step, Undecided
from harness.properties.bench import Bench, send
from harness.properties.checks.trigger.statements import change, touch
from harness.relations import Column, Schema, Table, Trigger
from harness.rows import Rows, Unsatisfiable

_NAMES = re.compile(
    r"(?:(?:last_)?(?:updated|modified|changed|update|modification|edited)(?:_(?:at|on|time|date))?)$"
    r"|(?:updated|modified|changed)(?:At|On)$|mtime$",
    re.IGNORECASE,
)
_TIMES = ("timestamp", "timestamptz")
_SPOOF = "2001-02-03 04:05:06"


class MaintainedTimes:
    """Times that triggers keep."""

    id: ClassVar[str] = "timestamp"
    group: ClassVar[str] = "triggers"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/functions-datetime.html#FUNCTIONS-DATETIME-CURRENT"
    )

    def promises(self, schema: Schema) -> Iterator[Promise]:
        """For each time that a trigger on UPDATE keeps."""
        for table in schema:
            if table.kind in ("ordinary", "partitioned") and table.insertable:
                for column in _kept(table):
                    for aspect in _ASPECTS:
                        yield Promise(self.id, table.name, column.name, aspect)

    def check(self, promise: Promise, bench: Bench) -> str:
        """Hold one aspect of one column against the server."""
        table = bench.schema.by_name[promise.table]
        return _ASPECTS[promise.aspect](table, table.column(promise.object), bench)


def _kept(table: Table) -> list[Column]:
    """The columns that triggers keep."""
    triggers = [t for t in table.triggers if _stamps(t)]
    times = [c for c in table.columns if c.type.root.name in _TIMES and c.insertable]
    return [c for c in times if any(_sets(trigger, c) for trigger in triggers)]


def _stamps(trigger: Trigger) -> bool:
    before = (trigger.timing, trigger.level) == ("before", "row") and trigger.fires
    return before and "update" in trigger.events and not trigger.when


def _sets(trigger: Trigger, column: Column) -> bool:
    """Whether a trigger is there for a column: it assigns it, or nothing and has its name."""
    assigned = re.findall(r'\bnew\s*\.\s*"?(\w+)"?\s*:?=(?!=)', trigger.source, re.IGNORECASE)
    if trigger.update_columns and column.name in trigger.update_columns:
        return False
    return column.name in assigned or (not assigned and bool(_NAMES.match(column.name)))


def _moves_within(table: Table, column: Column, bench: Bench) -> str:
    """An update in the transaction that inserted the row moves it."""
    before = bench.stored_row(table).stored
    after = _updated(table, column, bench)
    if after[column.name] == before[column.name]:
        raise Refuted(
            f"{column} stands still when the row is updated in the transaction that inserted it:"
            " now() is the transaction's start, clock_timestamp() moves"
        )
    return ""


def _moves(table: Table, column: Column, bench: Bench) -> str:
    """An update in a later transaction moves it."""
    with bench.apart() as database, closing(database.connect()) as connection:
        send(connection, "BEGIN")
        try:
            (stored,) = Rows(connection, bench.schema).insert(table, 1)
        except Unsatisfiable as error:
            raise Undecided(f"no valid row: {error}") from None
        send(connection, "COMMIT")
        text = touch(table, _other(table, column)).as_string() + " RETURNING *"
        answer = send(connection, text)
    bench.steps += [Step(stored.literal_sql(), "1 row, committed"), Step(text, str(answer))]
    if not answer or not answer.rows:
        raise Undecided(f"the row cannot be updated: {answer}")
    if answer.rows[0][column.name] == stored.stored[column.name]:
        raise Refuted(f"{column} does not move when the row is updated")
    return ""


def _not_spoofed(table: Table, column: Column, bench: Bench) -> str:
    """A value of the writer's own does not get through."""
    bench.stored_row(table)
    text = touch(table, column).as_string()
    name = column.identifier.as_string()
    spoof = text.replace(f"SET {name} = {name}", f"SET {name} = '{_SPOOF}'", 1) + " RETURNING *"
    answer = bench.attempt(spoof)
    if not answer:
        return f"refused: {answer}"
    if not answer.rows:
        raise Undecided("the row is not updated: something swallows it")
    if str(answer.rows[0][column.name]).startswith(_SPOOF):
        raise Refuted(f"an UPDATE sets {column} to what it likes")
    return ""


def _others_stay(table: Table, column: Column, bench: Bench) -> str:
    """Other times of the row are not touched."""
    before = bench.stored_row(table).stored
    others = [c.name for c in table.columns if c.type.root.name in _TIMES]
    kept = {c.name for c in _kept(table)}
    after = _updated(table, column, bench, but={*others, *kept})
    moved = [n for n in others if n not in kept and before[n] != after[n]]
    if moved:
        raise Refuted(f"{', '.join(moved)} moves, too")
    return ""


def _updated(
    table: Table, column: Column, bench: Bench, but: set[str] | frozenset[str] = frozenset()
) -> Row:
    statement = change(bench, table, {column.name, *but}) + sql.SQL(" RETURNING *")
    answer = bench.attempt(statement)
    if not answer or not answer.rows:
        raise Undecided(f"the row cannot be updated: {answer}")
    return answer.rows[0]


def _other(table: Table, column: Column) -> Column:
    """Another column to be set, the first that may be."""
    others = [c for c in table.columns if c.insertable and c.identity is None and c is not column]
    if not others:
        raise Undecided("there is no other column to update")
    return others[0]


_ASPECTS: dict[str, Callable[[Table, Column, Bench], str]] = {
    "moves": _moves,
    "moves_within": _moves_within,
    "not_spoofed": _not_spoofed,
    "others_stay": _others_stay,
}
