"""US3 across transactions that commit, and SC-005 against this machine's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

SECOND = timedelta(seconds=1)


@pytest.fixture
def task(database: psycopg.Connection[Any]) -> int:
    """The id of a task that a committed transaction has created."""
    database.execute("INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com')")
    row = database.execute(
        "INSERT INTO tasks (user_id, title) VALUES ('ada', 'a task') RETURNING id"
    ).fetchone()
    assert row is not None
    return int(row[0])


def timestamps(connection: psycopg.Connection[Any], task: int) -> tuple[datetime, datetime]:
    """A task's created_at and updated_at."""
    row = connection.execute(
        "SELECT created_at, updated_at FROM tasks WHERE id = %s", [task]
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_update_in_a_later_transaction_moves_updated_at(
    database: psycopg.Connection[Any],
    connect: Callable[..., psycopg.Connection[Any]],
    task: int,
) -> None:
    """US3: every committed UPDATE moves updated_at, whoever does it; created_at stays."""
    created, updated = timestamps(database, task)
    assert updated == created
    for connection in (database, connect(), database):
        connection.execute("UPDATE tasks SET completed = NOT completed WHERE id = %s", [task])
        still_created, later = timestamps(database, task)
        assert later > updated
        assert still_created == created
        updated = later


def test_update_by_a_transaction_open_for_long_has_the_time_of_the_update(
    database: psycopg.Connection[Any],
    connect: Callable[..., psycopg.Connection[Any]],
    task: int,
) -> None:
    """US3: the later of two updates has the later updated_at, whichever began first."""
    early = connect()
    with early.transaction():
        early.execute("SELECT now()")
        database.execute("UPDATE tasks SET title = 'first' WHERE id = %s", [task])
        _, first = timestamps(database, task)
        early.execute("UPDATE tasks SET title = 'second' WHERE id = %s", [task])
    _, second = timestamps(database, task)
    assert second > first


@pytest.mark.usefixtures("task")
def test_timestamps_are_within_a_second_of_the_clock(database: psycopg.Connection[Any]) -> None:
    """SC-005: both timestamps, in whatever time zone the session is."""
    for zone in ("UTC", "Asia/Kolkata", "America/St_Johns"):
        database.execute("SELECT set_config('TimeZone', %s, false)", [zone])
        started = datetime.now(UTC)
        row = database.execute(
            "INSERT INTO tasks (user_id, title) VALUES ('ada', 'another') RETURNING id"
        ).fetchone()
        assert row is not None
        database.execute("UPDATE tasks SET completed = true WHERE id = %s", row)
        ended = datetime.now(UTC)
        for moment in timestamps(database, row[0]):
            assert started - SECOND <= moment <= ended + SECOND
