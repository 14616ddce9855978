"""Foreign tables: what is read of them, and that nothing is asked of another server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.access.survey import survey
from harness.core.config import Config
from harness.pgtap.library import preload
from harness.postgres.cluster import Cluster, open_cluster
from harness.postgres.database import Database
from harness.postgres.server import address
from tests.access.support import answers, made, rules, surveyed

SCHEMA = """
CREATE EXTENSION file_fdw;
CREATE EXTENSION postgres_fdw;
CREATE ROLE app;
CREATE ROLE other;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw
OPTIONS (host 'db.example.invalid', dbname 'crm', fetch_size '1000');
CREATE USER MAPPING FOR app SERVER far OPTIONS (user 'reader', password 'secret');
CREATE SERVER apart FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.example.invalid');
CREATE USER MAPPING FOR app SERVER apart OPTIONS (user 'a');
CREATE USER MAPPING FOR other SERVER apart OPTIONS (user 'b');
CREATE FOREIGN TABLE lines (line text) SERVER files OPTIONS (filename '{file}', delimiter E'\\x01');
CREATE FOREIGN TABLE missing (line text) SERVER files OPTIONS (filename '{file}.gone');
CREATE FOREIGN TABLE printed (line text) SERVER files OPTIONS (program 'touch {file}.run');
CREATE MATERIALIZED VIEW kept AS SELECT line FROM printed WITH NO DATA;
CREATE FOREIGN TABLE customers (
    id int OPTIONS (column_name 'customer_id') NOT NULL, name text NOT NULL
) SERVER far OPTIONS (schema_name 'crm', table_name 'c');
CREATE FOREIGN TABLE tickets (id int NOT NULL) SERVER apart;
GRANT SELECT ON lines, missing, printed, kept, tickets TO app;
GRANT SELECT, INSERT, UPDATE (name), DELETE ON customers TO app;
GRANT SELECT (name) ON customers TO other;
"""


def _skip_without(connection: psycopg.Connection[Any], *names: str) -> None:
    wanted = "SELECT count(*) FROM pg_available_extensions WHERE name = ANY (%s)"
    if connection.execute(wanted, [list(names)]).fetchone() != (len(names),):
        pytest.skip(f"the server has not all of {', '.join(names)}")


def test_rows_of_foreign_tables_are_read_or_undecided(cluster: Cluster):
    with cluster.connect() as connection:
        _skip_without(connection, "file_fdw", "postgres_fdw")
        (file,) = connection.execute("SHOW config_file").fetchone() or ("",)
        facts = surveyed(cluster, SCHEMA.replace("{file}", file))
        ran = connection.execute("SELECT pg_stat_file(%s, true)", [f"{file}.run"]).fetchone()
    assert ran == (None,)
    assert rules(facts) == set()
    assert answers(facts, "public.customers", "app")["anyone"] == {
        "SELECT": "all", "INSERT": "shared", "UPDATE": "all", "DELETE": "all"
    }  # fmt: skip
    selects = {
        (grid.relation.name.name, grid.role): grid.cells["anyone"]["SELECT"] for grid in facts.grids
    }
    assert selects["lines", "app"].answer == "all"
    reasons = {key: cell.reason for key, cell in selects.items() if cell.answer == "undecided"}
    assert reasons.keys() == {
        ("missing", "app"), ("printed", "app"), ("kept", "app"), ("tickets", "app"),
        ("customers", "other"),
    }  # fmt: skip
    assert "program" in reasons["printed", "app"]
    assert "program" in reasons["kept", "app"]
    assert "apart" in reasons["tickets", "app"]
    assert "mapping" in reasons["customers", "other"]


OVER_TCP = """
CREATE ROLE app;
CREATE EXTENSION postgres_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
CREATE USER MAPPING FOR app SERVER far;
CREATE FOREIGN TABLE customers (id int, name text) SERVER far;
GRANT SELECT ON customers TO app;
"""


def test_a_server_behind_an_address_is_told_neither_it_nor_the_password(tmp_path: Path):
    """Behind a container's port the address may be another server's; servers log statements."""
    with open_cluster(Config(tmp_path, command_tcp=True), preload(Config())) as cluster:
        with cluster.connect() as connection:
            _skip_without(connection, "postgres_fdw")
            secret = address.password(connection.info.host)
            assert secret is not None
            connection.execute(f"ALTER ROLE postgres PASSWORD '{secret}'".encode())
        place = {"host": address.LOOPBACK, "password": secret}
        with made(cluster, OVER_TCP) as database:
            far = replace(cluster, conninfo={**cluster.conninfo, **place}, ephemeral=False)
            (grid,) = survey(Database(far, database.name), ["tap"]).grids
            with database.connect() as connection:
                mapped = connection.execute("SELECT umoptions FROM pg_user_mappings").fetchone()
    assert mapped == (None,)
    cell = grid.cells["anyone"]["SELECT"]
    assert (cell.answer, "network" in cell.reason) == ("undecided", True)
