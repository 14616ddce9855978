"""The development data: complete after one run, unchanged by a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

SEED = (Path(__file__).parents[1] / "sql" / "seed.sql").read_text(encoding="utf-8")


def contents(database: psycopg.Connection[Any]) -> tuple[list[Any], list[Any], Any]:
    """All users, all tasks, and how far the ids of tasks have come."""
    return (
        database.execute("SELECT * FROM users ORDER BY id").fetchall(),
        database.execute("SELECT * FROM tasks ORDER BY id").fetchall(),
        database.execute("SELECT last_value, is_called FROM tasks_id_seq").fetchone(),
    )


def test_seed_is_safe_to_run_twice(database: psycopg.Connection[Any]) -> None:
    """Two users and ten tasks; then the same rows, to the timestamp, and no id used up."""
    database.execute(SEED.encode())
    first = users, tasks, _ = contents(database)
    assert len(users) == 2
    assert [task[0] for task in tasks] == list(range(1, 11))
    assert {task[1] for task in tasks} == {user[0] for user in users}

    database.execute(SEED.encode())
    assert contents(database) == first


def test_seed_completes_what_is_there(database: psycopg.Connection[Any]) -> None:
    """A developer who has registered already gets the tasks and keeps the account."""
    database.execute("INSERT INTO users (id, email) VALUES ('mine', 'ada@example.com')")
    database.execute("INSERT INTO tasks (user_id, title) VALUES ('mine', 'Buy milk')")
    database.execute(SEED.encode())
    users, tasks, _ = contents(database)
    assert [user[0] for user in users] == ["mine", "user_bob"]
    assert len(tasks) == 10
