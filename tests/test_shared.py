"""State that a server's databases share, changed in every way and put back."""

from __future__ import annotations

import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from harness.core.config import Config
from harness.core.errors import ServerError
from harness.postgres.cluster import Cluster, open_cluster
from harness.postgres.database.drop import PREFIX, drop_database
from harness.postgres.database.shared import (
    Restored,
    SharedState,
    created_names,
    restore_server,
    server_lock,
    touches_server,
)
from tests.support.versions import EVERY, bindir

Connection = psycopg.Connection[Any]

SETTINGS = {"max_prepared_transactions": "5", "wal_level": "logical", "max_wal_senders": "4"}
ODD = 'An "odd" näme; with\' all'
QUOTED = '"An ""odd"" näme; with\' all"'

SETUP = f"""
    SET allow_in_place_tablespaces = on
    SET password_encryption = 'scram-sha-256'
    CREATE ROLE app_user LOGIN PASSWORD 'secret' VALID UNTIL '2040-02-03 04:05:06+02'
    CREATE ROLE staff
    CREATE ROLE bob LOGIN VALID UNTIL 'infinity'
    CREATE ROLE {QUOTED}
    CREATE ROLE spare
    GRANT staff TO bob WITH ADMIN OPTION
    GRANT staff TO {QUOTED} GRANTED BY bob
    GRANT {QUOTED} TO app_user
    GRANT pg_read_all_data TO bob
    ALTER ROLE app_user SET work_mem = '7MB'
    ALTER ROLE app_user SET search_path = "Odd one", public
    ALTER ROLE app_user IN DATABASE postgres SET work_mem = '8MB'
    ALTER ROLE ALL SET app.tenant = 'it''s'
    COMMENT ON ROLE bob IS 'of the "old" staff'
    GRANT SET ON PARAMETER log_statement TO bob
    CREATE DATABASE kept OWNER bob
    GRANT CONNECT ON DATABASE kept TO app_user WITH GRANT OPTION
    CREATE TABLESPACE disk OWNER bob LOCATION ''
    GRANT CREATE ON TABLESPACE disk TO {QUOTED}
"""

CATALOGS = (
    "pg_authid",
    "pg_auth_members",
    "pg_db_role_setting",
    "pg_parameter_acl",
    "pg_tablespace",
    "pg_shdescription",
    "pg_shseclabel",
    "pg_shdepend",
    "pg_replication_origin",
)


def run(connection: Connection, statements: str) -> None:
    for line in filter(None, map(str.strip, statements.splitlines())):
        connection.execute(line.encode())


def everything(connection: Connection) -> dict[str, list[str]]:
    """The shared catalogs as they are, read in another way than the code under test does."""
    connection.execute("SET timezone = 'UTC'")
    found = {name: f"SELECT t::text FROM {name} AS t ORDER BY 1" for name in CATALOGS}
    found["pg_database"] = (
        "SELECT (oid, datname, datdba, datistemplate, datallowconn, datconnlimit, datacl)::text"
        " FROM pg_database ORDER BY 1"
    )
    found["auto.conf"] = "SELECT pg_read_file('postgresql.auto.conf')"
    return {name: [row for (row,) in connection.execute(q.encode())] for name, q in found.items()}


