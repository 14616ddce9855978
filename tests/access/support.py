"""A schema in a database of its own, surveyed; its roles are gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from psycopg import sql

from harness.access.contradictions import contradictions
from harness.access.survey import Facts, survey
from harness.postgres.cluster import Cluster
from harness.postgres.database import Database
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE
from harness.sources.running import run

DATA = Path(__file__).parents[1] / "data" / "access"
_numbers = count(1)
_ROLES = "SELECT rolname FROM pg_roles WHERE oid > 16383"


@contextmanager
def made(cluster: Cluster, schema: str | Path, tmp: Path | None = None) -> Iterator[Database]:
    """A database with a schema, a file or its text."""
    name = f"harness_access_{next(_numbers)}"
    with cluster.connect() as maintenance:
        before = {role for (role,) in maintenance.execute(_ROLES)}
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    database = Database(cluster, name)
    try:
        with database.connect() as connection:
            if isinstance(schema, Path):
                run(connection, Script.open(schema, PG_PROVE), wrapped=False)
            else:
                connection.execute(schema.encode())
        yield database
    finally:
        database.drop()
        with cluster.connect() as maintenance:
            for (role,) in maintenance.execute(_ROLES).fetchall():
                if role not in before:
                    one = sql.Identifier(role)
                    maintenance.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(one))


def surveyed(cluster: Cluster, schema: str | Path, tenant: str = "") -> Facts:
    """The facts of a schema."""
    with made(cluster, schema) as database:
        return survey(database, ["tap"], tenant=tenant)


def rules(facts: Facts) -> set[str]:
    """What contradicts itself, by the names of its rules."""
    return {one.rule for one in contradictions(facts)}


def answers(facts: Facts, relation: str, role: str) -> dict[str, dict[str, str]]:
    """Identity -> command -> answer."""
    grid = next(g for g in facts.grids if str(g.relation) == relation and g.role == role)
    return {i: {c: cell.answer for c, cell in row.items()} for i, row in grid.cells.items()}
