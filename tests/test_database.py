from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from psycopg import errors

from harness.core.errors import ServerError
from harness.postgres.cluster import Cluster
from harness.postgres.database import Baseline, Database, PutBack, build_template
from harness.postgres.database.restore import (
    committed_here,
    flush_counters,
    next_transaction_id,
    reset_counters,
)


def databases(cluster: Cluster) -> set[str]:
    with cluster.connect() as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


@pytest.mark.parametrize("name", ["postgres", "template1", "production"])
def test_a_database_that_is_not_ours_is_never_dropped(cluster: Cluster, name: str):
    with pytest.raises(ServerError, match="refusing"):
        Database(cluster, name).drop()


def test_clones_are_the_template_and_do_not_see_each_other(cluster: Cluster):
    template = build_template(cluster, lambda c: c.execute("CREATE TABLE a AS SELECT 1 AS i"))
    with template.cloned() as one, template.cloned() as other:
        with one.connect() as connection:
            connection.execute("INSERT INTO a VALUES (2)")
        with other.connect() as connection:
            assert connection.execute("SELECT i FROM a").fetchall() == [(1,)]
    template.close()
    template.drop()


def test_nothing_is_left_of_a_template_that_fails(cluster: Cluster):
    before = databases(cluster)

    def build(connection):
        connection.execute("CREATE TABLE a ()")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        build_template(cluster, build)
    assert databases(cluster) == before


def test_dropping_a_template_drops_its_clones(cluster: Cluster):
    before = databases(cluster)
    template = build_template(cluster, lambda _: None)
    template.clone()
    assert len(databases(cluster)) == len(before) + 2
    template.close()
    template.drop()
    assert databases(cluster) == before


def test_what_a_thread_uses_nobody_else_closes(cluster: Cluster):
    template = build_template(cluster, lambda _: None)
    began, ended = Event(), Event()

    def use() -> tuple[int | None, bool]:
        with template.maintenance() as connection:
            with template.maintenance() as inner:
                began.set()
                assert ended.wait(10)
            row = connection.execute("SELECT 1").fetchone()
        return row[0] if inner is connection and row else None, connection.closed

    with ThreadPoolExecutor(1) as pool:
        used = pool.submit(use)
        assert began.wait(10)
        template.close()
        ended.set()
        assert used.result() == (1, True)
    template.drop()


def test_a_connection_is_closed_when_nothing_keeps_the_server_from_dropping(cluster: Cluster):
    template = build_template(cluster, lambda c: None)
    database = template.clone()
    there = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    with cluster.connect() as maintenance:
        for _ in range(20):
            database.connect().close()
            assert maintenance.execute(there, [database.name]).fetchone() == (0,)
        ended = database.connect()
        pid = ended.info.backend_pid
        maintenance.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        ended.close()
        ended.close()
    template.close()
    template.drop()


def test_settings_of_the_database_reach_its_clones(cluster: Cluster):
    def build(connection):
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET app.tenant = 'it''s'")
        connection.execute(f'ALTER DATABASE {name} SET search_path = "Odd one", public')
        connection.execute(f"ALTER ROLE postgres IN DATABASE {name} SET work_mem = '7MB'")

    template = build_template(cluster, build)
    with template.cloned() as database, database.connect() as connection:
        assert connection.execute("SHOW app.tenant").fetchone() == ("it's",)
        assert connection.execute("SHOW search_path").fetchone() == ('"Odd one", public',)
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)
    template.close()
    template.drop()


LEFTOVERS = {
    "a moved sequence": "SELECT nextval('s')",
    "a sequence set back": "SELECT setval('s', 1, true)",
    "rows in an empty table": "INSERT INTO empty SELECT generate_series(1, 1000)",
    "rows in a table that another refers to": "INSERT INTO parent VALUES (1)",
    "an index that grew": "INSERT INTO parent SELECT generate_series(1, 20000)",
    "rows by dynamic SQL": "DO $$ BEGIN EXECUTE 'INSERT INTO ' || 'parent VALUES (1)'; END $$",
    "statistics of an index": "INSERT INTO parent VALUES (1); ANALYZE parent",
}
REPLACED = {
    "rows in a table with rows": "INSERT INTO filled SELECT generate_series(1, 1000)",
    "statistics": "ANALYZE filled",
}


@pytest.fixture
def clone(cluster: Cluster):
    template = build_template(
        cluster,
        lambda c: c.execute(
            "CREATE SEQUENCE s START 5; CREATE TABLE empty (i int);"
            "CREATE TABLE parent (i int PRIMARY KEY); CREATE TABLE child (i int REFERENCES parent);"
            "CREATE TABLE filled AS SELECT generate_series(1, 300) AS i"
        ),
    )
    with template.cloned() as database:
        yield database
    template.close()
    template.drop()


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("statement", LEFTOVERS.values(), ids=LEFTOVERS)
def test_what_a_rollback_leaves_is_put_back(clone: Database, statement: str, counted: bool):
    with clone.connect() as connection:
        baseline = Baseline.of(connection)
        reset_counters(connection)
        connection.execute(f"BEGIN; {statement}; ROLLBACK")
        flush_counters(connection)
        assert Baseline.of(connection) != baseline
        assert baseline.restore(connection, counted) is PutBack.REPAIRED
        assert Baseline.of(connection) == baseline
        connection.execute("DELETE FROM parent")  # the key is looked at again
        with pytest.raises(errors.ForeignKeyViolation):
            connection.execute("INSERT INTO child VALUES (1)")


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("statement", REPLACED.values(), ids=REPLACED)
def test_what_cannot_be_put_back_is_said(clone: Database, statement: str, counted: bool):
    with clone.connect() as connection:
        baseline = Baseline.of(connection)
        reset_counters(connection)
        connection.execute(f"BEGIN; {statement}; ROLLBACK")
        flush_counters(connection)
        assert not baseline.restore(connection, counted)


def test_a_commit_in_this_database_is_counted_and_one_in_another_is_not(clone: Database):
    with clone.connect() as connection, clone.connect() as other:
        reset_counters(connection)
        since = next_transaction_id(connection)
        with clone.cluster.connect() as elsewhere:
            elsewhere.execute("CREATE TABLE passing (); DROP TABLE passing")
        connection.execute("BEGIN; INSERT INTO filled VALUES (0); ROLLBACK")
        flush_counters(connection)
        assert not committed_here(connection, since, 0)
        for statement in ("UPDATE filled SET i = 0 WHERE i = 1", "DROP TABLE empty", "ANALYZE"):
            reset_counters(connection)
            other.execute(statement)
            flush_counters(other)
            assert committed_here(connection, since, 0), statement
        reset_counters(connection)
        other.execute(f"ALTER DATABASE {clone.name} SET work_mem = '9MB'")
        assert committed_here(connection, since, 0)


def test_triggers_of_the_schema_do_not_see_the_repair(clone: Database):
    with clone.connect() as connection:
        connection.execute(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'no'; END $$;"
            "CREATE TRIGGER no BEFORE TRUNCATE ON empty EXECUTE FUNCTION no()"
        )
        baseline = Baseline.of(connection)
        connection.execute("BEGIN; INSERT INTO empty VALUES (1); ROLLBACK")
        assert baseline.restore(connection)
