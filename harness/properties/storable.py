"""Whether a default can be stored at all: what its own CHECK or type refuses is no default.

A CHECK over one column is asked about its default. One over several is asked only where each of
them has a default that is computed: constants such as 0 in both of two columns may be meant to be
given, one of them in every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from psycopg import sql

from harness.postgres.schema_model import Column, Table
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import exact_type, inserting
from harness.properties.statement_result import Answer
from harness.rowgen import Draft
from harness.rowgen.conditions import Condition

_CHECK = "23514"
_EMPTY, _NO_PARTITION = "ExecWithoutOverlapsNotEmpty", "ExecFindPartition"
_PERIOD = "WITHOUT OVERLAPS"
_ROWS = 200
"""Times that defaults are computed, which may be another value each time."""
_MOMENTS = (0, 1, 2, 3, 4, 5, 6, 45, 200, -400, -3000, 5000)
"""Days from now: what a CHECK says of the clock may be true at another moment."""
_CLOCK = re.compile(
    r"\b(?:(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)"
    r"|(?:CURRENT_TIMESTAMP|LOCALTIMESTAMP)(?:\(\d\))?)"
)
_TODAY = re.compile(r"\bCURRENT_DATE\b")
_CALL = re.compile(r"([\w.\"]+)\(")
_KNOWN = {"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "random"}
_KNOWN |= {"gen_random_uuid", "date_trunc", "make_interval", "timezone", "md5", "floor", "ceil"}
_KNOWN |= {"round", "trunc", "abs", "lower", "upper", "to_char", "extract", "date_part", "chr"}
_KNOWN |= {
    "current_timestamp",
    "localtimestamp",
    "varchar",
    "numeric",
    "bpchar",
    "substr",
    "length",
}
_ELSEWHERE = re.compile(
    r"\b(?:current_user|session_user|current_role|current_schema|user)\b|'(?:now|to|yester)",
    re.IGNORECASE,
)
"""What depends on the session, or is the moment in a way that cannot be put off."""


def expression(column: Column) -> str | None:
    """The column's default, or its domain's; the identity's numbers are none."""
    own = (column.default, *(domain.default for domain in column.type.domains))
    return next((text for text in own if text is not None), None)


def demand_storable(context: CheckContext, table: Table, column: Column, draft: Draft) -> None:
    """Raise Failed where a row without the column is refused for its default, whatever the row.

    ``draft`` is a row that is accepted with the column.
    """
    if _is_set(table, column):
        return
    statement = inserting(draft.without(column.name))
    answer = context.attempt(statement)
    if answer.sqlstate == _CHECK and (own := _named(context, table, column, answer.constraint)):
        if never(context, table, own):
            raise Failed(f"its default cannot be stored: {answer}")
    elif (
        (answer.sqlstate.startswith("22") or _is_left_out(table, column, answer))
        and column.volatility == "immutable"
        and column.name in draft.values
        and context.attempt(draft)
    ):
        raise Failed(f"its default cannot be stored: {answer}")
    for condition in _between(context, table, column):
        answer = context.attempt(inserting(draft.without(*condition.columns)))
        if answer.constraint == condition.name and never(context, table, condition):
            names = ", ".join(condition.columns)
            raise Failed(f"the defaults of {names} contradict each other: {answer}")


def is_refused(context: CheckContext, table: Table, column: Column) -> bool:
    """Whether a CHECK over the column alone is false of its default."""
    return any(never(context, table, one) for one in _own(context, table, column))


def never(context: CheckContext, table: Table, condition: Condition) -> bool:
    """Whether defaults do not satisfy a condition over them, whenever they are computed."""
    # In their order, in which an INSERT computes them: the clock goes on meanwhile.
    columns = [column for column in table.columns if column.name in condition.columns]
    texts = [expression(column) or "NULL" for column in columns]
    if not all(_is_understood(*pair) for pair in zip(columns, texts, strict=True)):
        return False
    items = (
        f"({text})::{exact_type(column)} AS {column.identifier.as_string()}"
        for text, column in zip(texts, columns, strict=True)
    )
    row = f"SELECT {', '.join(items)} FROM generate_series(1, {_ROWS})"  # noqa: S608  the catalog's
    text = f"SELECT bool_or(({condition.sql}) IS NOT FALSE) AS may FROM ({row}) AS r"  # noqa: S608
    moments = _MOMENTS if _CLOCK.search(text) or _TODAY.search(text) else _MOMENTS[:1]
    return not any(_may(context, _put_off(text, days)) for days in moments)


def _is_left_out(table: Table, column: Column, answer: Answer) -> bool:
    """Whether a key WITHOUT OVERLAPS or the partitions refuse what the column alone decides."""
    if answer.function == _EMPTY:
        periods = [c.columns[-1] for c in table.constraints if _PERIOD in c.definition]
        return answer.sqlstate == _CHECK and column.name in periods
    key = (table.partition_key or "").partition(" ")[2]
    alone = key in (f"({column.name})", f"({column.identifier.as_string()})")
    return answer.function == _NO_PARTITION and answer.table == table.name.name and alone


def _own(context: CheckContext, table: Table, column: Column) -> Iterator[Condition]:
    for condition in context.rows.plan(table).conditions:
        if condition.columns == (column.name,) and not condition.strict:
            yield condition


def _named(context: CheckContext, table: Table, column: Column, name: str) -> Condition | None:
    return next((one for one in _own(context, table, column) if one.name == name), None)


def _between(context: CheckContext, table: Table, column: Column) -> Iterator[Condition]:
    """The CHECKs over several columns, this one among them, all of which compute a default."""
    for condition in context.rows.plan(table).conditions:
        columns = [table.column(name) for name in condition.columns]
        if len(columns) < 2 or column not in columns or condition.strict:
            continue
        computed = (c.default and c.volatility != "immutable" and c.insertable for c in columns)
        if all(computed) and not any(_is_set(table, one) for one in columns):
            yield condition


def _is_understood(column: Column, text: str) -> bool:
    """Whether a default is a constant, or computed by what depends on no session."""
    if column.default is not None and column.volatility == "immutable":
        return True
    called = {name.rpartition(".")[2].strip('"').lower() for name in _CALL.findall(text)}
    return called <= _KNOWN and not _ELSEWHERE.search(text)


def _is_set(table: Table, column: Column) -> bool:
    """Whether a trigger puts another value into the column before anything looks at it."""
    name = re.escape(column.name)
    sets = re.compile(
        rf'\bNEW\."?{name}"?\s*:='
        rf'|(?:;|\b(?:BEGIN|THEN|ELSE|LOOP))\s*NEW\."?{name}"?\s*='
        rf'|\bINTO\s[^;]*\bNEW\."?{name}(?!\w)|\bNEW\s*:?=',
        re.IGNORECASE,
    )
    before = (t for t in table.triggers if t.fires and t.timing == "before" and t.level == "row")
    inserts = (trigger for trigger in before if "insert" in trigger.events)
    return any(t.language != "plpgsql" or sets.search(t.source) for t in inserts)


def _put_off(text: str, days: int) -> str:
    """The same at another moment."""
    if not days:
        return text
    moved = _CLOCK.sub(rf"(\g<0> + make_interval(days => {days}, hours => {days % 24}))", text)
    return _TODAY.sub(rf"(\g<0> + {days})", moved)


def _may(context: CheckContext, text: str) -> bool:
    """The answer; what is an error shows nothing."""
    try:
        with context.undone():
            return bool(context.query(sql.SQL(text), aside=True)[0]["may"] == "t")
    except Undecided:
        return True
