"""Times are the database's: when a row was added, when a task was last changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from todo import Task, User


@pytest.fixture
def task(session: Session, ada: User) -> Task:
    """A task that has just been committed."""
    task = Task(user_id="ada", title="Buy milk")
    session.add(task)
    session.commit()
    return task


def test_a_new_task_was_created_and_updated_just_now(task: Task):
    assert task.created_at == task.updated_at
    assert abs(datetime.now(UTC) - task.created_at) < timedelta(minutes=1)


def test_a_new_user_was_created_just_now(ada: User):
    assert abs(datetime.now(UTC) - ada.created_at) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("field", "value"), [("title", "Buy oats"), ("description", "Two litres"), ("completed", True)]
)
def test_an_update_moves_updated_at_and_nothing_else(
    session: Session, task: Task, field: str, value: object
):
    created, updated = task.created_at, task.updated_at
    setattr(task, field, value)
    session.commit()
    assert task.created_at == created
    assert task.updated_at > updated


def test_every_update_moves_it_within_one_transaction_too(session: Session, task: Task):
    moments = [task.updated_at]
    for title in ("one", "two"):
        task.title = title
        session.flush()
        moments.append(task.updated_at)
    assert moments == sorted(set(moments))


def test_updated_at_cannot_be_set(session: Session, task: Task):
    task.updated_at = datetime(2000, 1, 1, tzinfo=UTC)
    session.commit()
    session.refresh(task)
    assert task.updated_at >= task.created_at
