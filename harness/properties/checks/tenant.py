"""One tenant neither sees nor changes another tenant's rows.

Use it if the rows of several tenants or users share a table. Name the column that says whose a row
is, such as ``tenant = "user_id"`` in ``[tool.harness.properties]``. The harness inserts rows of two
tenants into every table with this column.

- ``deletes``: deleting the rows of one tenant, and then the tenant if a foreign key refers to it,
  leaves the other tenant's rows unchanged.
- ``refers``: a row cannot refer to a row of another tenant. Otherwise it would be deleted or
  orphaned together with that row, or would keep it from being deleted. A foreign key that includes
  the tenant's column prevents this.
- ``sees``: under row level security, a role that is neither superuser nor owner sees the rows of
  its own tenant and no others. The harness tells the policies who the tenant is through the setting
  that they read with ``current_setting``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Constraint, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.properties.interference import demand_whole
from harness.properties.statement_result import Row
from harness.rowgen import Draft

ROLE = "harness_tenant"
_SETTING = re.compile(r"current_setting\('([^']+)'")
_POLICIES = """
    SELECT coalesce(pg_get_expr(p.polqual, p.polrelid), '') AS condition,
           coalesce((SELECT string_agg(quote_ident(r.rolname), ', ') FROM pg_roles AS r
                     WHERE r.oid = ANY (p.polroles)), '') AS roles,
           coalesce((SELECT string_agg(f.prosrc, ' ') FROM pg_depend AS d
                     JOIN pg_proc AS f ON f.oid = d.refobjid
                     WHERE d.objid = p.oid AND d.refclassid = 'pg_proc'::regclass), '') AS bodies
    FROM pg_policy AS p WHERE p.polrelid = {}::regclass AND p.polcmd IN ('r', '*')
