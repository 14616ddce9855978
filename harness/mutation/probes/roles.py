"""What each role may do with a table, command by command and column by column, and what it sees.

The session is a superuser's, to whom everything is allowed and whom no policy concerns. So each
command is given as every role that a grant or a policy of the schema names, as one that has what
PUBLIC has, and as the owner where that is no superuser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes._rows import pair
from harness.mutation.transcripts.recording import PUBLIC
from harness.postgres.schema_model import Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.rowgen import Draft

_ROLES = """
    SELECT DISTINCT pg_get_userbyid(found.oid)::text AS name FROM (
        SELECT a.grantee FROM pg_class AS c CROSS JOIN aclexplode(c.relacl) AS a
        WHERE c.oid >= 16384 AND a.grantee <> c.relowner
        UNION SELECT a.grantee FROM pg_attribute AS t CROSS JOIN aclexplode(t.attacl) AS a
        UNION SELECT unnest(polroles) FROM pg_policy
        UNION SELECT a.grantee FROM pg_proc AS p CROSS JOIN aclexplode(p.proacl) AS a
        WHERE p.oid >= 16384 AND a.grantee <> p.proowner
        UNION SELECT relowner FROM pg_class WHERE oid >= 16384
    ) AS found (oid)
    JOIN pg_roles AS r ON r.oid = found.oid
    WHERE NOT r.rolsuper
    ORDER BY 1
"""
_SETTINGS = """
    SELECT DISTINCT m[1] AS name FROM (
        SELECT concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
        FROM pg_policy
        UNION ALL SELECT prosrc FROM pg_proc WHERE oid >= 16384
        UNION ALL SELECT pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v' AND oid >= 16384
    ) AS found (text),
    regexp_matches(text, 'current_setting\\(\\s*''([^'']+\\.[^'']+)''', 'gi') AS m
    ORDER BY 1
