"""What each role may do with a table, command by command and column by column, and what it sees.

The session is a superuser's, to whom everything is allowed and whom no policy concerns. So each
command is given as every role that a grant or a policy of the schema names, as one that has what
PUBLIC has, and as the owner where that is no superuser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes._rows import pair
from harness.mutation.tokens import tokens
from harness.mutation.transcripts.recording import PUBLIC
from harness.postgres.schema_model import Column, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting
from harness.properties.row_statements import Inserting
from harness.rowgen import Draft

ROLES = """
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
"""Those that grants, policies and owners name, superusers aside."""
SETTINGS = """
    SELECT DISTINCT m[1] AS name FROM (
        SELECT concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
        FROM pg_policy
        UNION ALL SELECT prosrc FROM pg_proc WHERE oid >= 16384
        UNION ALL SELECT pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v' AND oid >= 16384
    ) AS found (text),
    regexp_matches(text, 'current_setting\\(\\s*''([^'']+\\.[^'']+)''', 'gi') AS m
    ORDER BY 1
"""
_POLICIES = """
    SELECT
        concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
            AS text,
        r.rolname::text AS role
    FROM pg_policy AS p
    LEFT JOIN pg_roles AS r ON r.oid = ANY (p.polroles)
    WHERE p.polrelid = {}::regclass
    ORDER BY p.polname, r.rolname
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
        found = [str(row["name"]) for row in context.query(ROLES, aside=True)]
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
    """With rows in the table: which of them each role sees and writes, whoever it says it is.

    A role that a policy names is tried with what it may do, and with every privilege: then what is
    left in the way are policies and schemas, as for the role that has what PUBLIC has.
    """
    two = pair(context, table)
    first = two[0] if two else context.stored_row(table)
    second = None
    with suppress(Undecided, Failed):
        second = context.stored(two[1]) if two else context.stored_row(table)
        if two:
            context.keep(inserting(two[1]))
    policies = _Policies.of(context, table)
    for name in policies.columns:
        for given in _given(table.column(name)):
            with suppress(Undecided, Failed):
                context.stored_row(table, **given)
    people = [*_introductions(policies, first, second)]
    writes = [*_writes(context, table, policies.columns, first, second)]
    tried = [
        (PUBLIC, True),
        *((role, False) for role in roles),
        *((r, True) for r in policies.roles),
    ]
    for role, granted in tried:
        for settings in people:
            with suppress(Undecided, Failed), context.undone():
                for name, value in settings.items():
                    context.keep(setting_to(name, said_by(name, value, role)))
                for grant in _everything(table, role) if granted else ():
                    context.keep(grant)
                context.keep(_becoming(role))
                seen = context.attempt(sql.SQL("SELECT * FROM {}").format(table.identifier))
                if seen.sqlstate == _NO_VALUE:
                    continue  # a setting of another type: all else says the same
                for statement in [*writes, *_own_rows(policies, writes, settings)]:
                    context.attempt(statement)


def _given(column: Column) -> list[dict[str, str | None]]:
    """Values of a column that a policy reads which few rows have by chance."""
    values: list[str | None] = [None] if column.nullable else []
    if column.type.root.name == "bool":
        values += ["true", "false"]
    values += column.type.root.labels[:_VALUES]
    return [{column.name: value} for value in values]


def _everything(table: Table, role: str) -> Iterator[sql.Composable]:
    to = sql.Identifier(role)
    yield sql.SQL("GRANT ALL ON {} TO {}").format(table.identifier, to)
    if table.name.schema != "public":
        schema = sql.Identifier(table.name.schema)
        yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, to)


def _writes(
    context: CheckContext, table: Table, columns: Sequence[str], first: Draft, second: Draft | None
) -> Iterator[sql.Composable]:
    """Commands on the rows that are there, and rows that may be stored beside them."""
    update = sql.SQL("UPDATE {t} SET {c} = {v}")
    yield sql.SQL("DELETE FROM {}").format(table.identifier)
    for column in [column for column in table.columns if column.insertable][:1]:
        c = column.identifier
        yield update.format(t=table.identifier, c=c, v=c)
    for name in columns:  # the row becomes somebody else's
        for value in dict.fromkeys(one.stored.get(name) for one in (first, second) if one):
            c = sql.Identifier(name)
            yield update.format(t=table.identifier, c=c, v=sql.Literal(value))
    for draft in _another(context, table):
        yield inserting(draft)


def _own_rows(
    policies: _Policies, writes: Sequence[sql.Composable], settings: Mapping[str, str]
) -> Iterator[Inserting]:
    """A row that may be stored, of who is introduced."""
    values = {value for value in settings.values() if value}
    drafts = [one.draft for one in writes if isinstance(one, Inserting)][:1]
    for draft in drafts if len(values) == 1 else ():
        for name in policies.columns:
            yield inserting(draft.replace(**{name: min(values)}))


def _another(context: CheckContext, table: Table) -> list[Draft]:
    """A row that may be stored, and one that refers to other rows where it can."""
    found: list[Draft] = []
    with suppress(Undecided, Failed):
        found.append(context.valid(table))
        found.append(context.varied(found[0], [column.name for column in table.columns]))
    return found


@dataclass(frozen=True, slots=True)
class _Policies:
    """What the policies of a table read, and whom they name."""

    words: tuple[str, ...]
    """Of their expressions, in order; the settings among them without quotes."""
    columns: tuple[str, ...]
    """Those of the table that they name."""
    roles: tuple[str, ...]
    settings: tuple[str, ...]
    """Those that policies, functions and views read."""

    @classmethod
    def of(cls, context: CheckContext, table: Table) -> _Policies:
        name = sql.Literal(table.identifier.as_string())
        rows = context.query(sql.SQL(_POLICIES).format(name), aside=True)
        text = " ".join(str(row["text"]) for row in rows)
        words = tuple(token.text.strip("'\"") for token in tokens(text))
        columns = tuple(c.name for c in table.columns if c.insertable and c.name in words)
        roles = dict.fromkeys(str(row["role"]) for row in rows if row["role"])
        settings = [str(row["name"]) for row in context.query(SETTINGS, aside=True)]
        return cls(words, columns, tuple(roles), tuple(settings))

    def column_of(self, setting: str) -> str:
        """The column that stands nearest to a setting; empty where there is none."""
        if setting not in self.words or not self.columns:
            return ""
        at = self.words.index(setting)
        places = (n for n, word in enumerate(self.words) if word in self.columns)
        return self.words[min(places, key=lambda place: abs(place - at))]


def _introductions(
    policies: _Policies, row: Draft, other: Draft | None
) -> Iterator[dict[str, str]]:
    """Nothing said, then values of each of the rows in every setting that policies read.

    What policies name comes first. Where there are several settings, each also gets the value of
    the column that it stands beside. What nobody has set is NULL in a new session, and empty in
    one that has set it before: so nothing is said in so many words.
    """
    settings = policies.settings
    yield dict.fromkeys(settings, "")
    values: list[str] = []
    for one in [row, *([other] if other else [])] if settings else []:
        held = {name: value for name, value in one.stored.items() if value}
        named = [held[name] for name in policies.columns if name in held]
        values += [*dict.fromkeys([*named, *held.values()])][:_VALUES]
        beside = {name: held.get(policies.column_of(name), "") for name in settings}
        if len({*beside.values()}) > 1:
            yield beside
    for value in dict.fromkeys(values):
        yield dict.fromkeys(settings, value)


def setting_to(name: str, value: str) -> sql.Composed:
    """The statement that gives a setting a value until the transaction ends."""
    return sql.SQL("SELECT set_config({}, {}, true)").format(sql.Literal(name), sql.Literal(value))


def said_by(setting: str, value: str, role: str) -> str:
    """What a setting says; one of claims says it in JSON."""
    if re.search(r"claims$", setting):
        return json.dumps({"sub": value, "role": role})
    return value
