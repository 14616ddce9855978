"""COPY is what the server says is one, wherever its text begins; and nothing runs for ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE, Answer, Session

COPY = "COPY (SELECT n, 'x' FROM generate_series(1, 3) AS n) TO STDOUT"
ROWS = (("1\tx",), ("2\tx",), ("3\tx",))


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[psycopg.Connection]:
    connection = cluster.connect()
    yield connection
    connection.close()  # a script that failed leaves it in the middle of a pipeline


def run(connection: psycopg.Connection, text: str, timeout: float = 10) -> list[Answer]:
    script = Script.parse(text, Path("t.sql"), PG_PROVE)
    return list(Session(connection, timeout).run(script))


@pytest.mark.parametrize(
    "before",
    [
        "",
        "/* c */ ",
        "-- c\n",
        "/* what follows\nis data */\n",
        "/* a /* b */ c */",
        "/* it's a */ ",
        "-- a comment that is longer than the word itself\n",
    ],
)
@pytest.mark.parametrize("within", ["", "BEGIN;\n"])
def test_what_copy_gives_is_read(connection: psycopg.Connection, before: str, within: str):
    answers = run(connection, f"{within}SELECT 1;\n{before}{COPY};\nSELECT 2;\n")
    assert [answer.rows for answer in answers][-3:] == [(("1",),), ROWS, (("2",),)]
    assert not any(answer.failure for answer in answers)


def test_the_data_of_copy_is_found_behind_comments(connection: psycopg.Connection):
    answers = run(
        connection,
        "CREATE TEMP TABLE copied (a text);\n"
        "/* a /* b */ don't */ COPY /* c */ copied FROM /* d */ STDIN;\nx;\n\\.\n"
        "SELECT * FROM copied;\n",
    )
    assert answers[-1].rows == (("x;",),)


def test_an_error_within_copy_is_told(connection: psycopg.Connection):
    copy = "/* c */ COPY (SELECT 1 / (3 - n) FROM generate_series(1, 5) AS n) TO STDOUT"
    answers = run(connection, f"BEGIN;\nSELECT 1;\n{copy};\nSELECT 2;\n")
    assert answers[-1].failure is not None
    assert answers[-1].failure.sqlstate == "22012"
    assert answers[-1].location.line == 3


@pytest.mark.parametrize(
    "endless",
    [
        "/* c */ COPY (SELECT n FROM generate_series(1, 1e12) AS n) TO STDOUT",
        "SELECT 1\\; COPY (SELECT n FROM generate_series(1, 1e12) AS n) TO STDOUT",
        "/* c */ COPY (SELECT pg_sleep(60)) TO STDOUT",
        "DECLARE c CURSOR FOR SELECT n FROM generate_series(1, 1e12) AS n; FETCH ALL FROM c",
    ],
)
def test_the_timeout_holds_while_answers_come(connection: psycopg.Connection, endless: str):
    answers = run(connection, f"BEGIN;\n{endless};\nSELECT 2;\n", timeout=0.5)
    assert answers[-1].failure is not None
    assert "did not return within 0.5 s" in answers[-1].failure.message