"""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Rows of tenants are apart; ``column`` says whose they are, and without it nothing does."""

    column: str = ""
    id: ClassVar[str] = "tenant"
    group: ClassVar[str] = "isolation"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-rowsecurity.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each table with the tenant's column."""
        for table in schema:
            if self._has(table):
                yield Property(self.id, table.name, self.column, "deletes")
                yield from [Property(self.id, table.name, self.column, "sees")] * table.row_security
                for key in table.foreign_keys:
                    if self._leads_across(key, schema):
                        yield Property(self.id, table.name, key.name, "refers")

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect against the server."""
        table = context.schema.by_name[prop.table]
        one, other = self._tenants(table, context)
        if prop.aspect == "refers":
            key = next(k for k in table.foreign_keys if k.name == prop.object)
            return self._refers(table, key, context, one, other)
        mine, theirs = (self._row(table, context, tenant) for tenant in (one, other))
        if prop.aspect == "sees":
            return self._sees(table, context, one, other)
        return self._deletes(table, context, mine, theirs)

    def _has(self, table: Table) -> bool:
        return table.holds_rows and any(column.name == self.column for column in table.columns)

    def _leads_across(self, key: Constraint, schema: Schema) -> bool:
        """Whether a foreign key without the tenant's column leads to rows of tenants."""
        target = schema.by_name.get(key.target) if key.target else None
        return target is not None and self.column not in key.columns and self._has(target)

    def _tenants(self, table: Table, context: CheckContext) -> tuple[str, str]:
        """Two tenants, inserted where a foreign key leads to a table of them."""
        key = self._owner(table)
        if key is not None and key.target in context.schema.by_name:
            target = context.schema.by_name[key.target]
            column = key.target_columns[key.columns.index(self.column)]
            found = [context.stored_row(target).stored[column] for _ in "12"]
        else:
            found = [*context.rows.plan(table).pool(self.column).accepted[:2]]
        tenants = [text for text in found if text is not None]
        if len(set(tenants)) < 2:
            raise Undecided(f"there are no two values of {self.column}")
        return tenants[0], tenants[1]

    def _owner(self, table: Table) -> Constraint | None:
        """The foreign key that leads to the tenants; the one of the column alone, if it can be."""
        keys = [key for key in table.foreign_keys if self.column in key.columns]
        return min(keys, key=lambda key: len(key.columns), default=None)

    def _row(self, table: Table, context: CheckContext, tenant: str) -> Row:
        stored = context.stored_row(table, **{self.column: tenant}).stored
        if stored[self.column] != tenant:
            raise Undecided(f"a trigger changes {self.column}")
        return dict(stored)

    def _deletes(self, table: Table, context: CheckContext, mine: Row, theirs: Row) -> str:
        """One tenant's rows go, then the tenant: the other's rows stay as they are."""
        before = self._rows(table, context, theirs[self.column])
        rows = self._statement("DELETE FROM {} WHERE {} = {}", table, mine[self.column])
        answer = context.attempt(rows, keep=True)
        demand_whole(context, answer, "deleting a tenant's rows")
        remark = "" if answer else f"its rows cannot be deleted: {answer}"
        key = self._owner(table)
        if key is not None and key.target in context.schema.by_name and len(key.columns) == 1:
            target = context.schema.by_name[key.target]
            owner = sql.SQL("DELETE FROM {} WHERE {} = {}").format(
                target.identifier,
                sql.Identifier(key.target_columns[0]),
                sql.Literal(mine[self.column]),
            )
            answer = context.attempt(owner, keep=True)
            demand_whole(context, answer, "deleting a tenant")
        if self._rows(table, context, theirs[self.column]) != before:
            raise Failed("rows of another tenant are not what they were")
        return remark

    def _refers(
        self, table: Table, key: Constraint, context: CheckContext, one: str, other: str
    ) -> str:
        """A row of one tenant cannot refer to a row of the other."""
        assert key.target is not None
        target = context.schema.by_name[key.target]
        theirs = context.stored_row(target, **{self.column: other}).stored
        mine = context.valid(table, **{self.column: one})
        across: Draft = mine.replace(
            **{c: theirs[t] for c, t in zip(key.columns, key.target_columns, strict=True)}
        )
        answer = context.attempt(inserting(across))
        demand_whole(context, answer, "a row that refers to another tenant's")
        if answer and answer.rows:
            raise Failed(f"a row of one tenant can refer to another's row of {target}")
        return f"refused: {answer}"

    def _sees(self, table: Table, context: CheckContext, one: str, other: str) -> str:
        """Under the policies a tenant sees its own rows, and no other's."""
        policies = context.query(
            sql.SQL(_POLICIES).format(sql.Literal(table.identifier.as_string()))
        )
        settings = {
            s for p in policies for s in _SETTING.findall(f"{p['condition']} {p['bodies']}")
        }
        if not settings:
            raise Undecided("no policy reads a setting that says who the tenant is")
        self._become(table, context, settings, one, [str(p["roles"]) for p in policies])
        seen = {tenant: self._rows(table, context, tenant) for tenant in (one, other)}
        if seen[other]:
            raise Failed(f"a tenant sees another's row: {seen[other][0]}")
        if not seen[one]:
            raise Undecided("the tenant does not see its own row: who it is is told otherwise")
        return ""

    def _become(
        self, table: Table, context: CheckContext, settings: set[str], tenant: str, roles: list[str]
    ) -> None:
        """A role of the policies, which are not for superusers, that says who it is."""
        schema = sql.Identifier(table.name.schema)
        role = sql.Identifier(ROLE)
        context.keep(sql.SQL("CREATE ROLE {}").format(role))
        context.keep(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
        context.keep(sql.SQL("GRANT SELECT ON {} TO {}").format(table.identifier, role))
        for granted in {name for names in roles for name in names.split(", ") if name}:
            context.keep(f"GRANT {granted} TO {ROLE}")
        for setting in sorted(settings):
            value = json.dumps({"sub": tenant}) if setting.endswith("claims") else tenant
            context.keep(
                sql.SQL("SELECT set_config({}, {}, true)").format(
                    sql.Literal(setting), sql.Literal(value)
                )
            )
        context.keep(sql.SQL("SET LOCAL ROLE {}").format(role))

    def _rows(self, table: Table, context: CheckContext, tenant: str | None) -> tuple[Row, ...]:
        return context.query(self._statement("SELECT * FROM {} WHERE {} = {}", table, tenant))

    def _statement(self, template: str, table: Table, tenant: str | None) -> sql.Composed:
        column, literal = sql.Identifier(self.column), sql.Literal(tenant)
        return sql.SQL(template).format(table.identifier, column, literal)
