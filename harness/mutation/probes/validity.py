"""Whether the rows that were there first have been looked at: NOT VALID says that they were not.

New rows are held to such a constraint like to any other, so no row tells the two apart; what is
lost is the promise about all rows, and the catalog is where that is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes._rows import MANUAL
from harness.postgres.schema_model import Schema
from harness.properties.base import Property
from harness.properties.check_context import CheckContext

_QUERY = "SELECT convalidated FROM pg_constraint WHERE conrelid = {}::regclass AND conname = {}"


class Validity:
    """A constraint holds for every row, not for new ones alone."""

    id: ClassVar[str] = "validated"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = MANUAL

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each CHECK and foreign key that is valid."""
        for table in schema:
            for key in (*table.checks, *table.foreign_keys):
                if table.kind in ("ordinary", "partitioned") and key.validated:
                    yield Property(self.id, table.name, key.name, "validated")

    def check(self, prop: Property, context: CheckContext) -> str:
        """Ask the catalog."""
        table = sql.Literal(prop.table.identifier.as_string())
        context.query(sql.SQL(_QUERY).format(table, sql.Literal(prop.object)))
        return ""
