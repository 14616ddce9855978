"""Steps of a test file about rows: one that is accepted, those that are refused, an UPDATE."""

# ruff: noqa: S608  what is written is SQL text, with names and values quoted by `quoted` and `literal`

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from harness.core.errors import ConfigError
from harness.mutation.mutant import literal, quoted
from harness.postgres.schema_model import Schema, Table
from harness.rowgen import Rows, Unsatisfiable
from harness.run.scaffold_file import Step

Connection = psycopg.Connection[Any]
_VALUES = (
    *("-1", "0", "1", "99999999", "", "x", "x" * 300, "1900-01-01", "2999-01-01", "{}"),
    *("true", "false", "00000000-0000-0000-0000-000000000000"),
)
"""What is put into a column to see which constraint refuses it."""
_REFUSED = ("23502", "23503", "23505", "23514", "23P01", "22001")


def row_steps(connection: Connection, schema: Schema, table: Table) -> list[Step]:
    """A row that is accepted, after those it refers to, and rows that a constraint refuses."""
    with connection.transaction(force_rollback=True):
        try:
            made = Rows(connection, schema).insert(table.name.name, 1)
        except (Unsatisfiable, psycopg.Error, ConfigError):
            return []
        if not made:
            return []
        parents = _parents(connection, table, schema)
        referred = _parents(connection, table, _referred(schema, table))
        row = _stored(connection, table)
    if not row:
        return []
    if _accepted(connection, [*referred, insert(table, row[-1])]):
        parents = referred  # the others are what triggers have written
    with connection.transaction(force_rollback=True):
        try:
            for text in parents:
                connection.execute(text.encode())
        except psycopg.Error:
            return []
        refused = _refused_rows(connection, table, row[-1])
    whole = insert(table, row[-1])
    accepted = Step(f"SELECT lives_ok({_body(whole)}, {literal('a row is accepted')});")
    steps = [*(Step(f"{text};", False) for text in parents), *refused, accepted]
    steps += [_throws(whole, "23505", "the same row again is refused")] * bool(table.keys)
    with connection.transaction(force_rollback=True):
        return [*steps, *_updated(connection, table, [*parents, whole])]


def _refused_rows(
    connection: Connection, table: Table, row: Mapping[str, str | None]
) -> list[Step]:
    """The row with another value in one column: the first that each constraint refuses."""
    found: dict[str, Step] = {}
    for column in row:
        for value in (None, *_VALUES):
            text = insert(table, {**row, column: value})
            refused = _refusal(connection, text)
            if refused and refused[1] not in found:
                shown = "NULL" if value is None else literal(value[:20])
                said = f"{refused[1]} refuses {column} = {shown}"
                found[refused[1]] = _throws(text, refused[0], said)
    return list(found.values())


def _updated(connection: Connection, table: Table, before: Sequence[str]) -> list[Step]:
    """An UPDATE that changes nothing itself, and the columns that triggers change all the same."""
    key = table.primary_key
    fires = any("update" in one.events and one.fires for one in table.triggers)
    own = [c for c in table.columns if c.insertable and (key is None or c.name not in key.columns)]
    if key is None or not fires or not own:
        return []
    try:
        for text in before:
            connection.execute(text.encode())
        old = _stored(connection, table)[-1]
        same = " AND ".join(f"{quoted(c)} = {literal(old[c] or '')}" for c in key.columns)
        name = quoted(own[0].name)
        update = f"UPDATE {quoted(*table.name)} SET {name} = {name} WHERE {same}"
        connection.execute(update.encode())
        new = next(
            row for row in _stored(connection, table) if all(row[c] == old[c] for c in key.columns)
        )
    except (psycopg.Error, LookupError, StopIteration):
        return []
    changed = [column for column in old if old[column] != new[column]]
    return [Step(f"{update};", False)] * bool(changed) + [
        Step(
            f"SELECT isnt((SELECT {quoted(column)}::text FROM {quoted(*table.name)} WHERE {same}),"
            f" {literal(old[column] or '')}, {literal(f'an UPDATE sets {column}')});"
        )
        for column in changed
    ]


def _throws(text: str, state: str, said: str) -> Step:
    return Step(f"SELECT throws_ok({_body(text)}, {literal(state)}, NULL, {literal(said)});")


def _body(text: str) -> str:
    return f"$test${text}$test$"


def _refusal(connection: Connection, text: str) -> tuple[str, str] | None:
    """The SQLSTATE, and the constraint or column that refuses a statement."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(text.encode())
    except psycopg.Error as error:
        state = error.sqlstate or ""
        who = error.diag.constraint_name or error.diag.column_name
        return (state, who) if state in _REFUSED and who else None
    return None


def _referred(schema: Schema, table: Table) -> list[Table]:
    """The tables that a table refers to, directly and through others."""
    found = [table]
    for one in found:
        targets = (schema.by_name.get(key.target) for key in one.foreign_keys if key.target)
        found += [target for target in targets if target is not None and target not in found]
    return found


def _accepted(connection: Connection, statements: Iterable[str]) -> bool:
    """Whether statements run in a transaction, which is rolled back."""
    with connection.transaction(force_rollback=True):
        try:
            for text in statements:
                connection.execute(text.encode())
        except psycopg.Error:
            return False
    return True


def _parents(connection: Connection, table: Table, among: Iterable[Table]) -> list[str]:
    """The statements that insert what is in other tables now, what is referred to first."""
    left = {one.name: one for one in among if one.holds_rows and one.name != table.name}
    ordered: list[Table] = []
    while left:
        ready = [
            one
            for one in left.values()
            if not any(k.target in left and k.target != one.name for k in one.foreign_keys)
        ] or list(left.values())
        ordered += ready
        left = {name: one for name, one in left.items() if one not in ready}
    own = [insert(table, row) for row in _stored(connection, table)[:-1]]
    return [insert(one, row) for one in ordered for row in _stored(connection, one)] + own


def _stored(connection: Connection, table: Table) -> list[dict[str, str | None]]:
    """The rows of a table as text, without what is generated."""
    names = [column.name for column in table.columns if column.generated is None]
    casts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(n)) for n in names)
    query = sql.SQL("SELECT {} FROM ONLY {}").format(casts, table.identifier)
    if table.kind == "partitioned":
        query = sql.SQL("SELECT {} FROM {}").format(casts, table.identifier)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query).fetchall()]


def insert(table: Table, row: Mapping[str, str | None]) -> str:
    """An INSERT of a row, whatever its identity columns generate."""
    names = ", ".join(quoted(name) for name in row)
    values = ", ".join("NULL" if v is None else literal(v) for v in row.values())
    identity = any(column.identity for column in table.columns)
    overriding = " OVERRIDING SYSTEM VALUE" if identity else ""
    return f"INSERT INTO {quoted(*table.name)} ({names}){overriding} VALUES ({values})"
