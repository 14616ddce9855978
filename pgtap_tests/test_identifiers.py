"""US2 where it takes several connections, or a transaction that really ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest

CONNECTIONS = 8
TASKS = 25

ADD_TASK = "INSERT INTO tasks (user_id, title) VALUES ('ada', 'a task') RETURNING id"


@pytest.fixture
def ada(database: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """The database, with a user who can have tasks."""
    database.execute("INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com')")
    return database


def add_task(connection: psycopg.Connection[Any]) -> int:
    """Add a task; its id."""
    row = connection.execute(ADD_TASK).fetchone()
    assert row is not None
    return int(row[0])


def test_concurrent_inserts_never_collide(
    ada: psycopg.Connection[Any], connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    """US2: connections that insert at once get ids that are all different."""
    connections = [connect() for _ in range(CONNECTIONS)]
    start = Barrier(CONNECTIONS, timeout=30)

    def add_tasks(connection: psycopg.Connection[Any]) -> list[int]:
        start.wait()
        return [add_task(connection) for _ in range(TASKS)]

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        given = [task for tasks in pool.map(add_tasks, connections) for task in tasks]

    stored = [row[0] for row in ada.execute("SELECT id FROM tasks")]
    assert len(set(given)) == CONNECTIONS * TASKS
    assert sorted(stored) == sorted(given)


def test_open_transactions_never_share_an_id(
    ada: psycopg.Connection[Any], connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    """US2: an id given in a transaction still open is not given to another connection."""
    one, other = connect(), connect()
    other.execute("SET lock_timeout = '5s'")  # a shared id would wait for ``one`` to end
    with one.transaction(), other.transaction():
        ids = [add_task(one), add_task(other), add_task(one), add_task(other)]
    assert len(set(ids)) == 4
    assert ada.execute("SELECT count(*) FROM tasks").fetchone() == (4,)


def test_rolled_back_id_is_not_handed_out_again(ada: psycopg.Connection[Any]) -> None:
    """US2: a ROLLBACK takes the task away, and its id with it."""
    with ada.transaction(force_rollback=True):
        burnt = add_task(ada)
    assert add_task(ada) > burnt
    assert ada.execute("SELECT count(*) FROM tasks").fetchone() == (1,)
