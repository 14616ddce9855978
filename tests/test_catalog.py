from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import ClientCursor, sql
from psycopg.rows import dict_row

from harness.postgres.cluster import Cluster
from harness.postgres.schema_model import Schema, SchemaSuccession
from harness.postgres.snapshot import Catalog, Marks, Succession
from harness.postgres.snapshot.queries import kinds
from tests.support.versions import OLDER

RICH = Path(__file__).parent / "data" / "catalog_rich.sql"
CHANGES = Path(__file__).parent / "data" / "catalog_changes.sql"
NAME = "harness_test_catalog"
ROLES = ("harness_test_reader", "harness_test_writer")

Connection = psycopg.Connection[Any]


def read_changes() -> list[Any]:
    """``-- kind | identity`` lines, each followed by the change that must show as that."""
    blocks = CHANGES.read_text().split("\n-- ")[1:]
    parameters = []
    for block in blocks:
        head, _, statements = block.partition("\n")
        kind, _, identity = head.partition(" | ")
        title = f"{kind}: {' '.join(statements.split())[:60]}"
        parameters.append(pytest.param(kind, identity, statements, id=title))
    return parameters


@contextmanager
def rich_database(dsn: str) -> Iterator[str]:
    """The DSN of a database with every kind of object, dropped afterwards."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        drop(connection)
        try:
            for role in ROLES:
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
            database = psycopg.conninfo.make_conninfo(dsn, dbname=NAME)
            with psycopg.connect(database, autocommit=True) as inside:
                inside.execute(RICH.read_text())
            yield database
        finally:
            drop(connection)


def drop(connection: Connection) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(NAME)))
    for role in ROLES:
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.fixture(scope="module")
def rich_dsn(server_dsn: str) -> Iterator[str]:
    with rich_database(server_dsn) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def kept(rich_dsn: str) -> Iterator[Connection]:
    with psycopg.connect(rich_dsn) as connection:
        yield connection


@pytest.fixture
def connection(kept: Connection) -> Iterator[Connection]:
    """A transaction on the rich database that is rolled back."""
    yield kept
    kept.rollback()


@pytest.fixture(scope="module")
def rich(rich_dsn: str) -> Catalog:
    with psycopg.connect(rich_dsn, autocommit=True) as connection:
        return Catalog.of(connection)


def test_every_kind_is_in_the_rich_schema(rich: Catalog) -> None:
    absent = set(rich.objects) - set(rich.counts())
    # A label needs a module on the server; a subscription would keep the database from going.
    assert absent == {"security label", "subscription"}


@pytest.mark.parametrize(("kind", "identity", "change"), read_changes())
def test_a_change_shows(
    rich: Catalog, connection: Connection, kind: str, identity: str, change: str
) -> None:
    connection.execute(change)
    difference = Catalog.of(connection).difference(rich)
    assert (kind, identity) in {(change.kind, change.identity) for change in difference.changes}
    assert identity in str(difference)


def test_there_are_many_changes() -> None:
    assert len(read_changes()) >= 100


def test_every_kind_has_a_change() -> None:
    changed = {parameter.values[0] for parameter in read_changes()}
    assert set(kinds(18)) - changed == {"security label", "database"}


def test_created_and_dropped_gives_the_same(connection: Connection) -> None:
    connection.execute("CREATE SCHEMA other; SET search_path = other")
    before = Catalog.of(connection)
    connection.execute(
        """
        CREATE TYPE mood AS ENUM ('a');
        CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood UNIQUE);
        CREATE VIEW v AS SELECT * FROM t;
        COMMENT ON VIEW v IS 'x';
        GRANT SELECT ON v TO PUBLIC;
        DROP VIEW v; DROP TABLE t; DROP TYPE mood;
        """
    )
    assert Catalog.of(connection) == before


def test_twice_applied_is_the_same(connection: Connection, rich: Catalog) -> None:
    connection.execute("ALTER TABLE app.tasks DROP COLUMN notes, ADD COLUMN notes2 text")
    connection.execute("ALTER TABLE app.tasks RENAME notes2 TO notes")
    assert Catalog.of(connection) == rich, "OIDs and numbers of columns are no part of it"


def test_settings_of_the_caller_do_not_show(rich: Catalog, connection: Connection) -> None:
    connection.execute(
        "SET search_path = app, public; SET timezone = 'Asia/Tokyo'; SET datestyle = 'SQL, DMY';"
        "SET intervalstyle = 'iso_8601'; SET quote_all_identifiers = on; SET bytea_output = escape"
    )
    assert not Catalog.of(connection).difference(rich)


@pytest.mark.parametrize("autocommit", [True, False])
def test_leaves_no_trace(rich_dsn: str, autocommit: bool) -> None:
    with psycopg.connect(rich_dsn, autocommit=autocommit) as connection:
        connection.execute("SET search_path = app")
        connection.execute("CREATE TEMPORARY TABLE mine (n int)")
        status = connection.info.transaction_status
        Catalog.of(connection)
        assert connection.info.transaction_status == status
        for name, value in (("search_path", "app"), ("transaction_read_only", "off")):
            assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)
        connection.execute("INSERT INTO mine VALUES (1)")
        connection.rollback()


def test_an_ordinary_role_sees_the_same(rich: Catalog, connection: Connection) -> None:
    connection.execute("SET ROLE harness_test_writer")
    changes = Catalog.of(connection).difference(rich).changes
    assert {change.kind for change in changes} <= {"user mapping"}


def test_fails_in_a_failed_transaction_and_works_after(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT FROM nowhere")
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        Catalog.of(connection)
    connection.rollback()
    assert Catalog.of(connection)


def test_rows_of_the_caller_do_not_matter(rich: Catalog, rich_dsn: str) -> None:
    with psycopg.connect(rich_dsn, row_factory=dict_row, cursor_factory=ClientCursor) as connection:
        assert Catalog.of(connection) == rich


def test_state_of_a_sequence_is_no_part(rich: Catalog, connection: Connection) -> None:
    connection.execute("SELECT nextval('app.counter'), setval('app.tasks_id_seq', 77)")
    assert Catalog.of(connection) == rich


def test_ignored_schemas(connection: Connection) -> None:
    everything = Catalog.of(connection)
    rest = Catalog.of(connection, ignore=("app", "Odd.Schema"))
    assert "app.tasks" in everything.objects["table"]
    for kind in ("table", "column", "index", "constraint", "function", "trigger", "type", "schema"):
        assert not [name for name in rest.objects[kind] if "app" in name or "Odd" in name], kind
    assert not [name for name in rest.objects["comment"] if " app." in name]


def test_members_of_extensions_and_temporary_things_are_left_out(connection: Connection) -> None:
    before = Catalog.of(connection)
    connection.execute("CREATE TEMPORARY TABLE mine (n int PRIMARY KEY)")
    assert Catalog.of(connection) == before
    connection.execute("CREATE EXTENSION hstore SCHEMA app")
    changes = Catalog.of(connection).difference(before).changes
    assert [(change.kind, change.identity) for change in changes] == [("extension", "hstore")]


def test_not_null_stands_once(rich: Catalog) -> None:
    assert rich.objects["column"]["app.tasks.title"].startswith(
        "character varying(200) NOT NULL DEFAULT 'untitled'::character varying"
    )
    assert not [name for name in rich.objects["constraint"] if "not_null" in name]
    assert list(rich.objects["not null constraint"]) == ["tasks_state_required ON app.tasks"]


def test_passwords_are_not_read(rich: Catalog) -> None:
    assert "hunter2" not in rich.to_json()
    assert "password=***" in str(rich.objects["user mapping"])


def test_names_are_quoted_where_sql_needs_it(rich: Catalog) -> None:
    assert '"Odd.Schema"."Odd Table"."odd.column"' in rich.objects["column"]


def test_json_round_trip(rich: Catalog) -> None:
    again = Catalog.from_json(rich.to_json())
    assert again == rich
    assert again.to_json() == rich.to_json()
    assert json.loads(rich.to_json())["schema"]


def test_counts_and_length(rich: Catalog) -> None:
    assert rich.counts()["schema"] == 3
    assert sum(rich.counts().values()) == len(rich)
    assert 0 not in rich.counts().values()


def test_difference_as_text() -> None:
    old = Catalog({"table": {"a.t": "", "a.u": ""}, "function": {"a.f()": "one\ntwo\nthree"}})
    new = Catalog({"table": {"a.t": "UNLOGGED", "a.v": ""}, "function": {"a.f()": "one\n2\nthree"}})
    assert str(new.difference(old)).splitlines() == [
        "table",
        "    a.t",
        "      + UNLOGGED",
        "  - a.u",
        "  + a.v",
        "function",
        "    a.f()",
        "      - two",
        "      + 2",
    ]
    assert [change.identity for change in new.difference(old).added] == ["a.v"]
    assert [change.identity for change in new.difference(old).removed] == ["a.u"]
    assert len(new.difference(old).changed) == 2


def test_equality_is_by_content_in_the_kinds_that_both_know() -> None:
    assert Catalog({"table": {"a": ""}, "new": {"b": ""}}) == Catalog({"table": {"a": ""}})
    assert Catalog({"table": {"a": ""}}) != Catalog({"table": {}})
    assert Catalog({}) != {}
    assert not Catalog({}).difference(Catalog({}))


@pytest.mark.parametrize("older_cluster", OLDER[1:], indirect=True)
def test_the_same_schema_on_an_older_server(rich: Catalog, older_cluster: Cluster) -> None:
    with (
        rich_database(older_cluster.dsn("postgres")) as dsn,
        psycopg.connect(dsn) as connection,
    ):
        old = Catalog.of(connection)
    changes = rich.difference(old).changes
    # From PostgreSQL 16 on, a column is named without its table where that is clear.
    reworded = {"view", "materialized view"}
    assert [str(change) for change in changes if change.kind not in reworded] == []


@contextmanager
def another(server_dsn: str) -> Iterator[str]:
    """The DSN of another rich database, whose changes stay."""
    name = f"{NAME}_2"
    identifier = sql.Identifier(name)
    with psycopg.connect(server_dsn, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
        try:
            dsn = psycopg.conninfo.make_conninfo(server_dsn, dbname=name)
            with psycopg.connect(dsn, autocommit=True) as inside:
                inside.execute(RICH.read_text())
            yield dsn
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} (FORCE)").format(identifier))


def test_what_is_read_one_after_another_is_what_is_read_at_once(
    rich_dsn: str, server_dsn: str
) -> None:
    """The changes on one database, a few at a time, as far as those before let them."""
    left_out = ("CREATE SUBSCRIPTION", "RENAME TO app2")  # no DROP DATABASE, nothing to be found
    changes = [str(parameter.values[2]) for parameter in read_changes()]
    changes = [one for one in changes if not any(words in one for words in left_out)]
    with (
        another(server_dsn) as dsn,
        psycopg.connect(dsn, autocommit=True) as work,
        psycopg.connect(dsn, autocommit=True) as observer,
    ):
        catalogs, schemas, applied = (
            Succession(observer, few=0, share=1),
            SchemaSuccession(observer, few=0, share=1),
            0,
        )
        work.execute("DROP FOREIGN TABLE app.remote")  # whose columns nobody can be asked about
        for start in range(0, len(changes), 8):
            for change in changes[start : start + 8]:
                with suppress(psycopg.Error):
                    work.execute(change)
                    applied += 1
            read, whole = catalogs.catalog(), Catalog.of(observer)
            assert not read.difference(whole), changes[start : start + 8]
            assert schemas.schema() == Schema.read(observer), changes[start : start + 8]
        assert applied >= 100
        before = Marks.of(observer)
        work.execute("CREATE TABLE public.one_more (id integer)")
        after = Marks.of(observer)
        assert after.changed(before, observer, share=1)
        assert after.changed(before, observer, share=0) is None  # more than it pays to read apart