@pytest.fixture(scope="module", params=EVERY[1:])
def server(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A server of each version that has privileges on parameters."""
    with open_cluster(Config(settings=SETTINGS, bindir=bindir(request.param))) as cluster:
        with cluster.connect() as connection:
            run(connection, SETUP)
        yield cluster


@pytest.fixture
def maintenance(server: Cluster) -> Iterator[Connection]:
    """A connection to a server that the test has to leave as it was."""
    with server.connect() as connection:
        before = everything(connection)
        yield connection
        assert everything(connection) == before


@pytest.fixture
def file(server: Cluster) -> Iterator[Connection]:
    """A connection that does what a test file does."""
    with server.connect() as connection:
        yield connection


def restored(server: Cluster, state: SharedState, connection: Connection) -> Restored:
    """Put an owned server back, and see that nothing is left to do."""
    done = restore_server(state, connection, server.connect, owned=True)
    assert done.complete, done.notes
    assert SharedState.of(connection) == state
    return done


CREATED = {
    "role": ("CREATE ROLE alice", "removed role alice"),
    "user with a password": ("CREATE USER alice PASSWORD 'x'", "removed role alice"),
    "odd name": ('CREATE ROLE "1; DROP ""x"""', 'removed role 1; DROP "x"'),
    "database": ("CREATE DATABASE scratch", "removed database scratch"),
    "template": ("CREATE DATABASE scratch IS_TEMPLATE true", "removed database scratch"),
    "closed database": (
        "CREATE DATABASE scratch ALLOW_CONNECTIONS false",
        "removed database scratch",
    ),
    "tablespace": (
        "SET allow_in_place_tablespaces = on\nCREATE TABLESPACE fast LOCATION ''",
        "removed tablespace fast",
    ),
    "slot": (
        "SELECT pg_create_physical_replication_slot('s', true)",
        "removed replication slot s",
    ),
    "origin": ("SELECT pg_replication_origin_create('o')", "removed replication origin o"),
    "prepared transaction": (
        "BEGIN\nCREATE TABLE p ()\nPREPARE TRANSACTION 'it''s'",
        "removed prepared transaction it's",
    ),
}
CHANGED = {
    "attributes": (
        "ALTER ROLE app_user SUPERUSER NOLOGIN CONNECTION LIMIT 3",
        "restored role app_user",
    ),
    "password": ("ALTER ROLE app_user PASSWORD 'other'", "restored role app_user"),
    "no password": ("ALTER ROLE app_user PASSWORD NULL", "restored role app_user"),
    "valid until": ("ALTER ROLE app_user VALID UNTIL '2001-01-01'", "restored role app_user"),
    "valid for ever": ("ALTER ROLE bob VALID UNTIL '2001-01-01'", "restored role bob"),
    "dropped": ("DROP ROLE spare", "restored role spare"),
    "recreated": ("DROP ROLE spare\nCREATE ROLE spare LOGIN", "restored role spare"),
    "member added": ("GRANT staff TO spare", "restored the members of role staff"),
    "member removed": (
        "REVOKE pg_read_all_data FROM bob",
        "restored the members of role pg_read_all_data",
    ),
    "members removed": ("REVOKE staff FROM bob CASCADE", "restored the members of role staff"),
    "admin option removed": (
        "REVOKE ADMIN OPTION FOR staff FROM bob CASCADE",
        "restored the members of role staff",
    ),
    "setting": (
        "ALTER ROLE app_user SET work_mem = '1MB'",
        "restored the settings of role app_user",
    ),
    "settings reset": ("ALTER ROLE app_user RESET ALL", "restored the settings of role app_user"),
    "setting in a database": (
        "ALTER ROLE app_user IN DATABASE postgres RESET work_mem",
        "restored the settings of role app_user in database postgres",
    ),
    "setting of a database": (
        "ALTER DATABASE postgres SET work_mem = '1MB'",
        "restored the settings of database postgres",
    ),
    "setting of all": ("ALTER ROLE ALL SET work_mem = '1MB'", "restored the settings of all roles"),
    "parameter granted": (
        "GRANT ALTER SYSTEM ON PARAMETER work_mem TO spare",
        "restored the privileges on parameter work_mem",
    ),
    "parameter revoked": (
        "REVOKE SET ON PARAMETER log_statement FROM bob",
        "restored the privileges on parameter log_statement",
    ),
    "comment": ("COMMENT ON ROLE bob IS 'x'", "restored the comment on role bob"),
    "comment removed": ("COMMENT ON ROLE bob IS NULL", "restored the comment on role bob"),
    "comment added": (
        "COMMENT ON TABLESPACE disk IS 'x'",
        "restored the comment on tablespace disk",
    ),
    "database's privileges": (
        "REVOKE CONNECT ON DATABASE kept FROM app_user",
        "restored database kept",
    ),
    "database's owner": ("ALTER DATABASE kept OWNER TO app_user", "restored database kept"),
    "database's limits": (
        "ALTER DATABASE kept CONNECTION LIMIT 3 ALLOW_CONNECTIONS false IS_TEMPLATE true",
        "restored database kept",
    ),
    "database's name": ("ALTER DATABASE kept RENAME TO other", "restored database kept"),
    "tablespace's owner": ("ALTER TABLESPACE disk OWNER TO app_user", "restored tablespace disk"),
    "tablespace's options": (
        "ALTER TABLESPACE disk SET (random_page_cost = 1.5)",
        "restored tablespace disk",
    ),
    "tablespace's name": ("ALTER TABLESPACE disk RENAME TO fast", "restored tablespace disk"),
    "tablespace's privileges": (
        "GRANT CREATE ON TABLESPACE disk TO PUBLIC",
        "restored tablespace disk",
    ),
    "server's setting": (
        "ALTER SYSTEM SET work_mem = '9MB'",
        "restored the server's setting work_mem",
    ),
}


