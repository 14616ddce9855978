"""A generated column holds the value of its expression, and nothing else can be written to it.

- ``computed``: the stored value is what the server computes from the expression, for a new row and
  for the rows that the table already holds.
- ``recomputed``: after an UPDATE of a column that the expression reads, the value is that of the
  new row.
- ``not_written``: an INSERT or UPDATE that gives a value for the column is refused with SQLSTATE
  428C9.

STORED and VIRTUAL columns (PostgreSQL 18 and later) are tried alike. If the expression calls a
function that is declared IMMUTABLE but is not, the property fails when the function gives another
result.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Column, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import evaluate, inserting
from harness.properties.interference import Fault, Interference, accepted, refused
from harness.properties.statement_result import Row
from harness.rowgen import Draft
from harness.rowgen.expression import columns_of, parse

_WRITTEN = "428C9"
_VALUES = 8
_LAST = "ctid = (SELECT ctid FROM {} ORDER BY ctid DESC LIMIT 1)"


class Generated:
    """Computed, recomputed, never written."""

    id: ClassVar[str] = "generated"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-generated-columns.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """Three for each generated column, two where its expression reads no other."""
        for table in schema:
            if table.stores_rows:
                for column in table.columns:
                    for aspect in _aspects(table, column):
                        yield Property(self.id, table.name, column.name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one column against the server."""
        table = context.schema.by_name[prop.table]
        column = table.column(prop.object)
        if prop.aspect == "computed":
            return _computed(table, column, context)
        return (_recomputed if prop.aspect == "recomputed" else _written)(table, column, context)


def _aspects(table: Table, column: Column) -> list[str]:
    if column.generated is None:
        return []
    return ["computed", "not_written", *["recomputed"] * bool(_read(table, column))]


def _read(table: Table, column: Column) -> list[str]:
    """The columns that the expression reads and that can be written."""
    read = columns_of(parse(column.generated or ""))
    return [c.name for c in table.columns if c.name in read and c.insertable]


def _computed(table: Table, column: Column, context: CheckContext) -> str:
    _rows_there(table, column, context)
    row, remark = accepted(context, table, context.valid(table), "a valid row")
    _compare(table, column, row, context)
    return remark


def _rows_there(table: Table, column: Column, context: CheckContext) -> None:
    text = sql.SQL(
        "SELECT {name}::text AS is, {said} AS said FROM {table}"
        " WHERE {name}::text IS DISTINCT FROM {said} LIMIT 1"
    ).format(name=column.identifier, said=sql.SQL(_expression(column)), table=table.identifier)
    for row in context.query(text):
        found = f"{_shown(row['is'])}, and its expression says {_shown(row['said'])}"
        raise Failed(f"a row that is there holds {found}")


def _expression(column: Column) -> str:
    return f"(({column.generated})::{column.type_sql})::text"


def _compare(table: Table, column: Column, row: Row, context: CheckContext, when: str = "") -> None:
    said, held = evaluate(
        context,
        table,
        row,
        f"({column.generated})::{column.type_sql}",
        column.identifier.as_string(),
    )
    if said != held:
        raise Failed(f"the column holds {_shown(held)}{when}, its expression says {_shown(said)}")


def _shown(text: str | None) -> str:
    return "NULL" if text is None else repr(text)


def _recomputed(table: Table, column: Column, context: CheckContext) -> str:
    """Another value in a column that is read: it is enough that one can be updated."""
    draft = context.valid(table)
    changes = [(n, text) for n in _read(table, column) for text in _other(draft, n, context)]
    place = _kept(table, draft, context)
    # Those first that nothing has to be out of the way for.
    for patient in (False, True):
        for name, text in changes:
            update = _update(table, name, sql.Literal(text), place)
            found = _updated(table, update, context, patient)
            if found is not None:
                _compare(table, column, found[0], context, f" after an update of {name}")
                return found[1]
    raise Undecided("no update of what it reads is accepted")


def _updated(
    table: Table, update: sql.Composed, context: CheckContext, patient: bool
) -> tuple[Row, str] | None:
    """The row after an UPDATE, and what was put out of the way for it."""
    with context.undone():
        interference = Interference(context, table)
        answer = context.attempt(update)
        while patient and not answer.rows and interference.lift(answer):
            answer = context.attempt(update)
        return (answer.rows[0], interference.remark) if answer.rows else None


def _other(draft: Draft, name: str, context: CheckContext) -> list[str | None]:
    """Values that another row has, and others of the column."""
    found = context.distinct(draft, [name])
    first = [found.stored[name]] if found else []
    pool = context.rows.plan(draft.table.name).pool(name).accepted[:_VALUES]
    return [text for text in (*first, *pool) if text != draft.stored[name]]


def _kept(table: Table, draft: Draft, context: CheckContext) -> Row:
    """The row, stored; with where it is, for a table in which that has to be known."""
    if not draft.alone and table.kind == "ordinary" and not table.children:
        return context.keep(draft).rows[0]  # with the rows that its INSERT takes
    return context.keep(_with_place(inserting(draft), context)).rows[0]


def _with_place(statement: sql.Composed, context: CheckContext) -> str:
    """The INSERT, giving back where the row is, too: not every table has a key."""
    text = statement.as_string(context.connection)
    return f"{text.removesuffix('*')}*, tableoid, ctid"


def _update(table: Table, name: str, value: sql.Composable, place: Row) -> sql.Composed:
    if table.kind == "ordinary" and not table.children:
        # Where the row lies is another place on a fresh clone; that it is the last one is not.
        last = sql.SQL(_LAST).format(table.identifier)
        text = sql.SQL("UPDATE {} SET {} = {} WHERE {} RETURNING *")
        return text.format(table.identifier, sql.Identifier(name), value, last)
    text = sql.SQL("UPDATE {} SET {} = {} WHERE tableoid = {} AND ctid = {} RETURNING *")
    oid, at = sql.Literal(place["tableoid"]), sql.Literal(place["ctid"])
    return text.format(table.identifier, sql.Identifier(name), value, oid, at)


def _written(table: Table, column: Column, context: CheckContext) -> str:
    draft = context.valid(table)
    value = draft.stored[column.name]
    fault = Fault("a value for the column in an INSERT", _WRITTEN)
    refused(context, table, inserting(draft.replace(**{column.name: value})), fault)
    place = _kept(table, draft, context)
    update = _update(table, column.name, sql.Literal(value), place)
    return refused(context, table, update, Fault("a value for the column in an UPDATE", _WRITTEN))
