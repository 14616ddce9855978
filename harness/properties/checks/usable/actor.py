"""Actor: who gives a command, and what policies may want to know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from psycopg import sql

from harness.postgres.schema_model import Grant, Table
from harness.properties.base import Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.usable.introductions import Introductions
from harness.properties.checks.usable.relatives import around
from harness.properties.statement_result import Answer
from harness.rowgen import Values

NOBODY = "harness_public"
"""A role that has what PUBLIC has."""
_ANY_POLICY = """
    SELECT polcmd AS command FROM pg_policy
    WHERE polrelid = {0}::regclass AND polpermissive AND polroles = '{{0}}'
"""
_POLICY_FOR = """
    SELECT polcmd AS command FROM pg_policy
    WHERE polrelid = {0}::regclass AND polpermissive AND (
        polroles = '{{0}}'
        OR EXISTS (SELECT FROM unnest(polroles) AS r WHERE r <> 0 AND pg_has_role({1}, r, 'USAGE'))
    )
"""
_MEMBERS = """
    SELECT rolname AS name FROM pg_roles
    WHERE rolname <> {0} AND NOT rolsuper AND pg_has_role(oid, {0}, 'USAGE')
    ORDER BY rolname LIMIT 4
"""
_ANYBODY = """
    SELECT rolname AS name FROM pg_roles
    WHERE NOT rolsuper AND rolname !~ '^pg_' AND rolname <> {0} ORDER BY rolname LIMIT 4
"""
_TEXTS = ("text", "varchar", "bpchar", "name")


class Actor:
    """The owner of a table, or a role with a grant on it."""

    def __init__(self, context: CheckContext, table: Table, grant: Grant | None) -> None:
        self.context, self.table = context, table
        self.is_owner = grant is None
        role = table.owner if grant is None else grant.role
        self.role = NOBODY if role == "PUBLIC" else role
        """Empty where it is whoever is connected."""
        self._columns = grant.columns if grant else ()
        every = [g for g in table.grants if g.command == "select" and g.role in (role, "PUBLIC")]
        self._reads = [name for g in every for name in g.columns or [c.name for c in table.columns]]

    @property
    def is_anybody(self) -> bool:
        """It is PUBLIC."""
        return self.role == NOBODY

    def __str__(self) -> str:
        return "PUBLIC" if self.is_anybody else self.role or "the owner"

    def may(self, column: str) -> bool:
        """Whether the command may name a column."""
        return not self._columns or column in self._columns

    def may_read(self, *columns: str) -> bool:
        """Whether it may look at columns, to find a row by them."""
        return self.is_owner or set(columns) <= {*self._reads}

    def becoming(self, role: str = "") -> list[sql.Composable]:
        """Statements after which the session is this role, or a member of it."""
        name = role or self.role
        if not name:
            return []
        made: list[sql.Composable] = []
        if name == NOBODY:
            made.append(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
        return [*made, sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(name))]

    def lacks_settings(self, answer: Answer) -> bool:
        """Whether code behind an error may have read what only an application says of itself."""
        return self._session.asked_for(answer.context)

    @cached_property
    def _session(self) -> Introductions:
        return Introductions(self.context, self.table, self.role)

    def introductions(self, row: Values | None) -> Iterator[list[sql.Composable]]:
        """Statements that say who is there, about a row."""
        if row is not None:
            yield from self._session.of(row, self._rows_around(row))

    def _rows_around(self, row: Values) -> Iterator[Values]:
        yield row
        yield from around(self.context, self.table, row)

    def is_denied(self, command: str) -> bool:
        """Whether row level security is on, and no policy lets the role see or change any row."""
        if not (self.role and self.table.row_security):
            return False
        where, role = sql.Literal(self.table.identifier.as_string()), sql.Literal(self.role)
        query = sql.SQL(_ANY_POLICY if self.is_anybody else _POLICY_FOR).format(where, role)
        found = {str(row["command"]) for row in self.context.query(query)}
        self.context.steps.pop()
        wanted = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}[command]
        reads = command == "INSERT" or {"*", "r"} & found
        return not (reads and {"*", wanted} & found)

    def may_use_schema(self) -> bool:
        """Whether it may look for names where the table is; its owner need not, nor PUBLIC."""
        if self.is_anybody:
            return False
        role, schema = sql.Literal(self.role), sql.Literal(self.table.name.schema)
        query = sql.SQL("SELECT has_schema_privilege({}, {}, 'USAGE') AS may").format(role, schema)
        found = bool(self.context.query(query)[0]["may"] == "t")
        self.context.steps.pop()
        return found

    def members(self) -> list[str]:
        """Roles that have what it has, and more perhaps."""
        query = sql.SQL(_ANYBODY) if self.is_anybody else sql.SQL(_MEMBERS)
        found = self.context.query(query.format(sql.Literal(self.role)))
        self.context.steps.pop()
        return [str(row["name"]) for row in found]

    def wanted(self) -> Iterator[dict[str, str]]:
        """Values of a row that policies compare with the role's name."""
        if not (self.role and self.table.row_security):
            return
        text = self._session.policies
        if not re.search(r"\b(?:current_user|session_user|current_role)\b", text, re.IGNORECASE):
            return
        for column in self.table.columns:
            named = re.search(rf"(?<!\w){re.escape(column.name)}(?!\w)", text)
            if named and column.type.root.name in _TEXTS and column.insertable:
                yield {column.name: self.role}


def refused_role(text: str) -> Undecided:
    """That the session may not be somebody else."""
    return Undecided(f"this session may not act as that role: {text}")