@pytest.mark.parametrize(("change", "note"), CREATED.values(), ids=CREATED)
def test_what_was_created_is_removed(
    server: Cluster, maintenance: Connection, file: Connection, change: str, note: str
):
    state = SharedState.of(maintenance)
    run(file, change)
    assert SharedState.of(maintenance) != state
    assert restored(server, state, maintenance).notes == (note,)


@pytest.mark.parametrize(("change", "note"), CHANGED.values(), ids=CHANGED)
def test_what_was_changed_is_written_back(
    server: Cluster, maintenance: Connection, file: Connection, change: str, note: str
):
    state = SharedState.of(maintenance)
    run(file, change)
    assert SharedState.of(maintenance) != state
    assert restored(server, state, maintenance).notes == (note,)


def test_nothing_to_do(server: Cluster, maintenance: Connection):
    state = SharedState.of(maintenance)
    assert restored(server, state, maintenance) == Restored((), True)


def test_databases_of_the_harness_are_no_part_of_the_state(
    server: Cluster, maintenance: Connection
):
    state = SharedState.of(maintenance)
    name = f"{PREFIX}x"
    run(
        maintenance, f"CREATE DATABASE {name} OWNER bob\nALTER DATABASE {name} SET work_mem = '1MB'"
    )
    run(maintenance, f"GRANT CONNECT ON DATABASE {name} TO app_user\nCREATE DATABASE tests")
    with server.connect(name) as inside:
        run(inside, "BEGIN\nCREATE TABLE t ()\nPREPARE TRANSACTION 'x'")
    assert SharedState.of(maintenance) == state
    drop_database(maintenance, name, server.connect)
    run(maintenance, "DROP DATABASE tests")


def test_the_session_that_reads_does_not_matter(server: Cluster, maintenance: Connection):
    state = SharedState.of(maintenance)
    with server.connect(options="-c timezone=Asia/Tokyo -c datestyle=German") as other:
        assert SharedState.of(other) == state


def test_passwords_are_not_printed(maintenance: Connection):
    state = SharedState.of(maintenance)
    assert any("SCRAM" in row.content for row in state.rows.values())
    assert repr(state) == "SharedState()"
    assert "SCRAM" not in repr(list(state.rows.values()))


def test_a_role_that_owns_and_may_all_sorts_of_things(
    server: Cluster, maintenance: Connection, file: Connection
):
    state = SharedState.of(maintenance)
    run(
        file,
        """
        SET allow_in_place_tablespaces = on
        CREATE ROLE alice CREATEROLE LOGIN
        CREATE ROLE "Al ice"
        GRANT alice TO "Al ice" WITH ADMIN OPTION
        GRANT alice TO bob GRANTED BY "Al ice"
        GRANT staff TO alice WITH ADMIN OPTION
        GRANT staff TO spare GRANTED BY alice
        CREATE TABLESPACE fast OWNER alice LOCATION ''
        CREATE DATABASE scratch OWNER alice TABLESPACE fast
        GRANT CONNECT ON DATABASE postgres TO alice WITH GRANT OPTION
        GRANT CREATE ON TABLESPACE disk TO "Al ice"
        GRANT SET ON PARAMETER work_mem TO alice
        ALTER DATABASE kept OWNER TO alice
        ALTER TABLESPACE disk OWNER TO "Al ice"
        ALTER ROLE alice SET work_mem = '1MB'
        ALTER ROLE alice IN DATABASE postgres SET work_mem = '1MB'
        COMMENT ON ROLE alice IS 'x'
        CREATE SCHEMA of_alice AUTHORIZATION alice
        CREATE TABLE of_alice.t ()
        ALTER TABLE of_alice.t OWNER TO "Al ice"
        CREATE VIEW v AS SELECT FROM of_alice.t
        ALTER DEFAULT PRIVILEGES FOR ROLE alice GRANT SELECT ON TABLES TO "Al ice"
        """,
    )
    with server.connect("kept") as inside:
        run(inside, "CREATE TABLE mine ()\nALTER TABLE mine OWNER TO alice")
    notes = restored(server, state, maintenance).notes
    assert notes == (
        "removed database scratch",
        "removed role Al ice",
        "removed role alice",
        "removed tablespace fast",
        "restored database kept",
        "restored database postgres",
        "restored tablespace disk",
        "restored the members of role staff",
        "restored the privileges on parameter work_mem",
        "restored the settings of role alice in database postgres",
    )
    with server.connect("kept") as inside:
        assert inside.execute("SELECT to_regclass('mine')").fetchone() == (None,)


