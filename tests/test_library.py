"""Installing the library: by whom, where, how often, and who may then use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from harness.pgtap import overloads
from harness.pgtap.library import families, install_sql
from harness.pgtap.render import render
from harness.postgres.cluster import Cluster
from harness.postgres.database import Database, build_template


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    name = "harness_library_test"
    with cluster.connect() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute("DROP ROLE IF EXISTS library_owner, library_user")
        connection.execute("CREATE ROLE library_owner; CREATE ROLE library_user")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template1 OWNER library_owner")
    yield Database(cluster, name)
    Database(cluster, name).drop()
    with cluster.connect() as connection:
        connection.execute("DROP ROLE library_owner, library_user")


def tap(connection: psycopg.Connection[Any], *calls: str) -> list[str]:
    return [str(connection.execute(f"SELECT {call}".encode()).fetchall()[0][0]) for call in calls]


def test_an_owner_without_other_rights_installs_it_in_one_message(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("SET ROLE library_owner")
        connection.execute(install_sql().encode())
        connection.execute("SET search_path = public, tap")
        assert tap(connection, "plan(1)", "is(1, 1, 'x')") == ["1..1", "ok 1 - x"]


@pytest.mark.parametrize("schema", ["public", "extensions", "My Tests", "order", "tap"])
def test_any_schema_can_hold_it(database: Database, schema: str) -> None:
    with database.connect() as connection:
        connection.execute(install_sql(schema).encode())
        connection.execute(
            psycopg.sql.SQL("SET search_path = {}").format(psycopg.sql.Identifier(schema))
        )
        calls = ("plan(3)", "is(1, 1, 'x')", "has_table('pg_catalog', 'pg_class', 'y')")
        assert tap(connection, *calls) == ["1..3", "ok 1 - x", "ok 2 - y"]
        assert tap(connection, "results_eq('SELECT 1', ARRAY[1], 'z')") == ["ok 3 - z"]


def test_a_role_without_any_right_can_go_on_with_a_script(database: Database) -> None:
    with database.connect() as connection:
        connection.execute(install_sql().encode())
        connection.execute("REVOKE ALL ON DATABASE harness_library_test FROM PUBLIC")
        connection.execute("SET search_path = tap")
        tap(connection, "plan(3)", "is(1, 1)")
        connection.execute("SET ROLE library_user")
        assert tap(connection, "is(1, 1, 'x')") == ["ok 2 - x"]
        assert tap(connection, "is(1, 2, 'y')")[0].startswith("not ok 3 - y\n# Failed test 3")
        connection.execute("RESET ROLE")
        assert connection.execute("SELECT * FROM finish()").fetchall() == [
            ("# Looks like you failed 1 test of 3",)
        ]


def test_nothing_public_is_without_a_comment(database: Database) -> None:
    with database.connect() as connection:
        connection.execute(install_sql().encode())
        rows = connection.execute(
            "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'tap'::regnamespace"
            r" AND proname NOT LIKE '\_%' AND obj_description(oid, 'pg_proc') IS NULL"
        ).fetchall()
    assert rows == []


def test_family_files_are_short_enough_to_read() -> None:
    for name, text in families().items():
        assert text.count("\n") < 300, name
        assert max(map(len, text.splitlines())) <= 100, name


def test_clones_of_an_ephemeral_server_have_it_from_the_start(cluster: Cluster) -> None:
    template = build_template(cluster, lambda _: None)
    with template.cloned() as clone, clone.connect() as connection:
        connection.execute("SET search_path = tap")
        assert tap(connection, "plan(1)") == ["1..1"]
    template.close()
    template.drop()


# --- the definition format -----------------------------------------------------------------


def rendered(text: str) -> str:
    parts = overloads.parse(text)
    return "\n".join(s for d in parts if not isinstance(d, str) for s in render(d))


def test_brackets_make_overloads_of_one_body() -> None:
    sql = rendered(
        "/*# f([schema name,] x name[]|name [, description text])\nTests.\n"
        "describe: 'for ' || :x\n*/\n$$ SELECT tap.ok(true, :description) $$;"
    )
    assert sql.count("CREATE FUNCTION tap.f(") == 8
    assert sql.count("CREATE FUNCTION tap._f(") == 1
    assert "tap.f(name, name[], text)" in sql
    assert "ARRAY[$1]" in sql
    assert sql.count("COMMENT ON FUNCTION tap.f(") == 8


def test_a_table_repeats_a_definition() -> None:
    sql = rendered(
        "/*# {has}(x name)\nTests that it {does}.\nfor has | does\n    has_it | does\n"
        "    hasnt_it | does not\n*/\n$$ SELECT tap.ok('{does}' = '', '') $$;"
    )
    assert "CREATE FUNCTION tap.has_it(name)" in sql
    assert "CREATE FUNCTION tap.hasnt_it(name)" in sql
    assert "IS 'Tests that it does not.'" in sql


@pytest.mark.parametrize(
    "text",
    [
        "/*# f(x name)\nTests.\n*/\nSELECT 1;",
        "/*# f(x name)\n*/\n$$ SELECT 1 $$;",
        "/*# f(x)\nTests.\n*/\n$$ SELECT 1 $$;",
    ],
)
def test_what_is_not_written_as_it_should_be_is_refused(text: str) -> None:
    with pytest.raises(overloads.LibraryError):
        rendered(text)
