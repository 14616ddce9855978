"""An updated_at column changes with every update, and the writer cannot set it.

This is tried for each timestamp column that a BEFORE UPDATE trigger keeps up to date. Its function
assigns ``NEW.updated_at``, ``NEW.modified_at`` or the like, or the current time to a column of any
name.

- ``moves``: the column changes when the row is updated in a later transaction, and again in the
  transaction after that.
- ``moves_within``: it changes with a second update in the same transaction. If it does not, that is
  advice: ``now()`` does not change within a transaction and ``clock_timestamp()`` does, and only
  the author knows which is intended.
- ``not_spoofed``: a time that the UPDATE gives is not stored, whether it is long past, in the
  future or only a little off. It is advice if an UPDATE that does not fire the trigger, because of
  UPDATE OF or WHEN, can set any time.
- ``others_stay``: other times of the row, such as ``created_at``, do not change.
- ``no_op``: reports whether an UPDATE that changes nothing changes the column. It fails if it does
  although WHEN demands that the row differs.

With UPDATE OF or WHEN, the harness tries updates that fire the trigger.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from itertools import islice
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Column, Schema, Table, Trigger
from harness.properties.base import Advice, Failed, Property, Step, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import kept as columns
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.trigger.call_recorder import CallRecorder
from harness.properties.checks.trigger.when import settings, values_for
from harness.properties.interference import demand_whole
from harness.properties.row_statements import Statement
from harness.properties.statement_result import Row, send
from harness.rowgen import Rows

_PAST = "2001-02-03 04:05:06"
_SPOOFS = (f"'{_PAST}'", "'2199-02-03 04:05:06'", "{} + interval '1 hour'")
_BACK = sql.SQL(" RETURNING *")
_FIRST = 6
"""Columns that are changed one by one before all others are."""
_FINE = 4
"""Digits of a second that pass between any two statements."""
_READ = re.compile(r'\b(?:old|new)\."?(\w+)')
_AROUND = "around"
"""The writer's own value is stored, by an UPDATE that does not call the trigger."""


class MaintainedTimes:
    """Times that triggers keep."""

    id: ClassVar[str] = "timestamp"
    group: ClassVar[str] = "triggers"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/functions-datetime.html#FUNCTIONS-DATETIME-CURRENT"
    )

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each time that a trigger on UPDATE keeps."""
        for table in schema:
            if table.kind in ("ordinary", "partitioned") and table.insertable:
                for column in columns.kept(table):
                    for aspect in _ASPECTS:
                        yield Property(self.id, table.name, column.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one column against the server."""
        table = context.schema.by_name[prop.table]
        return _ASPECTS[prop.aspect](table, table.column(prop.object), context)


# --- the aspects ---------------------------------------------------------------------------


def _moves(table: Table, column: Column, context: CheckContext) -> str:
    """An update in a later transaction moves it, and so does one after that."""
    with context.apart() as database, closing(database.connect()) as connection:
        send(connection, "BEGIN")
        later = CheckContext(
            connection, context.schema, Rows(connection, context.schema), context.tools
        )
        try:
            _aged(later, table, column)
            _next_transaction(later)
            move = _moving(table, column, later)
            if move is not None:
                later.keep(move)
                _wait(table, column, later)
                _next_transaction(later)
                again = _moving(table, column, later)
        finally:
            context.steps += later.steps
    if move is None:
        _may_decide(table, column)
        raise Failed(f"{column} does not move when the row is updated")
    if again is None and not any(map(columns.rounds, columns.keepers(table, column))):
        _may_decide(table, column)
        raise Failed(f"{column} moves when the row is updated, and stands still from then on")
    return ""


def _next_transaction(context: CheckContext) -> None:
    """COMMIT, and begin another transaction."""
    for text in ("COMMIT", "BEGIN"):
        context.steps.append(Step(text, str(send(context.connection, text))))


def _may_decide(table: Table, column: Column) -> None:
    """Raises Undecided where the function itself chooses the updates that move the time.

    No number of updates that leave it alone shows that none moves it.
    """
    for trigger in columns.keepers(table, column):
        if columns.chooses(trigger, column):
            said = "its function decides which updates move it, and none of those tried did"
            raise Undecided(f"{column}: {said}")


def _moves_within(table: Table, column: Column, context: CheckContext) -> str:
    """It moves with each of two updates in one transaction."""
    _aged(context, table, column)
    first = _moving(table, column, context)
    if first is not None:
        context.keep(first)
        _wait(table, column, context)
    if first is None or _moving(table, column, context) is None:
        if any(columns.rounds(trigger) for trigger in columns.keepers(table, column)):
            raise Undecided(f"{column} is rounded by its function, so it may well stand still")
        if first is None or not any(map(columns.stands, columns.keepers(table, column))):
            _may_decide(table, column)
        raise Advice(
            f"{column} stands still when the row is updated in the transaction that inserted it:"
            " now() is the transaction's start, clock_timestamp() moves"
        )
    return ""