def test_dropped_roles_come_back_with_all_that_hung_on_them(
    server: Cluster, maintenance: Connection, file: Connection
):
    state = SharedState.of(maintenance)
    run(
        file,
        """
        ALTER DATABASE kept OWNER TO postgres
        ALTER TABLESPACE disk OWNER TO postgres
        DROP OWNED BY bob
        DROP ROLE bob
        CREATE ROLE bob SUPERUSER
        GRANT pg_read_all_data TO bob
        ALTER DATABASE kept OWNER TO bob
        """,
    )
    notes = restored(server, state, maintenance).notes
    assert {
        "restored role bob",
        "restored the members of role staff",
        "restored the comment on role bob",
        "restored the privileges on parameter log_statement",
        "restored tablespace disk",
    } <= {*notes}
    assert "removed role bob" not in notes


def test_exchanged_names_come_back(server: Cluster, maintenance: Connection, file: Connection):
    state = SharedState.of(maintenance)
    run(
        file,
        """
        ALTER ROLE staff RENAME TO x
        ALTER ROLE spare RENAME TO staff
        ALTER ROLE x RENAME TO spare
        ALTER ROLE bob RENAME TO robert
        CREATE ROLE bob
        """,
    )
    notes = restored(server, state, maintenance).notes
    assert {"restored role staff", "restored role spare", "restored role bob"} <= {*notes}


def test_inherit_and_set_options_come_back(
    server: Cluster, maintenance: Connection, file: Connection
):
    if server.version < 160000:
        pytest.skip("grants have these options from PostgreSQL 16")
    run(maintenance, "GRANT staff TO spare WITH INHERIT FALSE, SET TRUE, ADMIN TRUE")
    state, before = SharedState.of(maintenance), everything(maintenance)
    run(
        file,
        """
        GRANT staff TO spare WITH INHERIT TRUE, SET FALSE
        GRANT staff TO app_user GRANTED BY spare
        """,
    )
    assert restored(server, state, maintenance).notes == ("restored the members of role staff",)
    assert everything(maintenance) == before
    run(maintenance, "REVOKE staff FROM spare")


def test_sessions_see_what_was_put_back(server: Cluster, maintenance: Connection, file: Connection):
    look = """
        SELECT
            pg_has_role('spare', 'staff', 'MEMBER'),
            has_database_privilege('spare', 'kept', 'CREATE'),
            (SELECT rolsuper FROM pg_roles WHERE rolname = 'spare'),
            has_tablespace_privilege('spare', 'disk', 'CREATE'),
            has_parameter_privilege('spare', 'log_statement', 'SET')
    """
    state = SharedState.of(maintenance)
    with server.connect() as one, server.connect(user="bob") as other:
        assert one.execute(look).fetchone() == (False,) * 5
        run(
            file,
            """
            GRANT staff TO spare
            GRANT CREATE ON DATABASE kept TO spare
            GRANT CREATE ON TABLESPACE disk TO staff
            GRANT SET ON PARAMETER log_statement TO spare
            """,
        )
        for session in (one, other):
            assert session.execute(look).fetchone() == (True, True, False, True, True)
        restored(server, state, maintenance)
        for session in (one, other):
            assert session.execute(look).fetchone() == (False,) * 5


def test_dependencies_are_right_after_a_role_came_back(
    server: Cluster, maintenance: Connection, file: Connection
):
    state = SharedState.of(maintenance)
    run(file, "ALTER DATABASE kept OWNER TO spare\nREVOKE SET ON PARAMETER log_statement FROM bob")
    restored(server, state, maintenance)
    with pytest.raises(psycopg.errors.DependentObjectsStillExist) as raised:
        maintenance.execute("DROP ROLE bob")
    detail = raised.value.diag.message_detail
    assert detail is not None
    assert "owner of database kept" in detail
    assert "privileges for parameter log_statement" in detail
    maintenance.execute("BEGIN; DROP ROLE spare; ROLLBACK")


def test_the_password_works_again(server: Cluster, maintenance: Connection, file: Connection):
    query = "SELECT rolpassword FROM pg_authid WHERE rolname = 'app_user'"
    before = maintenance.execute(query).fetchone()
    state = SharedState.of(maintenance)
    run(file, "ALTER ROLE app_user PASSWORD 'other' VALID UNTIL 'infinity'")
    restored(server, state, maintenance)
    assert maintenance.execute(query).fetchone() == before


