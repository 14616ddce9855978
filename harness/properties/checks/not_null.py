"""A NOT NULL column never holds NULL.

The harness inserts a row that is valid except for NULL in the column. The server must refuse it
with SQLSTATE 23502 and the name of the column. If a trigger or another constraint refuses the row
first, the harness removes that one inside the transaction and tries again.

A BEFORE trigger may replace NULL by a value. Then the row is accepted, and the harness looks at the
stored value. A trigger that discards the row without an error makes the property fail.

A column whose domain is NOT NULL must refuse NULL, too; that error does not name the column.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from harness.postgres.schema_model import Schema, Table
from harness.properties.base import Failed, Property
from harness.properties.check_context import CheckContext
from harness.properties.interference import Fault, refused
from harness.properties.statement_result import Answer

_PARTITIONS = ("ExecFindPartition", "ExecPartitionCheckEmitError")
"""Where the server refuses a row that no partition takes, or that this one does not."""


@dataclass(frozen=True, slots=True)
class _Null(Fault):
    """NULL in one column; a domain's refusal names none."""

    column: str = ""

    def explains(self, answer: Answer) -> bool:
        """The refusal is the column's."""
        return answer.sqlstate == self.sqlstate and answer.column in ("", self.column)


class NotNull:
    """NULL is refused."""

    id: ClassVar[str] = "not_null"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-NOT-NULL"
    )

    def properties(self, schema: Schema) -> Iterable[Property]:
        """One for each NOT NULL column that an INSERT may name."""
        for table in schema:
            if table.stores_rows:
                for column in table.columns:
                    if not column.nullable and column.insertable:
                        yield Property(self.id, table.name, column.name)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Accept a valid row, refuse the same row with NULL."""
        table = context.schema.by_name[prop.table]
        draft = context.valid(table)
        context.accepts(draft, "a valid row")
        null = draft.replace(**{prop.object: None})
        answer = context.attempt(null)
        if answer.function in _PARTITIONS and answer.table in _below(context.schema, table):
            return "NULL fits no partition, which is seen first"
        if not answer:
            return refused(context, table, null, _Null("NULL", "23502", column=prop.object))
        if not answer.rows:
            raise Failed("a row with NULL is not refused: it vanishes without an error")
        if any(row.get(prop.object) is None for row in answer.rows):
            raise Failed("NULL is accepted, and stored")
        return "NULL is accepted, and a trigger puts a value in its place"


def _below(schema: Schema, table: Table) -> set[str]:
    """The table and its partitions: what a trigger writes to besides may have partitions, too."""
    children = (schema.by_name[name] for name in table.children if name in schema.by_name)
    return {table.name.name}.union(*(_below(schema, child) for child in children))
