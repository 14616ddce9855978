"""A key that runs out of numbers.

An integer primary key that a sequence feeds ends at 2,147,483,647.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class NarrowKey:
    """A primary key that a sequence feeds has fewer than 64 bits."""

    id: ClassVar[str] = "narrow-key"
    severity: ClassVar[Severity] = "advice"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such object."""
        for row in view.rows(_QUERY):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("table", *relation.name),
                    f"{relation}: its key {row['name']} is {row['type']}, and a sequence feeds it",
                )


_QUERY = """
    SELECT
        k.conrelid::bigint AS "table",
        a.attname::text AS name,
        format_type(a.atttypid, NULL) AS type
    FROM pg_constraint AS k
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
    WHERE
        k.contype = 'p' AND a.atttypid IN ('int2'::regtype, 'int4'::regtype)
        AND EXISTS (
            SELECT FROM pg_depend AS d JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
            WHERE d.refobjid = k.conrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
        )
    ORDER BY 1, 2
"""
