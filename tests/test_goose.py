from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import ConfigError, ScriptError
from harness.sources import MigrationError
from tests import sources
from tests.sources import TOOLS, at, public, write

connection = sources.connection
GOOSE = TOOLS["goose"]
FUNCTION = """CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    RETURN 1;
END $$;
"""


def migrations(root: Path, **texts: str) -> Path:
    return write(root, {f"{name}.sql": text for name, text in texts.items()})


def test_annotations_in_any_case_and_blocks_with_several_statements(tmp_path: Path, connection):
    text = (
        "-- about it\n-- +GOOSE up\n-- +goose statementbegin\nCREATE TABLE a ();\n"
        f"{FUNCTION}-- +goose StatementEnd\nCREATE TABLE b (); -- the last\n"
        "-- +goose down\nDROP TABLE a; DROP TABLE b;\nDROP FUNCTION f();\n"
    )
    source = at(migrations(tmp_path, **{"00001_a": text}), GOOSE)
    source.apply(connection)
    assert public(connection) == ["a", "b", "f"]
    source.rollback(connection)
    assert public(connection) == []


def test_no_transaction_holds_for_the_file(tmp_path: Path, connection):
    text = (
        "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a (i int);\n"
        "CREATE INDEX CONCURRENTLY x ON a (i);\n-- +goose Down\nDROP INDEX CONCURRENTLY x;\n"
        "DROP TABLE a;\n"
    )
    source = at(migrations(tmp_path, **{"1_a": text}), GOOSE)
    source.apply(connection)
    source.rollback(connection)
    assert public(connection) == []


def test_in_a_transaction_what_none_holds_fails(tmp_path: Path, connection):
    text = "-- +goose Up\nCREATE TABLE a (i int);\nCREATE INDEX CONCURRENTLY x ON a (i);\n"
    with pytest.raises(MigrationError, match=r"1_a\.sql:3: 25001"):
        at(migrations(tmp_path, **{"1_a": text}), GOOSE).apply(connection)
    assert public(connection) == []


def test_without_a_way_down_it_is_not_reversible(tmp_path: Path, connection):
    source = at(
        migrations(tmp_path, **{"1_a": "-- +goose Up\nCREATE TABLE a ();\n"}),
        GOOSE,
    )
    assert not source.reversible
    source.apply(connection)
    assert source.rollback(connection) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1;\n-- +goose Up\n", ":1: goose wants no statement above"),
        ("-- +goose Down\n-- +goose Up\n", ":1: goose wants one"),
        ("-- +goose Up\n-- +goose Up\n", ":2: goose wants one"),
        ("-- +goose Up\n-- +goose Down\n-- +goose Down\n", ":3: goose wants one"),
        ("-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n", ":2: StatementBegin without"),
        ("-- +goose Up\nSELECT 1;\n-- +goose StatementEnd\n", ":3: .*out of place"),
        ("-- +goose Up\n-- +goose ENVSUB ON\nSELECT '${A}';\n", ":3: ENVSUB: A is not set"),
        ("-- +goose Up\n-- +goose Sideways\n", ":2: .*sideways"),
        (f"-- +goose Up\n\n{FUNCTION}", ":5: goose ends the statement at this ';'"),
        ("-- +goose Up\nSELECT 1\n", ":2: goose wants a ';'"),
    ],
)
def test_a_file_that_goose_would_not_run_is_refused(text: str, message: str, tmp_path: Path):
    with pytest.raises(ScriptError, match=rf"1_a\.sql{message}"):
        at(migrations(tmp_path, **{"1_a": text}), GOOSE)


def test_variables_have_their_values_where_goose_fills_them_in(
    tmp_path: Path, connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OWNED", "a")
    text = (
        "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE ${OWNED} (i int);\n"
        "COMMENT ON TABLE $OWNED IS '${SAID:-is it}';\n-- +goose ENVSUB OFF\n"
        "CREATE TABLE b (t text DEFAULT '${OWNED}');\n"
    )
    source = at(migrations(tmp_path, **{"1_a": text}), GOOSE)
    before = source.fingerprint()
    source.apply(connection)
    query = "SELECT obj_description('a'::regclass), pg_get_expr(adbin, adrelid) FROM pg_attrdef"
    assert connection.execute(query).fetchone() == ("is it", "'${OWNED}'::text")
    monkeypatch.setenv("OWNED", "b")
    assert source.fingerprint() != before


def test_variables_switched_off_are_nothing(tmp_path: Path):
    text = "-- +goose ENVSUB OFF\n-- +goose Up\nSELECT '${A}';\n"
    assert at(migrations(tmp_path, **{"1_a": text}), GOOSE).migrations


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("2_b.go", "package x", r"2_b\.go: a migration in Go"),
        ("2_b.sql", "SELECT 1;", r"2_b\.sql:1: goose wants no statement above"),
        ("2_b.sql", "", r"2_b\.sql: goose wants a line '-- \+goose Up'"),
        ("b.sql", "-- +goose Up\n", r"b\.sql: goose would skip it.* rename it to 2_b\.sql"),
        ("0_b.sql", "-- +goose Up\n", r"0_b\.sql: goose would skip it"),
        ("01_b.sql", "-- +goose Up\n", r"knows version 1 as"),
    ],
)
def test_what_stands_beside_is_not_passed_over(name: str, text: str, message: str, tmp_path: Path):
    migrations(tmp_path, **{"1_a": "-- +goose Up\nSELECT 1;\n"})
    (tmp_path / name).write_text(text)
    with pytest.raises((ConfigError, ScriptError), match=message):
        at(tmp_path, GOOSE)


@pytest.mark.parametrize("name", ["embed.go", "1_a_test.go", "README.md"])
def test_what_is_no_migration_may_stand_beside(name: str, tmp_path: Path):
    migrations(tmp_path, **{"1_a": "-- +goose Up\nSELECT 1;\n"})
    (tmp_path / name).write_text("package x")
    assert len(at(tmp_path, GOOSE).migrations) == 1
