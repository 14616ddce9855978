"""A column grant that a table grant defeats.

A role that is granted some columns has the same privilege on the whole table, by itself, PUBLIC or
a role that it belongs to: the columns that were left out are open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class ColumnGrantDefeated:
    """A role has a column grant, and the same privilege on the table."""

    id: ClassVar[str] = "column-grant-defeated"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each table, role and privilege."""
        for row in view.rows(_GRANTS):
            relation = view.catalog.by_oid.get(row["table"])
            if relation is not None:
                yield Objection(
                    Object("grant", *relation.name, relation.name.name, row["role"]),
                    f"{relation}: {row['role']} is granted {row['privilege']} of {row['columns']}"
                    " only, and has it on the table",
                )


_GRANTS = """
    SELECT
        a.attrelid::bigint AS "table",
        r.rolname::text AS role,
        x.privilege_type AS privilege,
        string_agg(a.attname, ', ' ORDER BY a.attnum) AS columns
    FROM pg_attribute AS a
    CROSS JOIN aclexplode(a.attacl) AS x
    JOIN pg_roles AS r ON r.oid = x.grantee
    JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE
        a.attacl IS NOT NULL AND NOT a.attisdropped AND NOT r.rolsuper
        AND x.grantee <> c.relowner
        AND has_table_privilege(r.oid, c.oid, x.privilege_type)
    GROUP BY a.attrelid, r.rolname, x.privilege_type
    HAVING count(*) < (
        SELECT count(*) FROM pg_attribute AS b
        WHERE b.attrelid = a.attrelid AND b.attnum > 0 AND NOT b.attisdropped
    )
    ORDER BY 1, 2, 3
"""
