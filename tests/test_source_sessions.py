"""What a file leaves in its session, and which tool's next file meets it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.core.config import Config
from harness.sources import MigrationError, SchemaSource, open_source
from tests import sources
from tests.sources import TOOLS, made, write

connection = sources.connection
Connection = psycopg.Connection[Any]

NOTES = "CREATE TABLE notes (i int);"
KEPT = "CREATE TABLE notes AS SELECT {} AS kept;"
ROLE = "harness_test_sessions"
MADE = f"CREATE ROLE {ROLE}; GRANT ALL ON SCHEMA public TO {ROLE};"
DUMPED = "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (i int);"

ONE_SESSION = ("sql_dir", "golang_migrate", "dbmate", "goose")
OWN_SESSION = ("plain", "sqitch")
BETWEEN = ("flyway", "supabase")
EVERY = (*ONE_SESSION, *OWN_SESSION, *BETWEEN)


def opened(root: Path, tool: str, *ups: str) -> SchemaSource:
    """The migrations as a tool keeps them; ``plain`` are SQL files without a tool."""
    if tool != "plain":
        numbered = [(n, up + "\n", "SELECT 1;\n") for n, up in enumerate(ups, 1)]
        return made(root, TOOLS[tool], numbered)
    write(root, {f"{n}_m.sql": up for n, up in enumerate(ups, 1)})
    found = open_source(Config(root, root))
    assert found is not None
    return found


def home(connection: Connection) -> str:
    """The schema that has the table notes."""
    query = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'notes'"
    row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def one(connection: Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def role(connection: Connection):
    yield ROLE
    connection.execute("SET SESSION AUTHORIZATION DEFAULT")
    connection.execute(f"DROP OWNED BY {ROLE}")
    connection.execute(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize("stepwise", [False, True])
@pytest.mark.parametrize("tool", EVERY)
def test_a_search_path_is_there_for_the_next_file_where_the_tool_leaves_it(
    tool: str, stepwise: bool, tmp_path: Path, connection: Connection
):
    source = opened(tmp_path, tool, "CREATE SCHEMA app; SET search_path = app, public;", NOTES)
    if tool == "dbmate":
        with pytest.raises(MigrationError, match="does not find its own table schema_migrations"):
            source.apply(connection)
        return
    if stepwise:
        for migration in source.migrations:
            source.upgrade(connection, migration)
    else:
        source.apply(connection)
    assert home(connection) == ("app" if tool in ONE_SESSION else "public")


REFUSED = {
    "sql_dir": "no schema has been selected",
    "golang_migrate": "no schema has been selected",
    "dbmate": "no schema has been selected",
    "goose": "does not find its own table goose_db_version",
}


@pytest.mark.parametrize("tool", EVERY)
def test_after_a_dump_names_without_a_schema_work_where_they_do_under_the_tool(
    tool: str, tmp_path: Path, connection: Connection
):
    source = opened(tmp_path, tool, DUMPED, NOTES)
    if tool in REFUSED:
        with pytest.raises(MigrationError, match=REFUSED[tool]):
            source.apply(connection)
    else:
        source.apply(connection)
        assert home(connection) == "public"


@pytest.mark.parametrize("tool", EVERY)
def test_a_dump_that_puts_the_path_back_works_everywhere(
    tool: str, tmp_path: Path, connection: Connection
):
    opened(tmp_path, tool, f"{DUMPED}\nRESET search_path;", NOTES).apply(connection)
    assert home(connection) == "public"


@pytest.mark.parametrize("tool", ["dbmate", "goose"])
@pytest.mark.parametrize("level", ["", "LOCAL "])
def test_a_path_without_the_tools_own_table_is_an_error_of_its_file(
    tool: str, level: str, tmp_path: Path, connection: Connection
):
    source = opened(tmp_path, tool, f"CREATE SCHEMA app; SET {level}search_path = app;")
    with pytest.raises(MigrationError, match="RESET search_path") as error:
        source.apply(connection)
    assert error.value.location.path == source.migrations[0].up
    assert one(connection, "SELECT to_regnamespace('app') IS NULL"), "what it did is rolled back"


@pytest.mark.parametrize("tool", EVERY)
def test_set_local_ends_with_its_file(tool: str, tmp_path: Path, connection: Connection):
    first = "SET LOCAL my.x = '1';"
    keep = KEPT.format("coalesce(current_setting('my.x', true), '')")
    opened(tmp_path, tool, first, keep).apply(connection)
    assert one(connection, "SELECT kept FROM notes") == ""


@pytest.mark.parametrize("tool", EVERY)
def test_other_settings(tool: str, tmp_path: Path, connection: Connection):
    keep = KEPT.format("current_setting('work_mem')")
    opened(tmp_path, tool, "SET work_mem = '77MB';", keep).apply(connection)
    kept = one(connection, "SELECT kept FROM notes") == "77MB"
    assert kept == (tool in (*ONE_SESSION, "flyway"))


@pytest.mark.parametrize("tool", EVERY)
def test_a_role(tool: str, tmp_path: Path, connection: Connection, role: str):
    opened(tmp_path, tool, f"{MADE} SET ROLE {role};", NOTES).apply(connection)
    owner = one(connection, "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'notes'")
    assert (owner == role) == (tool in (*ONE_SESSION, "supabase"))


@pytest.mark.parametrize("tool", EVERY)
def test_another_session_user(tool: str, tmp_path: Path, connection: Connection, role: str):
    source = opened(tmp_path, tool, f"{MADE} SET SESSION AUTHORIZATION {role};", NOTES)
    if tool == "flyway":
        with pytest.raises(MigrationError, match="Flyway cannot set the role back"):
            source.apply(connection)
        return
    source.apply(connection)
    owner = one(connection, "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'notes'")
    assert (owner == role) == (tool in (*ONE_SESSION, "supabase"))


@pytest.mark.parametrize("tool", EVERY)
def test_a_temporary_table(tool: str, tmp_path: Path, connection: Connection):
    first = "CREATE TEMP TABLE scratch AS SELECT 7 AS i;"
    source = opened(tmp_path, tool, first, "CREATE TABLE notes AS SELECT i FROM scratch;")
    if tool in OWN_SESSION:
        with pytest.raises(MigrationError, match=re.escape('relation "scratch" does not exist')):
            source.apply(connection)
    else:
        source.apply(connection)
        assert one(connection, "SELECT i FROM notes") == 7


@pytest.mark.parametrize("what", ["DATABASE {database}", "ROLE {user} IN DATABASE {database}"])
@pytest.mark.parametrize("tool", EVERY)
def test_settings_of_database_and_role_are_for_new_connections(
    tool: str, what: str, tmp_path: Path, connection: Connection
):
    info = connection.info
    whose = what.format(database=info.dbname, user=info.user)
    keep = KEPT.format("current_setting('work_mem')")
    opened(tmp_path, tool, f"ALTER {whose} SET work_mem = '77MB';", keep).apply(connection)
    assert (one(connection, "SELECT kept FROM notes") == "77MB") == (tool in OWN_SESSION)


@pytest.mark.parametrize("tool", [tool for tool in EVERY if tool not in ("plain", "supabase")])
def test_a_way_down_starts_afresh(tool: str, tmp_path: Path, connection: Connection):
    leaves = "SET work_mem = '77MB';"
    down = KEPT.format("current_setting('work_mem')")
    source = made(tmp_path, TOOLS[tool], [(1, leaves + "\n", down + "\n")])
    source.upgrade(connection, source.migrations[0])
    source.downgrade(connection, source.migrations[0])
    assert one(connection, "SELECT kept FROM notes") != "77MB"


@pytest.mark.parametrize("tool", EVERY)
def test_whoever_looks_afterwards_has_a_session_of_its_own(
    tool: str, tmp_path: Path, connection: Connection, role: str
):
    before = one(connection, "SHOW work_mem")
    source = opened(tmp_path, tool, f"{MADE} SET work_mem = '77MB'; SET ROLE {role};")
    source.apply(connection)
    assert one(connection, "SHOW work_mem") == before
    assert one(connection, "SELECT current_user") == connection.info.user


def test_a_seed_meets_what_the_last_migration_left(tmp_path: Path, connection: Connection):
    write(tmp_path, {"supabase/seed.sql": KEPT.format("current_setting('work_mem')")})
    source = opened(tmp_path, "supabase", "SET work_mem = '77MB';")
    source.apply(connection)
    assert one(connection, "SELECT kept FROM notes") == "77MB"
