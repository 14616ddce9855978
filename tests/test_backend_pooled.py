"""The application's path through a real PgBouncer in transaction mode.

Its host is called ``todo-pooler``, as Neon's pooled endpoints are; ``hostaddr`` says where
that is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from alembic import command
from sqlalchemy import URL, Engine, func, text, true
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlmodel import select
from todo import Task, User, create_engine, endpoints, session
from todo.transaction_mode import TransactionModeError

from harness.cli.serve import url
from harness.postgres.cluster import Cluster
from harness.postgres.database import Database
from tests.backend import alembic_config, new_database
from tests.backend_pgbouncer import PGBOUNCER, SERVERS, pgbouncer, version

pytestmark = pytest.mark.skipif(
    PGBOUNCER is None, reason="no pgbouncer on this machine; Debian has it: apt install pgbouncer"
)


@pytest.fixture(scope="module")
def migrated(cluster: Cluster) -> Iterator[Database]:
    with new_database(cluster) as database:
        command.upgrade(alembic_config(database), "head")
        yield database


@pytest.fixture
def pooled_url(migrated: Database, tmp: Path) -> Iterator[URL]:
    with pgbouncer(migrated.cluster, tmp) as port:
        yield endpoints.parse(
            f"postgresql://app@todo-pooler:{port}/{migrated.name}?hostaddr=127.0.0.1"
        )


@contextmanager
def engine_of(url: URL, **options: float) -> Iterator[Engine]:
    engine = create_engine(url, **options)  # type: ignore[arg-type]
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def engine(pooled_url: URL) -> Iterator[Engine]:
    with engine_of(pooled_url) as engine:
        yield engine


@pytest.fixture
def raw(pooled_url: URL) -> Callable[..., psycopg.Connection]:
    """Connections as a program makes them that knows nothing of PgBouncer."""
    parameters = pooled_url.translate_connect_args(database="dbname", username="user")

    def connect(**more: object) -> psycopg.Connection:
        return psycopg.connect(**parameters, **pooled_url.query, **more)

    return connect


# --- what the application does --------------------------------------------------------------


def test_users_and_tasks_come_and_go(engine: Engine):
    with session(engine) as open_session:
        user = User(email="eve@example.com")
        open_session.add(user)
        open_session.flush()
        task = Task(user_id=user.id, title="Through the pooler")
        open_session.add(task)
    with session(engine) as open_session:
        found = open_session.exec(select(Task).where(Task.user_id == user.id)).one()
        found.completed = True
        open_session.flush()
        assert found.updated_at > found.created_at
    with session(engine) as open_session:
        open_session.delete(open_session.get(User, user.id))
    with session(engine) as open_session:
        assert open_session.get(Task, task.id) is None


def test_a_session_for_a_user_leaves_nothing_to_the_next_one(engine: Engine):
    with session(engine) as open_session:
        users = [User(email=f"{name}@example.org") for name in "ab"]
        open_session.add_all(users)
        open_session.flush()
        open_session.add_all(Task(user_id=user.id, title="Mine") for user in users)
    who = text("SELECT current_user, current_setting('app.user_id', true)")
    for user in [*users, *users]:
        with session(engine, user_id=user.id) as open_session:
            assert [task.user_id for task in open_session.exec(select(Task))] == [user.id]
            assert open_session.connection().execute(who).one() == ("todo_app", user.id)
        for _ in range(SERVERS):
            with session(engine) as open_session:
                role, setting = open_session.connection().execute(who).one()
                assert role != "todo_app"
                assert not setting


def test_many_threads_share_the_few_server_connections(engine: Engine, migrated: Database):
    def count(number: int) -> tuple[int, int]:
        with session(engine) as open_session:
            query = text("SELECT CAST(:n AS int), pg_backend_pid()")
            n, backend = open_session.connection().execute(query, {"n": number}).one()
            return n, backend

    with ThreadPoolExecutor(5) as pool:
        rows = list(pool.map(count, range(200)))
    assert [n for n, _ in rows] == list(range(200))
    assert len({backend for _, backend in rows}) <= SERVERS


# --- prepared statements --------------------------------------------------------------------


def test_statements_are_not_prepared_so_that_any_server_can_run_them(engine: Engine):
    with engine.connect() as one, engine.connect() as other:
        for _ in range(10):
            with one.begin(), other.begin():  # both servers are taken
                assert one.scalar(text("SELECT CAST(:n AS int)"), {"n": 1}) == 1
                assert other.scalar(text("SELECT CAST(:n AS int)"), {"n": 2}) == 2
                assert one.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
            with other.begin(), one.begin():
                assert other.scalar(text("SELECT CAST(:n AS int)"), {"n": 2}) == 2
                assert one.scalar(text("SELECT CAST(:n AS int)"), {"n": 1}) == 1


def test_prepared_statements_fail_without_that_setting(raw):
    """Why ``prepare_threshold=None``: to psycopg, what it has prepared is there."""
    if version() >= (1, 24):
        pytest.skip("this PgBouncer keeps track of prepared statements unless it is told not to")
    with raw(prepare_threshold=0) as one, raw(prepare_threshold=0) as other:
        one.execute("SELECT 1")
        one.commit()
        with pytest.raises(psycopg.errors.DuplicatePreparedStatement):
            other.execute("SELECT 2")  # on the same server connection


# --- what a session would keep --------------------------------------------------------------


def test_set_leaks_to_whoever_comes_next(raw):
    """Why SET is refused: PgBouncer lets it pass."""
    with raw(autocommit=True) as one, raw(autocommit=True) as other:
        one.execute("SET application_name = 'leaked'")
        (name,) = other.execute("SHOW application_name").fetchone()
    assert name == "leaked"


def test_set_local_holds_for_its_transaction_and_no_longer(engine: Engine):
    with engine.connect() as connection:
        before = connection.scalar(text("SHOW statement_timeout"))
        connection.rollback()
        with connection.begin():
            connection.execute(text("SET LOCAL statement_timeout = '5s'"))
            assert connection.scalar(text("SHOW statement_timeout")) == "5s"
            function = func.set_config("statement_timeout", "6s", true())
            assert connection.scalar(sqlalchemy.select(function)) == "6s"
        for _ in range(SERVERS * 2):
            with connection.begin():
                assert connection.scalar(text("SHOW statement_timeout")) == before


def test_a_lock_of_a_session_stays_with_the_server(raw):
    """Why it is refused: PgBouncer lets it pass, and whoever took it cannot give it back."""
    with raw(autocommit=True) as one:
        one.execute("SELECT pg_advisory_lock(7)")
    with raw(autocommit=True) as other:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7"
        assert other.execute(held).fetchone() == (1,)


def test_a_lock_of_a_transaction_excludes_others_until_its_end(engine: Engine):
    take = text("SELECT pg_try_advisory_xact_lock(8)")
    with engine.connect() as one, engine.connect() as other:
        with one.begin(), other.begin():
            assert one.scalar(take) is True
            assert other.scalar(take) is False
        with other.begin():
            assert other.scalar(take) is True


REFUSED = [
    ("SET statement_timeout = '5s'", "SET", "SET LOCAL"),
    ("  -- why\n/* and */ set search_path TO x", "set", "SET LOCAL"),
    ("SET  SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET", "SET LOCAL"),
    ("SET ROLE nobody", "SET", "SET LOCAL"),
    ("SELECT 1; SET x.y = 1", "SET", "SET LOCAL"),
    ("SELECT set_config('x.y', 'a', false)", "set_config", "true"),
    ("SELECT set_config('x.y', upper('a, true'), false), f(1, true)", "set_config", "true"),
    ("SELECT pg_advisory_lock(1)", "pg_advisory_lock", "pg_advisory_xact_lock"),
    ("SELECT pg_try_advisory_lock_shared(1, 2)", "pg_try_advisory_lock_shared", "xact_lock"),
    ("SELECT pg_catalog.pg_advisory_unlock_all()", "pg_advisory_unlock_all", "xact_lock"),
    ("LISTEN tasks", "LISTEN", "direct endpoint"),
    ("PREPARE p AS SELECT 1", "PREPARE", "direct endpoint"),
    ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "DECLARE c CURSOR WITH HOLD", "transaction"),
    ("CREATE TEMP TABLE t (x int)", "CREATE TEMP", "ON COMMIT DROP"),
    ("CREATE TEMPORARY TABLE t AS SELECT 1", "CREATE TEMPORARY", "ON COMMIT DROP"),
]
ACCEPTED = [
    "SET LOCAL statement_timeout = '5s'",
    "SET   LOCAL statement_timeout = '5s'",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SELECT set_config('x.y', upper('a'), TRUE)",
    "SELECT 'SET x', '; SET y = 1', 'pg_advisory_lock(' -- ; SET z = 1",
    "SELECT 'it''s; LISTEN x'",
    "UPDATE tasks SET title = title",
    "SELECT pg_advisory_xact_lock(1), pg_try_advisory_xact_lock_shared(2)",
    "DECLARE c CURSOR FOR SELECT 1",
    "CREATE TEMP TABLE t (x int) ON COMMIT DROP",
    "CREATE TABLE temp_listen (prepare int)",
    "NOTIFY tasks",
]


@pytest.mark.parametrize(("statement", "what", "remedy"), REFUSED)
def test_what_would_outlive_its_transaction_is_refused(
    engine: Engine, statement: str, what: str, remedy: str
):
    with (
        engine.begin() as connection,
        pytest.raises(TransactionModeError, match="pooled") as caught,
    ):
        connection.exec_driver_sql(statement)
    assert str(caught.value).startswith(f"{what}: ")
    assert remedy in str(caught.value)


def test_what_ends_with_its_transaction_is_accepted(engine: Engine):
    for statement in ACCEPTED:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def test_the_direct_endpoint_takes_all_of_it(migrated: Database):
    unknown = ("nobody", "f(")
    statements = [sql for sql, *_ in REFUSED if not any(name in sql for name in unknown)]
    with engine_of(endpoints.parse(url(migrated))) as engine:
        for statement in statements:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
                connection.invalidate()


# --- exhaustion -----------------------------------------------------------------------------


def test_a_pool_that_is_exhausted_says_so_in_time(pooled_url: URL):
    with engine_of(pooled_url, pool_size=1, pool_timeout=0.2) as engine, engine.connect() as one:
        started = time.monotonic()
        with pytest.raises(TimeoutError, match="QueuePool limit of size 1 overflow 0 reached"):
            engine.connect()
        assert time.monotonic() - started < 5
        assert one.scalar(text("SELECT 1")) == 1
        one.close()
        with engine.connect() as other:
            assert other.scalar(text("SELECT 1")) == 1


def test_a_pgbouncer_that_is_exhausted_says_so_in_time(engine: Engine):
    with ThreadPoolExecutor(1) as pool:
        taken = [engine.connect() for _ in range(SERVERS)]
        try:
            for connection in taken:
                connection.execute(text("SELECT 1"))  # in a transaction: the server is taken
            with pytest.raises(OperationalError, match="query_wait_timeout"):
                pool.submit(one_query, engine).result(timeout=20)
        finally:
            for connection in taken:
                connection.close()
        assert pool.submit(one_query, engine).result(timeout=20) == 1  # and recovers


def one_query(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT 1"))


@pytest.mark.parametrize("endpoint", ["pooled", "direct"])
def test_a_connection_that_the_server_closed_is_replaced(
    endpoint: str, pooled_url: URL, migrated: Database
):
    """As when Neon suspends its compute."""
    direct_url = endpoints.parse(url(migrated))
    with engine_of(pooled_url if endpoint == "pooled" else direct_url) as engine:
        assert one_query(engine) == 1
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        with migrated.cluster.connect() as connection:
            connection.execute(end, [migrated.name])
        assert one_query(engine) == 1