"""
_COMMANDS = ("SELECT count(*) FROM {t}", "DELETE FROM {t} WHERE false", "TRUNCATE {t}")
_VALUES = 5
_NO_VALUE = "22P02"


class Roles:
    """Commands as other roles than a superuser."""

    id: ClassVar[str] = "roles"
    group: ClassVar[str] = "privileges"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-priv.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """Each table and view: what may be done with it, and with rows in it."""
        for table in schema:
            if table.kind in ("ordinary", "partitioned", "view"):
                yield Property(self.id, table.name, "commands")
                if table.holds_rows:
                    yield Property(self.id, table.name, "rows", "visible")

    def check(self, prop: Property, context: CheckContext) -> str:
        """Give the commands, as each role."""
        table = context.schema.by_name[prop.table]
        found = [str(row["name"]) for row in context.query(_ROLES, aside=True)]
        roles = [PUBLIC, *found]
        context.attempt(sql.SQL("CREATE ROLE {}").format(sql.Identifier(PUBLIC)), keep=True)
        if prop.table.schema != "public":
            # Else what may be done with the table would not be seen behind its schema.
            usage = sql.SQL("GRANT USAGE ON SCHEMA {} TO {}")
            names = map(sql.Identifier, (prop.table.schema, PUBLIC))
            context.attempt(usage.format(*names), keep=True)
        if prop.object == "commands":
            for role in roles:
                with suppress(Undecided, Failed), context.undone():
                    context.keep(_becoming(role))
                    for statement in _commands(table):
                        context.attempt(statement)
            if table.kind == "view":
                _granted(context, table)
            return ""
        with suppress(Undecided, Failed):
            _visible(context, table, roles)
        return ""


def _granted(context: CheckContext, view: Table) -> None:
    """Who may read a view, and not what is behind it: that is up to security_invoker."""
    with suppress(Undecided, Failed), context.undone():
        grant = sql.SQL("GRANT SELECT ON {} TO {}")
        context.keep(grant.format(view.identifier, sql.Identifier(PUBLIC)))
        context.keep(_becoming(PUBLIC))
        context.attempt(sql.SQL("SELECT count(*) FROM {}").format(view.identifier))


def _becoming(role: str) -> sql.Composed:
    return sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role))


def _commands(table: Table) -> Iterator[sql.Composable]:
    """Commands without rows: what may be done is asked all the same."""
    for text in _COMMANDS if table.kind != "view" else _COMMANDS[:1]:
        yield sql.SQL(text).format(t=table.identifier)
    for column in table.columns:
        c, t = column.identifier, table.identifier
        yield sql.SQL("SELECT {} FROM {} WHERE false").format(c, t)
        if column.insertable:
            yield sql.SQL("INSERT INTO {} ({}) SELECT NULL WHERE false").format(t, c)
            yield sql.SQL("UPDATE {} SET {} = DEFAULT WHERE false").format(t, c)
    yield sql.SQL("SELECT 1 FROM {} WHERE false FOR UPDATE").format(table.identifier)


def _visible(context: CheckContext, table: Table, roles: list[str]) -> None:
    """With rows in the table: which of them each role sees and writes, whoever it says it is."""
    two = pair(context, table)
    first = two[0] if two else context.stored_row(table)
    second = None
    with suppress(Undecided, Failed):
        second = context.stored(two[1]) if two else context.stored_row(table)
        if two:
            context.keep(inserting(two[1]))
    another = _another(context, table)
    settings = [str(row["name"]) for row in context.query(_SETTINGS, aside=True)]
    everything = sql.SQL("GRANT ALL ON {} TO {}").format(table.identifier, sql.Identifier(PUBLIC))
    for role, granted in [(PUBLIC, True), *((role, False) for role in roles)]:
        for introduction in _introductions(settings, role, first, second):
            with suppress(Undecided, Failed), context.undone():
                for statement in introduction:
                    context.keep(statement)
                if granted:  # so that what is left in the way are policies and schemas
                    context.keep(everything)
                context.keep(_becoming(role))
                seen = context.attempt(sql.SQL("SELECT * FROM {}").format(table.identifier))
                if seen.sqlstate == _NO_VALUE:
                    continue  # a setting of another type: all else says the same
                context.attempt(sql.SQL("DELETE FROM {}").format(table.identifier))
                for column in table.columns:
                    if column.insertable:
                        text = sql.SQL("UPDATE {t} SET {c} = {c}").format(
                            t=table.identifier, c=column.identifier
                        )
                        context.attempt(text)
                        break
                for draft in another:
                    context.attempt(inserting(draft))


def _another(context: CheckContext, table: Table) -> list[Draft]:
    """A row that may be stored, and one that refers to other rows where it can."""
    found: list[Draft] = []
    with suppress(Undecided, Failed):
        found.append(context.valid(table))
        found.append(context.varied(found[0], [column.name for column in table.columns]))
    return found


def _introductions(
    settings: list[str], role: str, row: Draft, other: Draft | None
) -> Iterator[list[sql.Composable]]:
    """Nothing said, then each of the rows' first values in every setting that policies read.

    What nobody has set is NULL in a new session, and empty in one that has set it before: so
    nothing is said in so many words.
    """
    yield [_setting(name, "") for name in settings]
    values: list[str] = []
    for one in [row, *([other] if other else [])] if settings else []:
        values += [*dict.fromkeys(value for value in one.stored.values() if value)][:_VALUES]
    for value in dict.fromkeys(values):
        yield [_setting(name, _said(name, value, role)) for name in settings]


def _setting(name: str, value: str) -> sql.Composed:
    return sql.SQL("SELECT set_config({}, {}, true)").format(sql.Literal(name), sql.Literal(value))


def _said(setting: str, value: str, role: str) -> str:
    """What a setting says; one of claims says it in JSON."""
    if re.search(r"claims$", setting):
        return json.dumps({"sub": value, "role": role})
    return value