def _not_spoofed(table: Table, column: Column, context: CheckContext) -> str:
    """A value of the writer's own does not get through, alone or with another change."""
    if _asks(table, column):
        _aged(context, table, column)
    else:
        context.stored_row(table)
    spoofing = [(spoof, values) for values in _beside(table, column, context) for spoof in _SPOOFS]
    answers: list[str] = []
    around = 0
    for spoof, values in spoofing:
        answers.append(_spoofed(table, column, context, spoof, values))
        around = around or len(context.steps) * (answers[-1] == _AROUND)
    said = [answer for answer in answers if answer != "kept"]
    if around:
        del context.steps[around:]
        raise Advice(f"{column} takes any value from an UPDATE that does not fire the trigger")
    if not any(answers):
        raise Undecided("the row is not updated: something discards it")
    return "; ".join(dict.fromkeys(filter(None, said)))


def _beside(
    table: Table, column: Column, context: CheckContext
) -> Iterator[Mapping[Column, str | None]]:
    """What an UPDATE changes beside the time: nothing, another column, what WHEN asks for."""
    yield {}
    changes = of.changes(context, table, _listed(table, column), _times(table))
    yield from islice(changes, 1)
    if _asks(table, column):
        yield from islice((c for c in changes if _is_moved(table, column, context, c)), 1)
    for trigger in columns.keepers(table, column):
        for values in values_for(table, trigger, context, _times(table)) if trigger.when else ():
            statement = of.assigning(table, values)
            if context.attempt(statement) and _is_called(table, column, context, statement):
                yield values
                break


def _others_stay(table: Table, column: Column, context: CheckContext) -> str:
    """Other times of the row are not touched."""
    found = columns.bystanders(table)
    _aged(context, table, *(other for other in found if other.insertable), column)
    others = [other.name for other in found]
    before = _row(table, context)
    tried = False
    for statement in _updates(table, column, context):
        answer = context.attempt(_returning(statement))
        demand_whole(context, answer, "an update")
        tried = tried or bool(answer.rows)
        after = answer.rows[0] if answer.rows else before
        if moved := [name for name in others if before[name] != after[name]]:
            raise Failed(f"{', '.join(moved)} moves, too")
    if not tried:
        raise Undecided("the row cannot be updated")
    return ", ".join(others)


def _no_op(table: Table, column: Column, context: CheckContext) -> str:
    """An UPDATE that changes nothing."""
    _aged(context, table, column)
    before = _row(table, context)
    answer = context.attempt(_touch(table, column) + _BACK)
    if not answer:
        raise context.verdict(answer, f"the row cannot be updated: {answer}")
    if not answer.rows:
        return "an UPDATE that changes nothing is suppressed"
    if answer.rows[0][column.name] == before[column.name]:
        return "an UPDATE that changes nothing does not move it"
    if all(columns.spares_no_ops(trigger) for trigger in columns.keepers(table, column)):
        raise Failed(f"{column} moves though nothing changes, which its WHEN leaves out")
    return "an UPDATE that changes nothing moves it, too"


# --- what they do --------------------------------------------------------------------------


def _aged(context: CheckContext, table: Table, *aged: Column) -> None:
    """A row whose times are long past, as far as they may be, so that any move is seen."""
    for some in (aged, aged[:1]):
        with suppress(Undecided):
            context.stored_row(table, **{column.name: _PAST for column in some})
            return
    context.stored_row(table)


def _moving(table: Table, column: Column, context: CheckContext) -> Statement | None:
    """An update that moves it; None where none does. Raises Undecided where none could."""
    before, why = _row(table, context), "there is no other column that may change"
    could = False
    for statement in _updates(table, column, context):
        answer = context.attempt(_returning(statement))
        demand_whole(context, answer, "an update")
        if answer.rows and answer.rows[0][column.name] != before[column.name]:
            return statement
        could = could or (bool(answer.rows) and _is_called(table, column, context, statement))
        why = "WHEN is not true of it" if answer.rows else str(answer)
    if not could and all(
        _asks_itself(trigger, column) for trigger in columns.keepers(table, column)
    ):
        raise Failed(
            f"no update moves it but one that sets {column} itself: nothing else calls its trigger"
        )
    if not could:
        raise Undecided(f"no update was found that ought to move it: {why}")
    return None


def _asks_itself(trigger: Trigger, column: Column) -> bool:
    """Whether a trigger's WHEN reads nothing but the column that it keeps."""
    return {*_READ.findall(trigger.when or "")} == {column.name}


def _updates(table: Table, column: Column, context: CheckContext) -> Iterator[Statement]:
    """Updates that change the row and call what keeps the time: all columns, then each one."""
    among = _listed(table, column)
    changes = of.changes(context, table, among, _times(table))
    found = list(islice(changes, _FIRST))
    if len(found) > 1:
        yield of.assigning(table, _merged(found))
    yield from (of.assigning(table, one) for one in found)
    for trigger in columns.keepers(table, column):
        yield from settings(table, trigger, context, _times(table)) if trigger.when else ()
    if not found:
        yield _touch(table, column)
    if more := list(changes):
        yield of.assigning(table, _merged([*found, *more]))
        yield from (of.assigning(table, one) for one in more)
    yield from (of.assigning(table, one) for one in of.references(context, table, among))


