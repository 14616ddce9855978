"""Foreign tables: what is read of them, and that nothing is asked of another server."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from tests.access.support import answers, rules, surveyed

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


def test_rows_of_foreign_tables_are_read_or_undecided(cluster: Cluster):
    with cluster.connect() as connection:
        wanted = "SELECT count(*) FROM pg_available_extensions WHERE name IN (%s, %s)"
        if connection.execute(wanted, ["file_fdw", "postgres_fdw"]).fetchone() != (2,):
            pytest.skip("the server has no file_fdw or no postgres_fdw")
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