def test_settings_of_our_own_role_do_not_get_in_the_way(
    server: Cluster, maintenance: Connection, file: Connection
):
    state = SharedState.of(maintenance)
    with server.connect("kept") as inside:
        run(inside, "CREATE ROLE alice\nCREATE TABLE mine ()\nALTER TABLE mine OWNER TO alice")
    run(
        file,
        """
        CREATE DATABASE scratch
        ALTER ROLE app_user NOLOGIN
        ALTER DATABASE kept SET default_transaction_read_only = on
        ALTER ROLE postgres SET default_transaction_read_only = on
        ALTER ROLE postgres SET search_path = nowhere
        ALTER ROLE postgres SET timezone = 'Asia/Tokyo'
        ALTER ROLE postgres SET role = spare
        """,
    )
    with server.connect() as late:
        assert late.execute("SELECT current_user").fetchone() == ("spare",)
        done = restore_server(state, late, server.connect, owned=True)
        assert late.execute("SHOW search_path").fetchone() == ("nowhere",)
        assert late.execute("SELECT current_user").fetchone() == ("spare",)
    notes = (
        "removed database scratch",
        "removed role alice",
        "restored role app_user",
        "restored the settings of database kept",
        "restored the settings of role postgres",
    )
    assert done == Restored(notes, True)
    assert SharedState.of(maintenance) == state


def test_a_setting_of_the_server_is_undone_in_new_sessions(
    server: Cluster, maintenance: Connection, file: Connection
):
    state = SharedState.of(maintenance)
    with server.connect() as fresh:
        before = fresh.execute("SHOW work_mem").fetchone()
    run(file, "ALTER SYSTEM SET work_mem = '9MB'\nALTER SYSTEM SET cluster_name = 'it''s'")
    run(file, "SELECT pg_reload_conf()")
    restored(server, state, maintenance)
    with server.connect() as fresh:
        assert fresh.execute("SHOW work_mem").fetchone() == before


def test_a_database_goes_with_what_holds_it(
    server: Cluster, maintenance: Connection, file: Connection
):
    state = SharedState.of(maintenance)
    run(file, "CREATE DATABASE scratch")
    with server.connect("scratch") as inside:
        hold(inside)
        assert restored(server, state, maintenance).notes == (
            "removed database scratch",
            "removed prepared transaction it's",
            "removed replication slot s",
        )


def test_a_slot_in_use_is_removed(server: Cluster, maintenance: Connection, file: Connection):
    state = SharedState.of(maintenance)
    run(file, "SELECT pg_create_logical_replication_slot('s', 'pgoutput')")
    with walsender(server, "postgres"):
        wait_for(maintenance, "SELECT FROM pg_replication_slots WHERE active")
        assert restored(server, state, maintenance).notes == ("removed replication slot s",)


def hold(inside: Connection) -> None:
    """Do what keeps a database from being dropped, in spite of WITH (FORCE)."""
    run(
        inside,
        """
        CREATE TABLE t ()
        SELECT pg_create_logical_replication_slot('s', 'pgoutput')
        CREATE SUBSCRIPTION sub CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)
        BEGIN
        INSERT INTO t DEFAULT VALUES
        PREPARE TRANSACTION 'it''s'
        """,
    )


def test_what_cannot_be_removed_is_said_with_the_reason(
    server: Cluster, maintenance: Connection, file: Connection
):
    state = SharedState.of(maintenance)
    name = f"{PREFIX}holder"
    run(file, "SET allow_in_place_tablespaces = on\nCREATE ROLE alice\nCREATE ROLE carol")
    run(file, "CREATE TABLESPACE fast OWNER alice LOCATION ''")
    run(file, f"GRANT staff TO carol\nCREATE DATABASE {name} TABLESPACE fast")
    run(file, "GRANT CREATE ON TABLESPACE fast TO spare")
    done = restore_server(state, maintenance, server.connect, owned=True)
    assert not done.complete
    # The tablespace was given to us, so the roles could go.
    assert done.notes[:2] == ("removed role alice", "removed role carol")
    assert 'could not remove tablespace fast: tablespace "fast" is not empty' in done.notes
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):  # what is left is whole
        maintenance.execute("DROP ROLE spare")
    drop_database(maintenance, name, server.connect)
    assert restored(server, state, maintenance).notes == ("removed tablespace fast",)


def test_a_dropped_database_is_reported(server: Cluster, maintenance: Connection):
    run(maintenance, "CREATE DATABASE scratch")
    state = SharedState.of(maintenance)
    run(maintenance, "DROP DATABASE scratch")
    done = restore_server(state, maintenance, server.connect, owned=True)
    said = "could not restore database scratch: what was dropped cannot be brought back"
    assert done == Restored((said,), False)


def test_a_lost_connection_does_not_raise(server: Cluster, maintenance: Connection):
    state = SharedState.of(maintenance)
    connection = server.connect()
    connection.close()
    done = restore_server(state, connection, server.connect, owned=True)
    assert not done.complete
    assert done.notes[0].startswith("could not put the server back: ")


