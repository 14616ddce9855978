"""A generated column holds what its expression says, and nothing else can be written to it.

The value of a row that is inserted is compared with the expression, computed by the server
over the row as it was stored; so are the rows that are there already. After an UPDATE of a
column that the expression reads it has to be what the expression says of the new row. An
INSERT or UPDATE that names a value for the column is refused with SQLSTATE 428C9. That holds
for STORED columns and for VIRTUAL ones, which PostgreSQL has from version 18. An expression
whose functions are declared IMMUTABLE and are not is found where they answer differently.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Column, Schema, Table
from harness.properties.base import Promise, Refuted, Undecided
from harness.properties.check_context import Bench
from harness.properties.expressions import evaluate, inserting
from harness.properties.interference import Fault, Obstacles, accepted, refused
from harness.properties.statement_result import Row
from harness.rowgen import Draft
from harness.rowgen.expression import columns_of, parse

_WRITTEN = "428C9"
_VALUES = 8


class Generated:
    """Computed, recomputed, never written."""

    id: ClassVar[str] = "generated"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-generated-columns.html"

    def promises(self, schema: Schema) -> Iterator[Promise]:
        """Three for each generated column, two where its expression reads no other."""
        for table in schema:
            if table.insertable and table.kind not in ("view", "foreign"):
                for column in table.columns:
                    for aspect in _aspects(table, column):
                        yield Promise(self.id, table.name, column.name, aspect)

    def check(self, promise: Promise, bench: Bench) -> str:
        """Hold one aspect of one column against the server."""
        table = bench.schema.by_name[promise.table]
        column = table.column(promise.object)
        if promise.aspect == "computed":
            return _computed(table, column, bench)
        return (_recomputed if promise.aspect == "recomputed" else _written)(table, column, bench)


def _aspects(table: Table, column: Column) -> list[str]:
    if column.generated is None:
        return []
    return ["computed", "not_written", *["recomputed"] * bool(_read(table, column))]


def _read(table: Table, column: Column) -> list[str]:
    """The columns that the expression reads and that can be written."""
    read = columns_of(parse(column.generated or ""))
    return [c.name for c in table.columns if c.name in read and c.insertable]


def _computed(table: Table, column: Column, bench: Bench) -> str:
    _rows_there(table, column, bench)
    row, remark = accepted(bench, table, bench.valid(table), "a valid row")
    _compare(table, column, row, bench)
    return remark


def _rows_there(table: Table, column: Column, bench: Bench) -> None:
    text = sql.SQL(
        "SELECT {name}::text AS is, {said} AS said FROM {table}"
        " WHERE {name}::text IS DISTINCT FROM {said} LIMIT 1"
    ).format(name=column.identifier, said=sql.SQL(_expression(column)), table=table.identifier)
    for row in bench.query(text):
        found = f"{_shown(row['is'])}, and its expression says {_shown(row['said'])}"
        raise Refuted(f"a row that is there holds {found}")


def _expression(column: Column) -> str:
    return f"(({column.generated})::{column.type_sql})::text"


def _compare(table: Table, column: Column, row: Row, bench: Bench, when: str = "") -> None:
    said, held = evaluate(
        bench, table, row, f"({column.generated})::{column.type_sql}", column.identifier.as_string()
    )
    if said != held:
        raise Refuted(f"the column holds {_shown(held)}{when}, its expression says {_shown(said)}")


def _shown(text: str | None) -> str:
    return "NULL" if text is None else repr(text)


def _recomputed(table: Table, column: Column, bench: Bench) -> str:
    """Another value in a column that is read: it is enough that one can be updated."""
    draft = bench.valid(table)
    changes = [(n, text) for n in _read(table, column) for text in _other(draft, n, bench)]
    place = bench.keep(_with_place(inserting(draft), bench)).rows[0]
    # Those first that nothing has to be out of the way for.
    for patient in (False, True):
        for name, text in changes:
            update = _update(table, name, sql.Literal(text), place)
            found = _updated(table, update, bench, patient)
            if found is not None:
                _compare(table, column, found[0], bench, f" after an update of {name}")
                return found[1]
    raise Undecided("no update of what it reads is accepted")


def _updated(
    table: Table, update: sql.Composed, bench: Bench, patient: bool
) -> tuple[Row, str] | None:
    """The row after an UPDATE, and what was put out of the way for it."""
    with bench.undone():
        obstacles = Obstacles(bench, table)
        answer = bench.attempt(update)
        while patient and not answer.rows and obstacles.lift(answer):
            answer = bench.attempt(update)
        return (answer.rows[0], obstacles.remark) if answer.rows else None


def _other(draft: Draft, name: str, bench: Bench) -> list[str | None]:
    """Values that another row has, and others of the column."""
    found = bench.distinct(draft, [name])
    first = [found.stored[name]] if found else []
    pool = bench.rows.plan(draft.table.name).pool(name).accepted[:_VALUES]
    return [text for text in (*first, *pool) if text != draft.stored[name]]


def _with_place(statement: sql.Composed, bench: Bench) -> str:
    """The INSERT, giving back where the row is, too: not every table has a key."""
    text = statement.as_string(bench.connection)
    return f"{text.removesuffix('*')}*, tableoid, ctid"


def _update(table: Table, name: str, value: sql.Composable, place: Row) -> sql.Composed:
    text = sql.SQL("UPDATE {} SET {} = {} WHERE tableoid = {} AND ctid = {} RETURNING *")
    oid, at = sql.Literal(place["tableoid"]), sql.Literal(place["ctid"])
    return text.format(table.identifier, sql.Identifier(name), value, oid, at)


def _written(table: Table, column: Column, bench: Bench) -> str:
    draft = bench.valid(table)
    value = draft.stored[column.name]
    fault = Fault("a value for the column in an INSERT", _WRITTEN)
    refused(bench, table, inserting(draft.replace(**{column.name: value})), fault)
    place = bench.keep(_with_place(inserting(draft), bench)).rows[0]
    update = _update(table, column.name, sql.Literal(value), place)
    return refused(bench, table, update, Fault("a value for the column in an UPDATE", _WRITTEN))
