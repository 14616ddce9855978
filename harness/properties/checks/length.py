"""A column accepts values up to the limit of its type, and none beyond it.

- ``at_limit``, ``beyond_limit``: ``varchar(n)``, ``char(n)`` and ``bit varying(n)`` accept n
  characters or bits and refuse one more with SQLSTATE 22001. ``bit(n)`` refuses it with 22026,
  since it takes exactly n bits. ``numeric(p, s)`` accepts the largest value of p digits and refuses
  the next power of ten with 22003.
- ``range``: ``smallint``, ``integer`` and ``bigint`` accept their smallest and largest values and
  refuse the next ones with 22003.
- ``scale``: ``numeric(p, s)`` rounds digits beyond its scale away, without an error.
- ``spaces``: ``varchar(n)`` cuts off spaces beyond its length, without an error, as the SQL
  standard requires.

A domain over such a type has the same properties.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from harness.postgres.schema_model import Column, Schema, Table
from harness.properties.base import Failed, Property
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.properties.interference import Fault, accepted, refused, remarks

_STATES = {"varchar": "22001", "bpchar": "22001", "varbit": "22001", "bit": "22026"}
_INTEGERS = {"int2": 16, "int4": 32, "int8": 64}
"""Bits of the integer types."""
_LITERAL = 60
"""Characters that are written out; more are repeat(...)."""
OUT_OF_RANGE = "22003"
_READERS = frozenset(
    (
        *("pg_strtoint16", "pg_strtoint32", "pg_strtoint64", "scanint8"),
        *("pg_strtoint16_safe", "pg_strtoint32_safe", "pg_strtoint64_safe"),
    )
)
"""Where the server reads an integer: before version 16, and from then on."""
_LARGEST = 1_000_000
"""Characters that a trial sends through the server; a limit beyond it is not tried."""


class Length:
    """At the limit accepted, beyond refused."""

    id: ClassVar[str] = "length"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/datatype-character.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each column with a length, a precision of numbers, or a range of integers."""
        for table in schema:
            if table.stores_rows:
                for column in table.columns:
                    for aspect in _aspects(column):
                        yield Property(self.id, table.name, column.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one column against the server."""
        table = context.schema.by_name[prop.table]
        column = table.column(prop.object)
        if prop.aspect == "range":
            return _range(table, column, context)
        if prop.aspect == "beyond_limit":
            return _beyond(table, column, context)
        return _accepted(table, column, _trial(column, prop.aspect), context)


def _aspects(column: Column) -> list[str]:
    root = column.type.root.name
    if column.insertable and root in _INTEGERS:
        return ["range"]
    if not column.insertable or (root not in _STATES and root != "numeric"):
        return []
    if root == "numeric":
        return ["at_limit", "beyond_limit", "scale"] if column.precision is not None else []
    if column.length is None or column.length > _LARGEST:
        return []
    return ["at_limit", "beyond_limit", *["spaces"] * (root == "varchar")]


@dataclass(frozen=True, slots=True)
class Trial:
    """A value, as SQL, and what has to be stored of it."""

    what: str
    sql: str
    stored: str


def _trial(column: Column, aspect: str) -> Trial:
    if column.type.root.name == "numeric":
        return _largest(column) if aspect == "at_limit" else _finer(column)
    length = column.length or 0
    digit = "1" if column.type.root.name in ("bit", "varbit") else "x"
    full = Trial(f"a value of length {length}", _repeated(digit, length), digit * length)
    if aspect == "at_limit":
        return full
    return Trial(f"{length} characters and a space", f"{full.sql} || ' '", full.stored)


def _repeated(digit: str, length: int) -> str:
    if length <= _LITERAL:
        return f"'{digit * length}'"
    return f"repeat('{digit}', {length})" + ("::bit varying" if digit == "1" else "")


def _largest(column: Column) -> Trial:
    """99.99 of numeric(4, 2), 99900 of numeric(3, -2), 0.00099 of numeric(2, 5)."""
    text = f"{Decimal((0, (9,) * (column.precision or 1), -(column.scale or 0))):f}"
    return Trial(f"the value {text}", f"'{text}'", text)


def _finer(column: Column) -> Trial:
    """A step, and a tenth of one, which is rounded away."""
    scale = column.scale or 0
    excess = f"{Decimal((0, (1, 1), -scale - 1)):f}"
    return Trial(f"the value {excess}", f"'{excess}'", f"{Decimal((0, (1,), -scale)):f}")


def _accepted(table: Table, column: Column, trial: Trial, context: CheckContext) -> str:
    draft = context.valid(table)
    statement = inserting(draft, **{column.name: trial.sql})
    row, remark = accepted(context, table, statement, trial.what, generated=True)
    if row[column.name] == trial.stored:
        return remark
    if any(t.fires for t in table.triggers):
        return remarks(remark, f"a trigger stores something else of {trial.what}")
    raise Failed(f"of {trial.what} {row[column.name]!r} is stored")


def _range(table: Table, column: Column, context: CheckContext) -> str:
    """Both ends are of the type, what is one beyond is not; CHECKs may be narrower."""
    bits, draft = _INTEGERS[column.type.root.name], context.valid(table)
    said: list[str] = []
    for last, beyond in ((2 ** (bits - 1) - 1, 1), (-(2 ** (bits - 1)), -1)):
        statement = inserting(draft, **{column.name: f"'{last + beyond}'"})
        answer = context.attempt(statement)
        if answer.sqlstate != OUT_OF_RANGE or answer.function not in _READERS:
            fault = Fault(f"the value {last + beyond}", OUT_OF_RANGE, always=True)
            said.append(refused(context, table, statement, fault))
        # The end itself: whatever refuses it, it is not the type.
        answer = context.attempt(inserting(draft, **{column.name: f"'{last}'"}))
        if answer.sqlstate == OUT_OF_RANGE and answer.function in _READERS:
            raise Failed(f"the value {last} is refused: {answer}")
    return remarks(*said)


def _state(column: Column) -> str:
    return _STATES[column.type.root.name]


def _beyond(table: Table, column: Column, context: CheckContext) -> str:
    if column.type.root.name == "numeric":
        limit = f"{Decimal((0, (1,), (column.precision or 0) - (column.scale or 0))):f}"
        text, state, what = f"'{limit}'", "22003", f"the value {limit}"
    else:
        more = (column.length or 0) + 1
        text, state, what = _repeated(_digit(column), more), _state(column), f"length {more}"
    draft = context.valid(table)
    statement = inserting(draft, **{column.name: text})
    return refused(context, table, statement, Fault(what, state))


def _digit(column: Column) -> str:
    return "1" if column.type.root.name in ("bit", "varbit") else "x"
