from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from harness.core.errors import ConfigError
from harness.sources import MigrationError
from tests import sources
from tests.sources import TOOLS, at, public, write

connection = sources.connection
TOOL = TOOLS["golang_migrate"]


def migrations(root: Path, **texts: str) -> Path:
    return write(root, {f"{name.replace('__', '.')}.sql": text for name, text in texts.items()})


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("1_a__up", "01_b__up"), r"knows version 1 as .* already"),
        (("1_a__up", "2_b__down"), r"2_b\.down\.sql: there is no \.up\.sql"),
        (("1_a__up", "b"), r"b\.sql: golang-migrate would skip it.* to 2_b\.up\.sql"),
        (("1_a__up", "b__down"), r"b\.down\.sql: golang-migrate would skip it.* or rename it if"),
    ],
)
def test_names_it_refuses_or_passes_over_are_refused(
    names: tuple[str, ...], message: str, tmp_path: Path
):
    with pytest.raises(ConfigError, match=message):
        at(migrations(tmp_path, **dict.fromkeys(names, "SELECT 1;")), TOOL)


def test_up_and_down_belong_together_by_version(tmp_path: Path, connection):
    source = at(
        migrations(tmp_path, **{"1_a__up": "CREATE TABLE a ();", "01_b__down": "DROP TABLE a;"}),
        TOOL,
    )
    assert source.apply(connection) == ("1_a",)
    assert source.rollback(connection) == ("1_a",)
    assert public(connection) == []


def test_a_statement_alone_is_in_no_transaction(tmp_path: Path, connection):
    files = {"1_a__up": "CREATE TABLE a (i int);", "2_b__up": "VACUUM a;"}
    assert at(migrations(tmp_path, **files), TOOL).apply(connection) == ("1_a", "2_b")


def test_several_statements_are_in_one(tmp_path: Path, connection):
    files = {"1_a__up": "CREATE TABLE a (i int);\nVACUUM a;"}
    with pytest.raises(MigrationError, match=r"1_a\.up\.sql:2: 25001"):
        at(migrations(tmp_path, **files), TOOL).apply(connection)
    assert public(connection) == []


def test_a_file_may_have_a_transaction_of_its_own(tmp_path: Path, connection):
    files = {"1_a__up": "BEGIN;\nCREATE TABLE a (i int);\nCOMMIT;"}
    at(migrations(tmp_path, **files), TOOL).apply(connection)
    assert public(connection) == ["a"]


def test_a_transaction_left_open_is_a_failure(tmp_path: Path, connection):
    files = {"1_a__up": "BEGIN;\nCREATE TABLE a (i int);\n"}
    with pytest.raises(MigrationError, match=r"1_a\.up\.sql:2: a transaction is left open"):
        at(migrations(tmp_path, **files), TOOL).apply(connection)
    assert public(connection) == []
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_psql_s_commands_are_not_sql(tmp_path: Path, connection):
    with pytest.raises(MigrationError, match=r"1_a\.up\.sql:2: 42601"):
        at(migrations(tmp_path, **{"1_a__up": "\n\\set x 1\n"}), TOOL).apply(connection)
