from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import ConfigError, ScriptError
from harness.sources import MigrationError
from tests import sources
from tests.sources import TOOLS, at, public, write

connection = sources.connection
DBMATE = TOOLS["dbmate"]
DOWN = "-- migrate:down\n"


def migrations(root: Path, **texts: str) -> Path:
    return write(root, {f"db/migrations/{name}.sql": text for name, text in texts.items()})


def test_files_go_by_name_as_dbmate_has_it(tmp_path: Path):
    names = ("2_a", "10_b", "20260101000000_c")
    text = f"-- migrate:up\nSELECT 1;\n{DOWN}"
    source = at(migrations(tmp_path, **dict.fromkeys(names, text)), DBMATE)
    assert [m.name for m in source.migrations] == ["10_b", "20260101000000_c", "2_a"]


@pytest.mark.parametrize("where", [".", "db/migrations", "db/migrations/1_a.sql"])
def test_the_project_its_directory_and_a_file_are_known(where: str, tmp_path: Path, connection):
    text = f"--migrate:up\r\nCREATE TABLE a ();\r\n{DOWN}DROP TABLE a;\n"
    migrations(tmp_path, **{"1_a": text})
    tool = type(DBMATE)("dbmate", DBMATE.files, schema=where)
    source = at(tmp_path, tool)
    assert source.apply(connection) == ("1_a",)
    assert public(connection) == ["a"]
    assert source.rollback(connection) == ("1_a",)
    assert public(connection) == []


def test_without_transaction_one_statement_is_by_itself(tmp_path: Path, connection):
    source = at(
        migrations(
            tmp_path,
            **{
                "1_a": f"-- migrate:up\nCREATE TABLE a (i int);\n{DOWN}",
                "2_b": "-- migrate:up transaction:false\n"
                f"CREATE INDEX CONCURRENTLY a_i ON a (i);\n{DOWN}",
            },
        ),
        DBMATE,
    )
    assert source.apply(connection) == ("1_a", "2_b")


@pytest.mark.parametrize(
    "option", ["", " transaction:true", " transaction:false", " TRANSACTION:false"]
)
def test_a_message_of_several_statements_is_a_transaction(option: str, tmp_path: Path, connection):
    text = (
        f"-- migrate:up{option}\nCREATE TABLE a (i int);\nCREATE INDEX CONCURRENTLY x ON a (i);\n"
    )
    source = at(migrations(tmp_path, **{"1_a": text + DOWN}), DBMATE)
    with pytest.raises(MigrationError, match=r"1_a\.sql:3: 25001"):
        source.apply(connection)
    assert public(connection) == []


def test_the_options_are_those_of_each_way(tmp_path: Path, connection):
    text = (
        "-- migrate:up\nCREATE TABLE a (i int);\nCREATE INDEX x ON a (i);\n"
        "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY x;\n"
    )
    source = at(migrations(tmp_path, **{"1_a": text}), DBMATE)
    source.apply(connection)
    assert source.rollback(connection) == ("1_a",)


def test_an_empty_way_down_is_none(tmp_path: Path):
    text = f"-- migrate:up\nCREATE TABLE a ();\n{DOWN}\n-- nothing\n"
    source = at(migrations(tmp_path, **{"1_a": text}), DBMATE)
    assert not source.reversible
    assert source.migrations[0].down is None


@pytest.mark.parametrize(
    ("text", "line", "state"),
    [
        ("-- migrate:up\n\\i other.sql\n", 2, "42601"),
        ("-- migrate:up\nCREATE TABLE a (i int);\nCOPY a FROM stdin;\n1\n\\.\n", 3, ""),
    ],
)
def test_what_only_psql_serves_fails(text: str, line: int, state: str, tmp_path: Path, connection):
    migrations(tmp_path, **{"1_a": text + DOWN})
    (tmp_path / "db/migrations/other.psql").write_text("SELECT 1;\n")
    with pytest.raises(MigrationError) as caught:
        at(tmp_path, DBMATE).apply(connection)
    assert caught.value.location.line == line
    assert caught.value.failure.sqlstate == state
    assert public(connection) == []


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ({"1_a": "-- migrate:up\n"}, ConfigError, r"1_a\.sql: dbmate wants one"),
        ({"1_a": f"{DOWN}-- migrate:up\n"}, ConfigError, r"1_a\.sql: dbmate wants one"),
        ({"1_a": f"-- migrate:up\n{DOWN}" * 2}, ConfigError, r"1_a\.sql: dbmate wants one"),
        (
            {"1_a": f"-- migrate:up\n{DOWN}", "2_b": "SELECT 1;"},
            ConfigError,
            r"2_b\.sql: dbmate wants one",
        ),
        (
            {"1_a": f"-- migrate:up\n{DOWN}", "2_b": "-- +goose Up\nSELECT 1;"},
            ConfigError,
            r"2_b\.sql: dbmate wants one",
        ),
        (
            {"1_a": f"-- migrate:up\n{DOWN}", "b": f"-- migrate:up\n{DOWN}"},
            ConfigError,
            r"b\.sql: dbmate would skip it",
        ),
        (
            dict.fromkeys(("1_a", "1_b"), f"-- migrate:up\n{DOWN}"),
            ConfigError,
            r"1_b\.sql: dbmate knows version 1 as 1_a\.sql already",
        ),
        ({"1_a": f"\nSELECT 1;\n-- migrate:up\n{DOWN}"}, ScriptError, r"1_a\.sql:2: .*above"),
    ],
)
def test_what_dbmate_would_not_run_or_pass_over_is_refused(
    texts: dict[str, str], error: type[Exception], message: str, tmp_path: Path
):
    with pytest.raises(error, match=message):
        at(migrations(tmp_path, **texts), DBMATE)