FOREIGN = """
    CREATE ROLE alice
    CREATE ROLE bobby
    CREATE DATABASE scratch OWNER bobby
    CREATE DATABASE theirs
    ALTER ROLE app_user NOLOGIN
    GRANT staff TO spare
    GRANT staff TO bobby
    ALTER ROLE bobby SET work_mem = '1MB'
"""


def test_what_is_not_ours_is_left_alone(server: Cluster, maintenance: Connection, file: Connection):
    state = SharedState.of(maintenance)
    run(file, FOREIGN)
    named = created_names(["CREATE ROLE bobby", "create database SCRATCH", "CREATE USER app_user"])
    done = restore_server(state, maintenance, server.connect, owned=False, named=named)
    ours = "while the file ran: left alone, the server is not ours"
    assert set(done.notes) == {
        "removed database scratch",
        "removed role bobby",
        f"role alice appeared {ours}",
        f"database theirs appeared {ours}",
        f"role app_user changed {ours}",
        f"the members of role staff changed {ours}",
    }
    assert not done.complete
    restored(server, state, maintenance)


def test_what_others_dropped_is_not_brought_back(
    server: Cluster, maintenance: Connection, file: Connection
):
    state = SharedState.of(maintenance)
    run(file, "DROP ROLE spare\nCREATE ROLE staffer\nDROP ROLE staffer")
    done = restore_server(
        state, maintenance, server.connect, owned=False, named={("role", "spare")}
    )
    assert done.notes == (
        "role spare disappeared while the file ran: left alone, the server is not ours",
    )
    run(file, "CREATE ROLE spare SUPERUSER")
    done = restore_server(
        state, maintenance, server.connect, owned=False, named={("role", "spare")}
    )
    assert done.notes == (
        "role spare changed while the file ran: left alone, the server is not ours",
    )
    found = maintenance.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'spare'")
    assert found.fetchall() == [(True,)]
    restored(server, state, maintenance)


def test_a_role_that_is_no_superuser_removes_what_it_made(server: Cluster, maintenance: Connection):
    run(maintenance, "CREATE ROLE tester LOGIN CREATEROLE CREATEDB")
    try:
        with server.connect(user="tester") as connection:
            state = SharedState.of(connection)
            assert "password" not in repr(state.rows)
            run(connection, "CREATE ROLE alice\nCREATE DATABASE scratch")
            named = {("role", "alice"), ("database", "scratch")}
            done = restore_server(state, connection, server.connect, owned=False, named=named)
            assert done == Restored(("removed database scratch", "removed role alice"), True)
    finally:
        run(maintenance, "DROP ROLE tester")


@contextmanager
def own_database(server: Cluster, connection: Connection) -> Iterator[str]:
    name = f"{PREFIX}held"
    connection.execute(f"CREATE DATABASE {name}".encode())
    yield name
    found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
    assert found is None


def test_a_database_of_ours_is_dropped_whatever_holds_it(server: Cluster, maintenance: Connection):
    with own_database(server, maintenance) as name, server.connect(name) as inside:
        hold(inside)
        with pytest.raises(psycopg.errors.ObjectInUse):
            maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        drop_database(maintenance, name, server.connect)
        left = (
            "SELECT slot_name FROM pg_replication_slots UNION ALL SELECT gid FROM pg_prepared_xacts"
        )
        assert maintenance.execute(left).fetchall() == []


def test_a_database_that_was_closed_and_made_a_template_is_dropped(
    server: Cluster, maintenance: Connection
):
    with own_database(server, maintenance) as name:
        with server.connect(name) as inside:
            run(inside, "BEGIN\nCREATE TABLE t ()\nPREPARE TRANSACTION 'x'")
        run(maintenance, f"ALTER DATABASE {name} IS_TEMPLATE true ALLOW_CONNECTIONS false")
        drop_database(maintenance, name, server.connect)


def test_a_replication_slot_in_use_does_not_hold_a_database(
    server: Cluster, maintenance: Connection
):
    with own_database(server, maintenance) as name, server.connect(name) as inside:
        run(inside, "SELECT pg_create_logical_replication_slot('s', 'pgoutput')")
        with walsender(server, name):
            wait_for(maintenance, "SELECT FROM pg_replication_slots WHERE active")
            drop_database(maintenance, name, server.connect)


@contextmanager
def walsender(server: Cluster, name: str) -> Iterator[None]:
    """Somebody who reads a logical replication slot; ends by itself once it is gone."""
    start = b"START_REPLICATION SLOT s LOGICAL 0/0 (proto_version '1', publication_names 'p')"
    raw = psycopg.pq.PGconn.connect(f"{server.dsn(name)} replication=database".encode())
    try:
        assert raw.exec_(start).status == psycopg.pq.ExecStatus.COPY_BOTH
        yield
    finally:
        raw.finish()


