"""A NOT NULL column never holds NULL.

A row that is valid but for NULL in the column has to be refused with SQLSTATE 23502, which
names the column. A BEFORE trigger may put a value in its place: then the row is accepted and
what is stored is looked at; one that drops the row without an error does not keep the
promise. A column of a domain that is NOT NULL refuses NULL likewise, without naming a column.
Every other column of the row is valid, so that nothing else can be what refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from harness.properties.base import Promise, Refuted
from harness.properties.bench import Bench
from harness.relations import Schema


class NotNull:
    """NULL is refused."""

    id: ClassVar[str] = "not_null"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-NOT-NULL"
    )

    def promises(self, schema: Schema) -> Iterable[Promise]:
        """One for each NOT NULL column that an INSERT may name."""
        for table in schema:
            if table.insertable and table.kind not in ("view", "foreign"):
                for column in table.columns:
                    if not column.nullable and column.insertable:
                        yield Promise(self.id, table.name, column.name)

    def check(self, promise: Promise, bench: Bench) -> str:
        """Accept a valid row, refuse the same row with NULL."""
        table = bench.schema.by_name[promise.table]
        draft = bench.valid(table)
        bench.accepts(draft, "a valid row")
        null = draft.replace(**{promise.object: None})
        answer = bench.attempt(null)
        if not answer and "partition" in answer.message:
            return "NULL fits no partition, which is seen first"
        if not answer:
            bench.expect(answer, "NULL", "23502", column=promise.object)
            return ""
        if not answer.rows:
            raise Refuted("a row with NULL is not refused: it vanishes without an error")
        if any(row.get(promise.object) is None for row in answer.rows):
            raise Refuted("NULL is accepted, and stored")
        return "NULL is accepted, and a trigger puts a value in its place"
