"""Foreign tables: rows of another server, for which tables of the tried database stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from harness.access.attempts import Attempt, Attempts
from harness.access.catalog import Catalog, Relation, Role
from harness.access.classes import ALL, SHARED
from harness.access.identities import Identity
from harness.access.values import Row
from harness.access.writing import PRIVILEGE, UNDECIDED, Cell
from harness.postgres.schema_model import Name, Schema
from harness.rowgen import Rows, Unsatisfiable

SCHEMA = "harness_foreign"
"""Where the tables are that stand in for those of other servers."""
_ROWS = 3
_KEPT = ("updatable", "truncatable")


@dataclass
class ForeignTables:
    """Those that can be read, and why others cannot.

    Nothing is asked of another server: those of postgres_fdw read a table of this database, of
    which every user of the server sees all rows. Files are read, and programs are not run.
    """

    unread: dict[int, str] = field(default_factory=dict)
    """Foreign tables, and views over them, that are not to be read; and the reason."""
    rows: dict[int, Row] = field(default_factory=dict)
    """A row of those that stand in."""
    _stand_ins: dict[int, Name] = field(default_factory=dict)

    @classmethod
    def prepare(
        cls, connection: psycopg.Connection[Any], catalog: Catalog, ignore: Sequence[str]
    ) -> ForeignTables:
        """Redirect what is to be read; before anything is."""
        found = cls()
        if not any(relation.kind == "f" for relation in catalog.relations):
            return found
        query = (files("harness.access") / "sql" / "foreign.sql").read_text("utf-8")
        with psycopg.RawCursor(connection, row_factory=dict_row) as cursor:
            tables = cursor.execute(query.encode(), [list(ignore)]).fetchall()
        redirected = set[str]()
        for one in tables:
            if one["oid"] not in catalog.by_oid:
                continue
            if reason := _reason(one) or _out_of_reach(connection, one):
                found.unread[one["oid"]] = reason
            elif one["handler"] == "postgres_fdw_handler":
                found._stand_in(connection, catalog.by_oid[one["oid"]], one, redirected)
        for relation in catalog.relations:
            for below in catalog.below(relation):
                if below.oid in found.unread:
                    found.unread[relation.oid] = f"{below}: {found.unread[below.oid]}"
        return found

    def _stand_in(
        self,
        connection: psycopg.Connection[Any],
        relation: Relation,
        one: Mapping[str, Any],
        redirected: set[str],
    ) -> None:
        name = Name(SCHEMA, str(relation.oid))
        with connection.transaction():
            if not self._stand_ins:
                connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {})").format(
                    name.identifier, relation.name.identifier
                )
            )
            for statement in _redirections(connection, relation, name, one, redirected):
                connection.execute(statement)
        self._stand_ins[relation.oid] = name

    def fill(self, connection: psycopg.Connection[Any], schema: Schema) -> None:
        """Insert rows into the tables that stand in, and keep them: other sessions read them."""
        if not self._stand_ins:
            return
        with connection.transaction():
            source = Rows(connection, schema)
            for oid, name in self._stand_ins.items():
                try:
                    stored = source.insert(schema.by_name[name], _ROWS)[0].stored
                    self.rows[oid] = stored
                except Unsatisfiable as error:
                    self.unread[oid] = str(error).splitlines()[0]

    def write(
        self, attempts: Attempts, catalog: Catalog, relation: Relation, role: Role, command: str,
        identity: Identity,
    ) -> Cell:  # fmt: skip
        """What a write comes to of a foreign table, on which there are no policies."""
        columns = catalog.columns(relation, role, command)
        if columns is None:
            return Cell(PRIVILEGE)
        row = self.rows.get(relation.oid)
        if row is None:
            return Cell(UNDECIDED, self.unread.get(relation.oid, "it is not written to"))
        values = {name: row[name] for name in columns if not relation.column(name).generated}
        text = _statement(relation, command, values).as_string(None)
        answer = attempts.make([Attempt(identity.actor(role.name), text)])[0]
        if answer.state:
            return Cell(UNDECIDED, f"{answer.state}: {answer.message}", statement=text)
        return Cell(SHARED if command == "INSERT" else ALL, statement=text)


def _reason(one: Mapping[str, Any]) -> str:
    """Why a table cannot be read; empty where it can."""
    users = {mapping["user"] for mapping in one["mappings"]}
    if one["handler"] == "file_fdw_handler":
        return "its rows are what a program prints" if "program" in one["options"] else ""
    if one["handler"] != "postgres_fdw_handler":
        return f"its rows are what {one['wrapper']} gets from elsewhere"
    if len(users) > 1:
        return f"server {one['server']} knows its users apart, and may show each other rows"
    return ""


def _out_of_reach(connection: psycopg.Connection[Any], one: Mapping[str, Any]) -> str:
    """Why a server cannot read a table of its own as another server's; empty where it can.

    The address that we have may be another server's where it is: a port of a container. And a
    password would be in a statement, which servers may log.
    """
    info = connection.info
    here = info.host.startswith("/") and not info.password
    remote = one["handler"] == "postgres_fdw_handler"
    return "this server is reached over a network or with a password" if remote and not here else ""


def _redirections(
    connection: psycopg.Connection[Any],
    relation: Relation,
    name: Name,
    one: Mapping[str, Any],
    redirected: set[str],
) -> Iterator[sql.Composed]:
    """Make a foreign table one of this database, for everybody who may connect to its server."""
    info = connection.info
    table = sql.SQL("ALTER FOREIGN TABLE {} ").format(relation.name.identifier)
    gone = [option for option in one["options"] if option not in _KEPT]
    yield table + _options(gone, {"schema_name": name.schema, "table_name": name.name})
    for column in one["renamed"]:
        alter = sql.SQL("ALTER COLUMN {} ").format(sql.Identifier(column))
        yield table + alter + _options(["column_name"], {})
    if one["server"] in redirected:
        return
    redirected.add(one["server"])
    server = sql.Identifier(one["server"])
    place = {"host": info.host, "port": str(info.port), "dbname": info.dbname}
    gone = [option for option in one["server_options"] if option not in _KEPT]
    yield sql.SQL("ALTER SERVER {} ").format(server) + _options(gone, place)
    for mapping in one["mappings"]:
        role = sql.SQL("PUBLIC") if mapping["role"] == "public" else sql.Identifier(mapping["role"])
        user = {"user": info.user, "password_required": "false"}
        head = sql.SQL("ALTER USER MAPPING FOR {} SERVER {} ").format(role, server)
        yield head + _options(mapping["options"], user)


def _options(gone: Sequence[str], new: Mapping[str, str]) -> sql.Composed:
    """Options that are set, and others that are dropped."""
    changes = [
        *(sql.SQL("DROP {}").format(sql.Identifier(name)) for name in gone if name not in new),
        *(
            sql.SQL("{} {} {}").format(
                sql.SQL("SET" if name in gone else "ADD"), sql.Identifier(name), sql.Literal(text)
            )
            for name, text in new.items()
        ),
    ]
    return sql.SQL("OPTIONS ({})").format(sql.SQL(", ").join(changes))


def _statement(relation: Relation, command: str, values: Row) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    texts = sql.SQL(", ").join(map(sql.Literal, values.values()))
    table = relation.name.identifier
    if command == "INSERT":
        return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, texts)
    if command == "UPDATE":
        name = next(iter(values))
        assigned = sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(values[name]))
        return sql.SQL("UPDATE {} SET {}").format(table, assigned)
    return sql.SQL("DELETE FROM {}").format(table)
