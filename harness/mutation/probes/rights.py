"""Which privileges each role has that no command on a table shows, as the server says it.

A function is not called for this: nobody knows what it does. Sequences and schemas go with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from psycopg import sql

from harness.mutation.probes.roles import ROLES
from harness.mutation.transcripts.recording import PUBLIC
from harness.postgres.schema_model import Name, Schema
from harness.properties.base import Property
from harness.properties.check_context import CheckContext

_OBJECTS = """
    WITH schemas AS (
        SELECT oid, nspname FROM pg_namespace AS n
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT EXISTS (
            SELECT FROM pg_proc WHERE pronamespace = n.oid AND proname = 'throws_ok'
        )
    )
    SELECT found.kind, found.name, p.privilege FROM (
        SELECT 'schema' AS kind, quote_ident(nspname) AS name, oid FROM schemas
        UNION ALL
        SELECT 'function', f.oid::regprocedure::text, f.oid
        FROM pg_proc AS f JOIN schemas AS s ON s.oid = f.pronamespace
        WHERE f.prokind IN ('f', 'p') AND f.prorettype <> 'trigger'::regtype
        UNION ALL
        SELECT 'sequence', c.oid::regclass::text, c.oid
        FROM pg_class AS c JOIN schemas AS s ON s.oid = c.relnamespace
        WHERE c.relkind = 'S' AND c.relacl IS NOT NULL
    ) AS found
    JOIN (
        VALUES ('schema', 'USAGE'), ('schema', 'CREATE'), ('function', 'EXECUTE'),
            ('sequence', 'USAGE'), ('sequence', 'SELECT'), ('sequence', 'UPDATE')
    ) AS p (kind, privilege) ON p.kind = found.kind
    WHERE NOT EXISTS (SELECT FROM pg_depend WHERE objid = found.oid AND deptype = 'e')
    ORDER BY 1, 2, 3
"""
_OF_TABLES = ("REFERENCES", "TRIGGER")
_ASKED = "SELECT has_{kind}_privilege({role}, {name}, {privilege}) AS held"


class Rights:
    """What roles may do with schemas, functions and sequences; REFERENCES and its like."""

    id: ClassVar[str] = "rights"
    group: ClassVar[str] = "privileges"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-priv.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each table, and one for all else, which is no table's."""
        for table in schema:
            if table.kind in ("ordinary", "partitioned"):
                yield Property(self.id, table.name, "rows", "rights")
        yield Property(self.id, Name("public", "schema"), "schema", "rights")

    def check(self, prop: Property, context: CheckContext) -> str:
        """Ask the server, for each role."""
        found = [str(row["name"]) for row in context.query(ROLES, aside=True)]
        context.attempt(sql.SQL("CREATE ROLE {}").format(sql.Identifier(PUBLIC)), keep=True)
        if prop.object == "schema":
            rows = context.query(_OBJECTS, aside=True)
            objects = [(str(r["kind"]), str(r["name"]), str(r["privilege"])) for r in rows]
        else:
            own = prop.table.identifier.as_string()
            objects = [("table", own, privilege) for privilege in _OF_TABLES]
            if context.connection.info.server_version >= 170000:
                objects.append(("table", own, "MAINTAIN"))
        for kind, name, privilege in objects:
            for role in (PUBLIC, *found):
                asked = sql.SQL(_ASKED).format(
                    kind=sql.SQL(kind),
                    role=sql.Literal(role),
                    name=sql.Literal(name),
                    privilege=sql.Literal(privilege),
                )
                held = context.query(asked)[0]["held"] == "t"
                if held and role == PUBLIC:
                    break  # everybody else has it as well, whatever they were granted
        return ""
