"""The check of sequences and identities, aspect by aspect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from itertools import pairwise
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Schema
from harness.properties.base import Advice, Failed, Property, Role, Step, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.sequence.feed import Feed, feeds
from harness.properties.expressions import inserting
from harness.properties.interference import Fault, Interference, refused
from harness.properties.statement_result import Answer, send
from harness.rowgen import Draft

SESSIONS = 4
EACH = 20
"""Numbers that each of the sessions takes."""


class Sequences:
    """Numbers come once."""

    id: ClassVar[str] = "sequence"
    group: ClassVar[str] = "sequences"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/functions-sequence.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each column that a sequence feeds."""
        for table in schema:
            for feed in feeds(table, schema) if table.kind not in ("view", "foreign") else ():
                for aspect in _aspects(feed):
                    yield Property(self.id, table.name, feed.column.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one feed against the server."""
        table = context.schema.by_name[prop.table]
        feed = next(f for f in feeds(table, context.schema) if f.column.name == prop.object)
        return _ASPECTS[prop.aspect](feed, context)


def _aspects(feed: Feed) -> Iterator[str]:
    yield from ("steps", "concurrent", "not_reused", "not_behind", "room")
    yield from ["no_cycle"] * feed.is_key
    yield from ["always", "always_update"] * (feed.column.identity == "always")


def _steps(feed: Feed, context: CheckContext) -> str:
    """The first number is the start, and each is the one before and the increment."""
    start, step = feed.sequence.start, feed.sequence.increment
    with context.beside(feed.sequence.name) as database, closing(database.connect()) as connection:
        state = send(connection, _state(feed).as_string()).rows[0]
        answers = [send(connection, feed.nextval.as_string()) for _ in "123"]
    context.steps += (_looked(feed.nextval, answer) for answer in answers)
    taken = [int(answer.rows[0]["nextval"]) for answer in answers]
    if state["is_called"] == "f" and taken[0] != int(state["last_value"]):
        raise Failed(f"the first number is {taken[0]}, not {state['last_value']}")
    if any(after - before != step for before, after in pairwise(taken)):
        raise Failed(f"{taken} are not {step} apart")
    moved = state["is_called"] == "t" or int(state["last_value"]) != start
    return f"stands at {state['last_value']}, not at its start {start}" if moved else ""


def _concurrent(feed: Feed, context: CheckContext) -> str:
    """Sessions that take turns get different numbers, each an ascending row of them."""
    rows: list[list[int]] = [[] for _ in range(SESSIONS)]
    taken: list[Step] = []
    with context.beside(feed.sequence.name) as database, ExitStack() as stack:
        sessions = [stack.enter_context(closing(database.connect())) for _ in rows]
        for _ in range(EACH):
            for session, numbers in zip(sessions, rows, strict=True):
                answer = send(session, feed.nextval.as_string())
                if not answer:
                    raise Undecided(f"the sequence is exhausted: {answer}")
                numbers.append(int(answer.rows[0]["nextval"]))
                step = Step(
                    feed.nextval.as_string(), str(answer), session=len(taken) % SESSIONS + 1
                )
                taken.append(step)
    context.steps += taken
    if len({number for numbers in rows for number in numbers}) < SESSIONS * EACH:
        raise Failed("two sessions were given the same number")
    falling = feed.sequence.increment < 0
    if any(numbers != sorted(numbers, reverse=falling) for numbers in rows):
        raise Failed("one session's numbers are not in order")
    return ""


def _not_reused(feed: Feed, context: CheckContext) -> str:
    """A number is gone whether its row is deleted, rolled back, refused or not."""
    draft = context.valid(feed.table).without(feed.column.name)
    statement = inserting(draft)
    given = [_stored(feed, context, statement, keep=True)]
    where = sql.SQL("DELETE FROM {} WHERE {} = {}").format(
        feed.table.identifier, feed.column.identifier, sql.Literal(given[0])
    )
    gone = context.attempt(where, keep=True)
    again = "deleted" if gone and gone.count else "there"
    if again == "deleted":
        given.append(_stored(feed, context, statement, keep=False))  # and rolled back
    else:
        with suppress(Undecided):  # a row beside the first
            statement = inserting(context.valid(feed.table).without(feed.column.name))
    given.append(_stored(feed, context, statement, keep=False, may_fail=again == "there"))
    numbers = [number for number in given if number]
    if len(set(numbers)) < len(numbers):
        raise Failed(f"{numbers[-1]} is given again, after its row was {again} or rolled back")
    if len(numbers) < 2:
        raise Undecided("a second row is refused, and the first cannot be deleted")
    _demand_order(feed, numbers)
    return ""


def _demand_order(feed: Feed, numbers: list[str]) -> None:
    """A sequence that goes back gives numbers again, though not at once."""
    step = 1 if feed.sequence.increment > 0 else -1
    for before, after in pairwise(map(int, numbers)):
        if (after - before) * step < 0 and not feed.sequence.cycle:
            raise Failed(f"{after} is given after {before}: the sequence was set back")


def _stored(
    feed: Feed, context: CheckContext, statement: sql.Composed, keep: bool, may_fail: bool = False
) -> str:
    interference = Interference(context, feed.table)
    while not (answer := context.attempt(statement, keep=keep)) and not may_fail:
        if not interference.lift(answer):
            break
    if not answer and may_fail:
        return ""
    if not answer or not answer.rows:
        raise Undecided(f"a row without {feed.column} is not stored: {answer}")
    return str(answer.rows[0][feed.column.name])


def _not_behind(feed: Feed, context: CheckContext) -> str:
    """The next number is beyond every value that rows have."""
    farthest = "max" if feed.sequence.increment > 0 else "min"
    look = sql.SQL("SELECT {}({})::text AS value FROM {}").format(
        sql.SQL(farthest), feed.column.identifier, feed.table.identifier
    )
    with context.beside(feed.sequence.name) as database, closing(database.connect()) as connection:
        there = send(connection, look.as_string())
        following = send(connection, feed.nextval.as_string())
    context.steps += [_looked(look, there), _looked(feed.nextval, following)]
    value, number = there.rows[0]["value"], following.rows[0]["nextval"]
    if value is None:
        return "there are no rows"
    ahead = int(number) - int(float(value))
    if ahead * (1 if feed.sequence.increment > 0 else -1) <= 0:
        raise Failed(
            f"the next number is {number}, and there is a row with {value} already; setval moves"
            " the sequence on"
        )
    return ""


def _room(feed: Feed, context: CheckContext) -> str:
    """The sequence ends before its column does, and has not come to the column's end."""
    room = feed.room
    if room is None:
        return ""
    wider = feed.sequence.minimum < -room - 1 or feed.sequence.maximum > room
    if wider and not -room - 1 <= (following := _following(feed, context)) <= room:
        raise Failed(
            f"the next number is {following}, more than {feed.column.type_sql} holds: inserts fail"
            " with 22003"
        )
    if feed.sequence.maximum > room and feed.sequence.increment > 0 and not feed.sequence.cycle:
        raise Advice(
            f"the sequence counts up to {feed.sequence.maximum}, {feed.column.type_sql} only to"
            f" {room}: inserts will fail with 22003"
        )
    small = feed.is_key and feed.column.type.root.name in ("int2", "int4")
    return f"a key of {feed.column.type_sql} runs out at {room}" if small else ""


def _following(feed: Feed, context: CheckContext) -> int:
    """The number that the sequence gives next; its last one where it has come to its end."""
    with context.beside(feed.sequence.name) as database, closing(database.connect()) as connection:
        state = send(connection, _state(feed).as_string()).rows[0]  # here rows have taken numbers
    shown = ", ".join(f"{name} = {value}" for name, value in state.items())
    context.steps.append(Step(_state(feed).as_string(), shown))
    last, step = int(state["last_value"] or 0), feed.sequence.increment
    if state["is_called"] == "f":
        return last
    following = last + step
    return following if feed.sequence.minimum <= following <= feed.sequence.maximum else last


def _no_cycle(feed: Feed, context: CheckContext) -> str:
    """It does not start again, which would give a key its values a second time."""
    if feed.sequence.cycle:
        raise Failed(f"{feed.sequence} starts again after {feed.sequence.maximum} (CYCLE)")
    return ""


def _always(feed: Feed, context: CheckContext) -> str:
    """A value of the writer's is refused."""
    draft = context.valid(feed.table)
    given = _given(feed, draft)
    text = inserting(draft.without(feed.column.name).replace(**given)).as_string()
    statement = sql.SQL(text.replace(" OVERRIDING SYSTEM VALUE", "", 1))
    return refused(context, feed.table, statement, Fault("a number given by the writer", "428C9"))


def _always_update(feed: Feed, context: CheckContext) -> str:
    """So is one that is put in the place of the sequence's."""
    # A row to be updated, where there can be one: the server refuses before it looks for any.
    context.attempt(inserting(context.valid(feed.table).without(feed.column.name)), keep=True)
    statement = sql.SQL("UPDATE {} SET {} = 1 RETURNING *").format(
        feed.table.identifier, feed.column.identifier
    )
    return refused(context, feed.table, statement, Fault("an update of the number", "428C9"))


def _looked(query: sql.Composed, answer: Answer) -> Step:
    return Step(query.as_string(), str(answer), answer.sqlstate, answer.count, Role.LOOK)


def _given(feed: Feed, draft: Draft) -> dict[str, str | None]:
    return {feed.column.name: draft.stored.get(feed.column.name) or "1"}


def _state(feed: Feed) -> sql.Composed:
    return sql.SQL("SELECT last_value, is_called FROM {}").format(feed.sequence.name.identifier)


_ASPECTS: dict[str, Callable[[Feed, CheckContext], str]] = {
    "steps": _steps,
    "concurrent": _concurrent,
    "not_reused": _not_reused,
    "not_behind": _not_behind,
    "room": _room,
    "no_cycle": _no_cycle,
    "always": _always,
    "always_update": _always_update,
}
