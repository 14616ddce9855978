"""Ids of tasks: given by the database, counted upwards, never given twice."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from todo import Task, User


def add(session: Session, user: User, number: int = 1) -> list[int | None]:
    """Add tasks; their ids."""
    tasks = [Task(user_id=str(user.id), title=f"Task {n}") for n in range(number)]
    session.add_all(tasks)
    session.flush()
    return [task.id for task in tasks]


def test_ids_start_at_1_and_count_upwards(session: Session, ada: User):
    assert add(session, ada, 3) == [1, 2, 3]


def test_all_users_share_one_sequence(session: Session, ada: User, bob: User):
    assert add(session, ada) + add(session, bob) + add(session, ada) == [1, 2, 3]


def test_the_id_of_a_deleted_task_is_not_given_again(session: Session, ada: User):
    add(session, ada, 3)
    session.delete(session.get_one(Task, 3))
    session.flush()
    assert add(session, ada) == [4]
    assert session.exec(select(Task.id).order_by(Task.id)).all() == [1, 2, 4]


def test_after_all_are_deleted_ids_go_on(session: Session, ada: User):
    add(session, ada, 100)
    for task in session.exec(select(Task)):
        session.delete(task)
    session.flush()
    assert add(session, ada) == [101]


def test_an_id_that_was_rolled_back_is_not_given_again(session: Session, ada: User):
    add(session, ada)
    session.rollback()
    assert add(session, ada) == [2]


def test_an_id_of_ones_own_is_refused(session: Session, ada: User):
    session.add(Task(id=7, user_id="ada", title="Mine"))
    with pytest.raises(DBAPIError) as caught:
        session.flush()
    assert caught.value.orig.sqlstate == "428C9"
