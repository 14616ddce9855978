"""A column that an INSERT leaves out gets its default.

- ``default``: the stored value is what the default's expression gives. The server computes the
  expression in the same transaction, in which ``now()`` does not move.
- ``volatile``: a default that gives another value each time (a sequence, a random value, the clock)
  does so for different rows.
- ``not_frozen``: the default is not one fixed moment by mistake. PostgreSQL computes
  ``'now'::timestamptz`` once, when the table is created, so every later row gets that moment, and
  the property fails. The harness recognizes the literal in the catalog: it has a fraction of a
  second, or it is close to the present.

A column without a default of its own has the default of its domain.

A default fails if the column's own type, CHECK or domain refuses it, unless a trigger replaces it.
The computed defaults of two columns fail if they never satisfy a CHECK over both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Column, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.branches import branches, choices
from harness.properties.check_context import CheckContext
from harness.properties.expressions import evaluate, inserting
from harness.properties.interference import accepted, remarks
from harness.properties.storable import demand_storable, expression, is_refused

_TIMES = ("timestamp", "timestamptz", "date", "time", "timetz")
_DIFFERENT = re.compile(
    r"(?:\w+\.)?(nextval|gen_random_uuid|uuidv[47]|uuid_generate_v[14]\w*)\([^()]*\)(::text)?\Z"
)
"""What is another value each time; what a function of the user's gives need not be."""
_TRIES = 8
_FRACTION = re.compile(r"'[^']*:\d\d\.(?!9+\D)(\d{4,})[^']*'::(?:timestamp|time)\b")
_LITERAL = re.compile(r"('[^']*')::(date|timestamp with(?:out)? time zone)")
_NEAR = (
    "CASE WHEN isfinite({literal}::timestamptz)"
    " THEN abs(extract(epoch FROM {literal}::timestamptz - now())) < 2 * 86400 ELSE false END"
)
"""Within two days: the date may be that of another time zone, the literal 'tomorrow'."""


class Default:
    """What is left out is filled in."""

    id: ClassVar[str] = "default"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-default.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each default: its value, that it differs, that it is no frozen moment."""
        for table in schema:
            if table.stores_rows:
                for column in table.columns:
                    for aspect in _aspects(column):
                        yield Property(self.id, table.name, column.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one default against the server."""
        table = context.schema.by_name[prop.table]
        column = table.column(prop.object)
        if prop.aspect == "not_frozen":
            return _not_frozen(column, context)
        # First: rows that go with the default are sought without what refuses it.
        demand_storable(context, table, column, context.valid(table))
        return (_differs if prop.aspect == "volatile" else _value)(table, column, context)


def _aspects(column: Column) -> list[str]:
    text = expression(column)
    if text is None or column.identity or column.generated is not None:
        return []
    volatile = column.default is not None and column.volatility == "volatile"
    moment = column.type.root.name in _TIMES and "'" in text
    return ["volatile" if volatile else "default", *["not_frozen"] * moment]


def _value(table: Table, column: Column, context: CheckContext) -> str:
    statement = _without(table, column, context)
    if _is_null(table, column, context, statement):
        return "the default is NULL here, which the column refuses"
    row, remark = accepted(context, table, statement, f"a row without {column}")
    said, held = _pair(table, column, row[column.name], context)
    if said == held:
        return remark
    if said != _pair(table, column, row[column.name], context)[0]:
        return remarks(remark, "the default gives another value each time")
    before = [t for t in table.triggers if t.timing == "before" and "insert" in t.events]
    fires = [trigger.name for trigger in before if trigger.fires and column.default is not None]
    computed = column.volatility != "immutable" or is_refused(context, table, column)
    if fires and (computed or _is_computed(table, column, held, context)):
        named = f"one of the triggers {', '.join(fires)}"
        return remarks(remark, f"{named} puts {_shown(held)} in its place")
    raise Failed(f"the column holds {_shown(held)} and not its default, {_shown(said)}")


def _is_computed(table: Table, column: Column, held: str | None, context: CheckContext) -> bool:
    """Whether a trigger stores something else in the column of another row."""
    draft = context.valid(table)
    others = [c.name for c in table.columns if c.insertable and c.name != column.name]
    rows = [context.varied(draft, others)]
    for choice in choices(branches(context, table, "insert", {column.name})):
        rows.append(draft.replace(**{other.name: text for other, text in choice.items()}))
    answers = (context.attempt(inserting(row.without(column.name))) for row in rows)
    return any(answer.rows and answer.rows[0][column.name] != held for answer in answers)


def _is_null(table: Table, column: Column, context: CheckContext, statement: sql.Composed) -> bool:
    """Whether the column gets its default, NULL, and refuses that: of a setting, say."""
    answer = context.attempt(statement)
    if answer.sqlstate != "23502" or answer.column != column.name:
        return False
    text = f"({expression(column)})::{column.type_sql}"
    return evaluate(context, table, {}, text)[0] is None


def _pair(
    table: Table, column: Column, held: str | None, context: CheckContext
) -> tuple[str | None, str | None]:
    """The default's value and what is stored, as the column's type writes both."""
    texts = (f"({expression(column)})::{column.type_sql}", column.identifier.as_string())
    said, stored = evaluate(context, table, {column.name: held}, *texts)
    return said, stored


def _shown(text: str | None) -> str:
    return "NULL" if text is None else repr(text)


def _without(table: Table, column: Column, context: CheckContext) -> sql.Composed:
    """The INSERT of a row that goes with the default where it is left out, if there is one."""
    draft = context.valid(table)
    if column.name in draft.values and not context.attempt(draft.without(column.name)):
        text = f"({expression(column)})::{column.type_sql}"
        with suppress(Undecided):
            with context.undone():  # an error would end the transaction
                said = evaluate(context, table, {}, text)[0]
            draft = context.valid(table, **{column.name: said})
    # A partition that has to be detached loses the identity that it has from its parent.
    own = [c.name for c in table.columns if c.identity and table.is_partition]
    return inserting(draft.without(column.name).replace(**{n: draft.stored[n] for n in own}))


def _differs(table: Table, column: Column, context: CheckContext) -> str:
    statement = _without(table, column, context)
    seen: set[str | None] = set()
    remark = ""
    for _ in range(_TRIES):
        row, remark = accepted(context, table, statement, f"a row without {column}")
        seen.add(row[column.name])
        if len(seen) > 1:
            return remark
    if column.default and _DIFFERENT.match(column.default):
        raise Failed(f"each of {_TRIES} rows got {_shown(seen.pop())}")
    said, held = _pair(table, column, seen.pop(), context)
    if said == held:
        return remarks(remark, "the default is volatile, and always gave the same value")
    raise Undecided(f"{_TRIES} rows got {_shown(held)}; the default alone gave {_shown(said)}")


def _not_frozen(column: Column, context: CheckContext) -> str:
    text = expression(column) or ""
    if found := _FRACTION.search(text):
        raise Failed(_frozen(found[0]))
    for literal, _ in _LITERAL.findall(text):
        near = context.query(f"SELECT {_NEAR.format(literal=literal)} AS near")
        if near[0]["near"] == "t":
            raise Failed(_frozen(literal))
    return ""


def _frozen(literal: str) -> str:
    return (
        f"the default is the moment {literal}, computed when the table was created;"
        " write now() or CURRENT_DATE for the time of the INSERT"
    )
