"""Triggers of views, partitions and foreign tables, on older servers and without rights."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.base import Decision
from harness.properties.checks.trigger import Triggers, copy_upsert_merge
from harness.properties.property_checker import PropertyChecker
from harness.properties.statement_result import send
from tests.properties.support import FAILED, PASSED, UNDECIDED, campaign, decide
from tests.properties.test_trigger_cases import EVERY, FUNCTION, START, passed, trigger


def test_a_statement_trigger_of_a_view_without_instead_of_never_fires(cluster: Cluster):
    view = START + "CREATE VIEW v AS SELECT id, a FROM t;"
    dead = trigger("x", "AFTER INSERT ON v FOR EACH STATEMENT")
    one = decide(cluster, view + dead, Triggers)["v::x::fires"]
    assert one.outcome is FAILED
    assert "without INSTEAD OF" in one.reason
    instead = trigger("y", "INSTEAD OF INSERT ON v FOR EACH ROW")
    passed(decide(cluster, view + dead + instead, Triggers))


def test_a_view_that_cannot_be_inserted_into(cluster: Cluster):
    view = "CREATE VIEW v AS SELECT a, count(*) AS n FROM t GROUP BY a;"
    instead = trigger("x", "INSTEAD OF UPDATE OR DELETE ON v FOR EACH ROW")
    passed(decide(cluster, START + view + instead, Triggers))


def test_a_foreign_table_is_undecided(cluster: Cluster):
    foreign = (
        "CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw;"
        "CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (filename '/dev/null');"
    )
    schema = foreign + FUNCTION + trigger("x", "AFTER INSERT ON t FOR EACH ROW")
    one = decide(cluster, schema, Triggers)["t::x::fires"]
    assert one.outcome is UNDECIDED
    assert "not kept in this database" in one.reason


def test_a_copy_that_is_disabled_on_one_partition(cluster: Cluster):
    schema = (
        "CREATE TABLE t (id int, a int) PARTITION BY RANGE (id);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100000);"
        "CREATE TABLE t2 PARTITION OF t DEFAULT;"
        + FUNCTION
        + trigger("x", f"AFTER {EVERY} ON t FOR EACH ROW")
        + "ALTER TABLE t1 DISABLE TRIGGER x;"
    )
    decisions = decide(cluster, schema, Triggers)
    assert FAILED not in {one.outcome for one in decisions.values()}, decisions
    assert "public.t1: INSERT: not called" in decisions["t::x::partitions"].reason


def test_a_function_in_c_is_seen_like_any_other(cluster: Cluster):
    schema = (
        "CREATE EXTENSION moddatetime; CREATE TABLE t (id int PRIMARY KEY, a int, m timestamptz);"
        "CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION moddatetime(m);"
    )
    decisions = decide(cluster, schema, Triggers)
    passed(decisions)
    assert decisions["t::x::changes"].reason == "UPDATE: sets m"


def test_a_server_without_merge(cluster: Cluster, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copy_upsert_merge, "_MERGE_FROM", 10**6)
    schema = START + trigger("x", "AFTER INSERT ON t FOR EACH ROW")
    one = decide(cluster, schema, Triggers)["t::x::merge"]
    assert one.outcome is UNDECIDED
    assert "PostgreSQL 15" in one.reason


def test_an_older_server_does_the_same(older_cluster: Cluster):
    schema = START + trigger("x", f"AFTER {EVERY} ON t FOR EACH ROW WHEN (pg_trigger_depth() = 0)")
    schema += trigger("y", f"BEFORE {EVERY} ON t FOR EACH STATEMENT")
    decisions = decide(older_cluster, schema, Triggers)
    merges = [one for name, one in decisions.items() if name.endswith("::merge")]
    assert {one.outcome for one in decisions.values() if one not in merges} == {PASSED}


def test_an_owner_without_rights_over_the_server(cluster: Cluster):
    schema = (
        START
        + trigger("x", "AFTER INSERT ON t FOR EACH ROW")
        + "ALTER TABLE t ENABLE ALWAYS TRIGGER x;"
        + trigger("z", "BEFORE UPDATE ON t FOR EACH ROW", "suppress_redundant_updates_trigger")
        + "DROP ROLE IF EXISTS harness_plain; CREATE ROLE harness_plain;"
        "ALTER TABLE t OWNER TO harness_plain; ALTER FUNCTION f() OWNER TO harness_plain;"
        "GRANT CREATE ON SCHEMA public TO harness_plain;"
    )
    decisions = as_role(cluster, schema, "harness_plain")
    assert decisions["replica"].outcome is UNDECIDED
    assert "may not be a replica's: 42501" in decisions["replica"].reason
    assert decisions["fires"].outcome is PASSED
    assert decisions["z fires"].outcome is UNDECIDED
    assert "built into the server: 42501" in decisions["z fires"].reason


def as_role(cluster: Cluster, schema: str, role: str) -> dict[str, Decision]:
    """The aspects of x and z, decided by an account that owns the table and is no superuser."""
    try:
        with (
            campaign(cluster, schema, Triggers) as made,
            made.terms.tools.clone() as database,
            database.connect() as connection,
        ):
            send(connection, f"SET SESSION AUTHORIZATION {role}")
            checker = PropertyChecker(connection, made.schema, made.terms)
            decided = [checker.decide(prop) for prop in made.properties()]
    finally:
        with cluster.connect() as connection:
            connection.execute(f"DROP ROLE IF EXISTS {role}")
    assert not [one.crash for one in decided if one.crash]
    return {f"{'z ' if one.prop.object == 'z' else ''}{one.prop.aspect}": one for one in decided}