def wait_for(connection: Connection, query: str) -> None:
    deadline = threading.Event()
    for _ in range(500):
        if connection.execute(query.encode()).fetchone() is not None:
            return
        deadline.wait(0.01)
    raise AssertionError(query)


@pytest.mark.parametrize("name", ["postgres", "template1", "kept", "xharness_"])
def test_a_database_that_is_not_ours_is_not_dropped(
    server: Cluster, maintenance: Connection, name: str
):
    with pytest.raises(ServerError, match="refusing"):
        drop_database(maintenance, name, server.connect)


def test_a_database_that_cannot_be_dropped_is_an_error_of_ours(server: Cluster):
    name = f"{PREFIX}current"
    with server.connect() as connection, own_database(server, connection):
        connection.execute(f"CREATE DATABASE {name}".encode())
        refused = pytest.raises(ServerError, match="cannot drop database harness_current")
        with server.connect(name) as inside, refused:
            drop_database(inside, name, server.connect)
        for left in (name, f"{PREFIX}held"):
            drop_database(connection, left, server.connect)


TOUCHING = [
    "CREATE ROLE alice",
    "create user alice password 'x'",
    "CREATE GROUP g",
    "/* why */ DROP USER IF EXISTS alice -- so",
    "ALTER ROLE alice SET work_mem = '1MB'",
    "ALTER USER MAPPING",
    "CREATE DATABASE d",
    "CREATE\n  TABLESPACE t LOCATION '/x'",
    "GRANT a TO b",
    'GRANT a, "B c" TO b WITH ADMIN OPTION',
    "REVOKE a FROM b",
    "REVOKE ADMIN OPTION FOR a FROM b",
    "GRANT CONNECT, CREATE ON DATABASE d TO alice",
    "GRANT CREATE ON TABLESPACE t TO alice",
    "REVOKE GRANT OPTION FOR SET ON PARAMETER work_mem FROM alice",
    "REASSIGN OWNED BY a TO b",
    "DROP OWNED BY a",
    "ALTER SYSTEM SET work_mem = '1MB'",
    "COMMENT ON ROLE a IS 'x'",
    "SECURITY LABEL FOR x ON DATABASE d IS 'x'",
    "PREPARE TRANSACTION 'x'",
    "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
    "BEGIN; CREATE ROLE alice; ROLLBACK",
    "DO $$ BEGIN IF true THEN CREATE ROLE alice; END IF; END $$",
    "DO $do$ BEGIN EXECUTE format('CREATE ROLE %I', 'x'); END $do$",
    "DO LANGUAGE plpgsql 'BEGIN CREATE ROLE \"it''s\"; END'",
    "SELECT lives_ok('CREATE ROLE alice')",
    "SELECT lives_ok(E'CREATE ROLE \\'x')",
    "SELECT throws_ok($$ GRANT a TO b $$, '42704')",
    "SELECT pg_create_physical_replication_slot('s')",
]
NOT_TOUCHING = [
    "SELECT 1",
    "CREATE USER MAPPING FOR alice SERVER s",
    "ALTER USER MAPPING FOR alice SERVER s OPTIONS (SET a 'b')",
    "DROP USER MAPPING IF EXISTS FOR alice SERVER s",
    "GRANT SELECT ON t TO r",
    "GRANT ALL ON ALL TABLES IN SCHEMA s TO r",
    "REVOKE GRANT OPTION FOR SELECT ON t FROM r",
    "ALTER DEFAULT PRIVILEGES FOR ROLE r GRANT SELECT ON TABLES TO r",
    "SET ROLE alice",
    "ALTER TABLE t OWNER TO alice",
    "ALTER TABLE t SET TABLESPACE fast",
    "CREATE TABLE database (role text, tablespace text)",
    "COMMENT ON TABLE role IS 'CREATE it'",
    "-- CREATE ROLE alice\nSELECT 'a role'",
    "/* CREATE ROLE alice */ SELECT 'user'",
    "SELECT ok(true, 'we can CREATE ROLE alice')",
    'SELECT 1 AS "CREATE ROLE alice"',
    "PREPARE role AS SELECT 1",
    "SELECT has_role('user')",
]


@pytest.mark.parametrize("statement", TOUCHING)
def test_statements_that_touch_the_server(statement: str):
    assert touches_server(["SELECT 1", statement])


@pytest.mark.parametrize("statement", NOT_TOUCHING)
def test_statements_that_do_not(statement: str):
    assert not touches_server([statement])


