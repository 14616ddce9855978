"""scripts/seed_database.py, as it is run: what it inserts, what it refuses, what it says."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command

from harness.cli.serve import url
from harness.postgres.cluster import Cluster
from harness.postgres.database import Database
from tests.backend import BACKEND, alembic_config, new_database, run

SCRIPT = str(BACKEND / "scripts/seed_database.py")


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    with new_database(cluster) as database:
        command.upgrade(alembic_config(database), "head")
        yield database


def seed(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run("python", SCRIPT, *arguments, DATABASE_URL=url(database))


def execute(database: Database, statement: str) -> None:
    with database.connect() as connection:
        connection.execute(statement.encode())


def contents(database: Database) -> tuple[list[tuple], list[tuple]]:
    with database.connect() as connection:
        users = connection.execute("SELECT * FROM users ORDER BY id").fetchall()
        return users, connection.execute("SELECT * FROM tasks ORDER BY id").fetchall()


def test_two_users_and_ten_tasks_and_nothing_more_the_second_time(database: Database):
    first = seed(database)
    assert (first.returncode, first.stdout) == (0, "inserted 2 users and 10 tasks\n"), first.stderr
    users, tasks = before = contents(database)
    assert [user[1] for user in users] == ["ada@example.com", "bob@example.com"]
    assert [task[0] for task in tasks] == list(range(1, 11))
    second = seed(database)
    assert (second.returncode, second.stdout) == (0, "all there already\n"), second.stderr
    assert contents(database) == before


def test_what_is_missing_comes_back(database: Database):
    seed(database)
    execute(database, "DELETE FROM users WHERE email = 'bob@example.com'")
    assert seed(database).stdout == "inserted 1 user and 4 tasks\n"


SLOWLY = """
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.5);
    RETURN NULL;
END $$;
CREATE TRIGGER slowly BEFORE INSERT ON tasks EXECUTE FUNCTION slowly();
"""


def test_two_at_once_insert_once(database: Database):
    execute(database, SLOWLY)
    execute(database, "INSERT INTO users (email) VALUES ('ada@example.com'), ('bob@example.com')")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(seed, [database] * 2))
    assert sorted(one.stdout for one in done) == [
        "all there already\n",
        "inserted 0 users and 10 tasks\n",
    ]


def test_others_are_left_alone_unless_told(database: Database):
    execute(database, "INSERT INTO users (email) VALUES ('eve@example.com')")
    before = contents(database)
    done = seed(database)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the database has 1 other user; " in done.stderr
    assert "--force" in done.stderr
    assert contents(database) == before
    assert seed(database, "--force").stdout == "inserted 2 users and 10 tasks\n"
    assert len(contents(database)[0]) == 3
    assert seed(database).returncode == 1


def test_a_database_without_tables_is_refused_with_the_remedy(cluster: Cluster):
    with new_database(cluster) as database:
        done = seed(database)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "seed_database: the database has no tables yet; run: alembic upgrade head\n"
    )


def test_what_the_database_refuses_names_the_file_and_leaves_nothing(database: Database):
    execute(database, "ALTER TABLE tasks ADD CHECK (title <> 'Learn PostgreSQL')")
    done = seed(database)
    assert done.returncode == 1
    assert "violates check constraint" in done.stderr
    assert "sql/seed.sql" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(database) == ([], [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "DATABASE_URL is not set"),
        ("s3cret", "DATABASE_URL must begin with"),
        ("postgresql://u:s3cret@127.0.0.1:1/x", "cannot reach postgresql+psycopg://u:***@127"),
    ],
)
def test_a_database_that_cannot_be_reached_is_2(given: str, message: str, tmp_path: Path):
    done = run("python", SCRIPT, cwd=tmp_path, DATABASE_URL=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr


def test_a_wrong_option_is_2():
    assert run("python", SCRIPT, "--forse").returncode == 2