def _merged(changes: Iterable[dict[Column, str]]) -> dict[Column, str]:
    return {name: text for one in changes for name, text in one.items()}


def _is_called(table: Table, column: Column, context: CheckContext, statement: Statement) -> bool:
    """Whether an update calls what keeps the time: without WHEN and UPDATE OF, every one does."""
    keepers = columns.keepers(table, column)
    if not all(trigger.when or trigger.update_columns for trigger in keepers):
        return True
    mark = len(context.steps)
    with context.undone():
        called = bool(CallRecorder(context, table, keepers).run(statement).calls)
    del context.steps[mark:]  # it shows nothing of the time
    return called


def _listed(table: Table, column: Column) -> set[str]:
    """The columns whose UPDATE calls what keeps the time; none is any."""
    keepers = columns.keepers(table, column)
    if not all(trigger.update_columns for trigger in keepers):
        return set()
    return {name for trigger in keepers for name in trigger.update_columns}


def _times(table: Table) -> set[str]:
    return {column.name for column in columns.times(table)}


def _touch(table: Table, column: Column) -> sql.Composed:
    """UPDATE that changes nothing, of a column that calls what keeps the time."""
    among, times = _listed(table, column), _times(table)
    found = of.all_settable(table, among, times) or of.all_settable(table, among, {column.name})
    if not found:
        raise Undecided("there is no other column to update")
    return of.touch(table, found[0])


def _row(table: Table, context: CheckContext) -> Row:
    """The row that an update means, as it is. Raises Undecided."""
    rows = context.query(of.newest(table))
    if not rows:
        raise Undecided("no row is stored: something discards it")
    return rows[0]


def _returning(statement: Statement) -> Statement:
    return statement + _BACK if isinstance(statement, sql.Composed) else statement


def _spoofed(
    table: Table,
    column: Column,
    context: CheckContext,
    spoof: str,
    values: Mapping[Column, str | None],
) -> str:
    """What becomes of a value of the writer's own: "kept" out, refused, or "" where not updated.

    Raises Failed where it is stored although the trigger is called.
    """
    value = sql.SQL(spoof.replace("{}", column.identifier.as_string()))
    items = [sql.SQL("{} = {}").format(c.identifier, sql.Literal(t)) for c, t in values.items()]
    items.append(sql.SQL("{} = {}").format(column.identifier, value))
    before = _row(table, context)[column.name]
    text = sql.SQL("UPDATE {} SET {} WHERE {} RETURNING *, {} = {} AS harness_spoofed").format(
        of.target(table),
        sql.SQL(", ").join(items),
        of.where(table),
        column.identifier,
        _of(spoof, before),
    )
    answer = context.attempt(text)
    demand_whole(context, answer, "an update")
    if not answer:
        return f"refused: {answer}"
    if answer.rows and answer.rows[0]["harness_spoofed"] == "t":
        chosen = values and _is_moved(table, column, context, values)
        spared = _asks(table, column) and not chosen
        if spared or not _is_called(table, column, context, text):
            return _AROUND
        raise Failed(f"{column} takes any value that an UPDATE gives it")
    return "kept" if answer.rows else ""


def _asks(table: Table, column: Column) -> bool:
    """Whether each function that keeps the time asks about other columns before it sets it."""
    keepers = columns.keepers(table, column)
    return all(columns.asks_of_others(trigger, column) for trigger in keepers)


def _is_moved(
    table: Table, column: Column, context: CheckContext, values: Mapping[Column, str | None]
) -> bool:
    """Whether an UPDATE to these values, and of nothing else, moves the time."""
    before = _row(table, context)[column.name]
    answer = context.attempt(of.assigning(table, values) + _BACK)
    del context.steps[-2:]
    return bool(answer.rows) and answer.rows[0][column.name] != before


def _of(spoof: str, before: str | None) -> sql.Composable:
    """The value that is meant, as a literal or computed from what was there before."""
    if "{}" not in spoof:
        return sql.SQL(spoof)
    literal = sql.Literal(before).as_string()
    return sql.SQL("{}").format(sql.SQL(spoof.replace("{}", f"{literal}::timestamptz")))


def _wait(table: Table, column: Column, context: CheckContext) -> None:
    """As long as the column's precision needs, for a clock to be seen to move."""
    if column.precision is not None and column.precision < _FINE:
        context.query(f"SELECT pg_sleep({1.1 / 10**column.precision})")


_ASPECTS: dict[str, Callable[[Table, Column, CheckContext], str]] = {
    "moves": _moves,
    "moves_within": _moves_within,
    "no_op": _no_op,
    "not_spoofed": _not_spoofed,
    "others_stay": _others_stay,
}