def test_names_are_read_as_the_server_reads_them(maintenance: Connection):
    statements = [
        'CREATE ROLE Alice; CREATE USER "B o""b" PASSWORD \'CREATE_ROLE\'',
        "create group grüße$1",
        "CREATE\tDATABASE D WITH OWNER Alice",
        "CREATE TABLESPACE /* x */ fast LOCATION ''",
        f"CREATE ROLE {'é' * 40}",
        "CREATE USER MAPPING FOR carol SERVER s",
        'CREATE ROLE U&"d\\0061"',
        "SELECT format('CREATE ROLE %I', 'x')",
        "DO $$ BEGIN CREATE ROLE inner_one; END $$",
        "-- CREATE ROLE nobody\nDROP ROLE dropped",
    ]
    assert created_names(statements) == {
        ("role", "alice"),
        ("role", 'B o"b'),
        ("role", "grüße$1"),
        ("role", "é" * 31),
        ("role", "inner_one"),
        ("database", "d"),
        ("tablespace", "fast"),
    }
    long = f"É{'é' * 40}"
    (kept,) = maintenance.execute(f"SELECT '{long}'::name::text".encode()).fetchall()
    assert created_names([f"CREATE ROLE {long}"]) == {("role", kept[0])}


HOLD = """
import sys
from harness.postgres.database.shared import server_lock
import psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    with server_lock(connection, sys.argv[2] == "alone"):
        print("held", flush=True)
        sys.stdin.readline()
print("released", flush=True)
"""


@contextmanager
def process(server: Cluster, how: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it is told to go on."""
    command = [sys.executable, "-c", HOLD, server.dsn(), how]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def told(started: subprocess.Popen[str], *, go_on: bool = False) -> str:
    assert started.stdin is not None
    assert started.stdout is not None
    if go_on:
        started.stdin.write("\n")
        started.stdin.flush()
    ready, _, _ = select.select([started.stdout], [], [], 20)
    assert ready, "the process still waits"
    return started.stdout.readline().strip()


def waiters(connection: Connection, number: int) -> None:
    """Wait until so many sessions wait for the lock."""
    wait_for(
        connection,
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        f" HAVING count(*) = {number}",
    )


def test_processes_share_the_server_or_have_it_alone(server: Cluster, maintenance: Connection):
    with (
        server.connect() as connection,
        process(server, "shared") as one,
        process(server, "shared") as other,
    ):
        assert told(one) == told(other) == "held"
        with process(server, "alone") as alone:
            waiters(maintenance, 1)
            shared = threading.Thread(target=briefly, args=(connection,))
            shared.start()
            waiters(maintenance, 2)  # whoever comes later waits behind the one that is first
            assert told(one, go_on=True) == told(other, go_on=True) == "released"
            assert told(alone) == "held"
            assert shared.is_alive()
            assert told(alone, go_on=True) == "released"
            shared.join(10)
            assert not shared.is_alive()


def briefly(connection: Connection) -> None:
    with server_lock(connection, exclusive=False):
        pass


def test_a_process_that_is_killed_gives_the_lock_up(server: Cluster, maintenance: Connection):
    with process(server, "alone") as other:
        assert told(other) == "held"
        other.kill()
    with server_lock(maintenance, exclusive=True):
        pass


def held(connection: Connection) -> bool:
    query = "SELECT FROM pg_locks WHERE locktype = 'advisory'"
    return connection.execute(query).fetchone() is not None


@pytest.mark.parametrize("exclusive", [True, False])
def test_the_lock_is_released_after_an_error(
    server: Cluster, maintenance: Connection, exclusive: bool
):
    def fail(connection: Connection) -> None:
        with server_lock(connection, exclusive):
            assert held(maintenance)
            connection.execute("BEGIN")
            connection.execute("SELECT 1 / 0")

    with server.connect() as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            fail(connection)
        assert not held(maintenance)


def test_a_lost_connection_hides_no_error(server: Cluster, maintenance: Connection):
    def fail(connection: Connection) -> None:
        with server_lock(connection, exclusive=True):
            pid = connection.info.backend_pid
            maintenance.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            raise ValueError("first")

    with server.connect() as connection, pytest.raises(ValueError, match="first"):
        fail(connection)
    assert not held(maintenance)


def test_threads_take_turns(server: Cluster):
    inside, seen = threading.Semaphore(2), []

    def work(exclusive: bool) -> None:
        with server.connect() as connection:
            for _ in range(20):
                with server_lock(connection, exclusive):
                    alone = [inside.acquire(blocking=False) for _ in range(2)] if exclusive else []
                    seen.extend(alone)
                    for _ in filter(None, alone):
                        inside.release()

    threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(seen) == 3 * 20 * 2
    assert all(seen)
