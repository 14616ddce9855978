from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources import MigrationError, SchemaSource, open_source
from tests import sources

connection = sources.connection


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / f"{name.replace('__', '.')}.sql").write_text(text)
    return path


def source_at(path: Path) -> SchemaSource:
    found = open_source(Config(schema=path))
    assert found is not None
    return found


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " ORDER BY 1"
    )
    return [name for (name,) in rows]


def test_numbers_in_names_order_the_files(tmp_path: Path, connection):
    path = folder(
        tmp_path, **{"10_c": "ALTER TABLE b RENAME TO c;", "9_b": "CREATE TABLE b (i int);"}
    )
    assert source_at(path).apply(connection) == ("9_b", "10_c")
    assert tables(connection) == ["c"]


def test_pairs_go_up_in_order_and_down_in_reverse(tmp_path: Path, connection):
    path = folder(
        tmp_path,
        **{
            "1_a__up": "CREATE TABLE a (i int PRIMARY KEY);",
            "1_a__down": "DROP TABLE a;",
            "2_b__up": "CREATE TABLE b (i int REFERENCES a);",
            "2_b__down": "DROP TABLE b;",
        },
    )
    source = source_at(path)
    assert source.reversible
    assert source.apply(connection) == ("1_a", "2_b")
    assert tables(connection) == ["a", "b"]
    assert source.rollback(connection) == ("2_b", "1_a")
    assert tables(connection) == []


def test_a_single_file_is_a_schema(tmp_path: Path, connection):
    folder(tmp_path, schema="CREATE TABLE a (i int);\n")
    assert source_at(tmp_path / "schema.sql").apply(connection) == ("schema",)


def test_an_extension_that_is_missing_comes_with_a_remedy(tmp_path: Path, connection):
    source = source_at(folder(tmp_path, a="CREATE EXTENSION not_there;"))
    with pytest.raises(MigrationError, match=r"not available\nHint: .*--bindir .*--server"):
        source.apply(connection)


def test_a_failing_migration_reports_where_and_rolls_back(tmp_path: Path, connection):
    path = folder(
        tmp_path,
        a="CREATE TABLE a (\n  i int PRIMARY KEY\n);\nINSERT INTO a\n  VALUES (1), (1);\n"
        "CREATE TABLE z ();",
    )
    with pytest.raises(MigrationError) as error:
        source_at(path).apply(connection)
    text = str(error.value)
    assert text.startswith(f"{path / 'a.sql'}:4: 23505: ")
    assert "Detail: Key (i)=(1) already exists." in text
    assert error.value.failure.sqlstate == "23505"
    assert tables(connection) == []
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_a_syntax_error_is_reported_at_its_own_line(tmp_path: Path, connection):
    path = folder(tmp_path, a="CREATE TABLE a (\n  i int,\n  j nonsense\n);\n")
    with pytest.raises(MigrationError, match=r"a\.sql:3: 42704: "):
        source_at(path).apply(connection)


def test_what_a_deferred_constraint_refuses_is_reported(tmp_path: Path, connection):
    path = folder(
        tmp_path,
        a="CREATE TABLE a (i int PRIMARY KEY);\n"
        "CREATE TABLE b (i int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\n"
        "INSERT INTO b VALUES (7);\n",
    )
    with pytest.raises(MigrationError, match=r"a\.sql:3: 23503: at COMMIT"):
        source_at(path).apply(connection)
    assert tables(connection) == []


def test_statements_that_no_transaction_can_hold_run_outside_of_one(tmp_path: Path, connection):
    path = folder(
        tmp_path,
        a="CREATE TABLE a (i int);",
        b="CREATE INDEX CONCURRENTLY a_i ON a (i);\nVACUUM a;\n",
    )
    assert source_at(path).apply(connection) == ("a", "b")


def test_nothing_behind_a_failed_statement_runs_where_there_is_no_transaction(
    tmp_path: Path, connection
):
    path = folder(
        tmp_path, a="BEGIN;\nCREATE TABLE a ();\nCOMMIT;\nSELECT 1/0;\nCREATE TABLE b ();"
    )
    with pytest.raises(MigrationError, match=r"a\.sql:4: 22012"):
        source_at(path).apply(connection)
    assert tables(connection) == ["a"]


def test_what_pg_dump_writes_can_be_applied(tmp_path: Path, connection):
    path = folder(
        tmp_path,
        a="SET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n"
        "CREATE TABLE public.a (i int, t text);\nCOPY public.a (i, t) FROM stdin;\n"
        "1\tone; two\n2\t\\N\n\\.\n\n",
    )
    source_at(path).apply(connection)
    rows = connection.execute("SELECT i, t FROM public.a ORDER BY i").fetchall()
    assert rows == [(1, "one; two"), (2, None)]


def test_the_fingerprint_follows_names_contents_and_includes(tmp_path: Path):
    path = folder(tmp_path, a="\\ir shared/x.psql\nSELECT 1;")
    (path / "shared").mkdir()
    (path / "shared/x.psql").write_text("CREATE TABLE x (i int);")
    first = source_at(path).fingerprint()
    assert source_at(path).fingerprint() == first
    (path / "shared/x.psql").write_text("CREATE TABLE x (i bigint);")
    second = source_at(path).fingerprint()
    assert second != first
    (path / "a.sql").rename(path / "b.sql")
    assert source_at(path).fingerprint() != second


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"1_a__down": "", "2_b__up": ""}, "there is no 1_a.up.sql"),
        ({}, "no migrations here"),
    ],
)
def test_a_directory_that_makes_no_sense_is_refused(tmp_path: Path, files, message: str):
    with pytest.raises(ConfigError, match=message):
        source_at(folder(tmp_path, **files))


@pytest.mark.parametrize(
    "below",
    ["tables/b.sql", "b.SQL", "deep/er/c.pgsql", "b.psql", "2/down.sql"],
)
def test_sql_that_would_be_passed_over_is_refused_by_name(tmp_path: Path, below: str):
    path = folder(tmp_path, a="SELECT 1;")
    (path / below).parent.mkdir(parents=True, exist_ok=True)
    (path / below).write_text("CREATE TABLE x (i int);")
    with pytest.raises(ConfigError, match=re.escape(f"passed over: {below}")):
        source_at(path)


@pytest.mark.parametrize(("crates", "alone"), [("sqlx = 1", True), ("sqlx = 1\ndiesel = 2", False)])
def test_sqlx_runs_no_directory_that_diesel_left(tmp_path: Path, crates: str, alone: bool):
    path = tmp_path / "migrations"
    (path / "2025_b").mkdir(parents=True)
    folder(path, **{"1_a": "SELECT 1;"})
    (path / "2025_b/up.sql").write_text("CREATE TABLE x (i int);")
    (tmp_path / "Cargo.toml").write_text(crates)
    if alone:
        assert len(source_at(path).migrations) == 1
    else:
        with pytest.raises(ConfigError, match="passed over"):
            source_at(path)


@pytest.mark.parametrize(
    "beside",
    ["README.md", "seeds/x.sql", "tests/t.sql", "part/b.sql", ".old/b.sql", "meta/journal.json"],
)
def test_what_is_included_or_no_part_of_a_schema_is_not(tmp_path: Path, beside: str):
    path = folder(tmp_path, a="\\ir part/b.sql\n" if beside.startswith("part") else "SELECT 1;")
    (path / beside).parent.mkdir(parents=True, exist_ok=True)
    (path / beside).write_text("SELECT 1;")
    assert len(source_at(path).migrations) == 1


def test_without_every_down_file_the_schema_is_not_reversible(tmp_path: Path):
    assert not source_at(
        folder(tmp_path, **{"1_a__up": "", "1_a__down": "", "2_b__up": ""})
    ).reversible
