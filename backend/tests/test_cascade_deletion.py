"""Tasks go with their user, and nothing else does."""

from __future__ import annotations

from sqlmodel import Session, select

from todo import Task, User


def test_deleting_a_user_deletes_that_users_tasks_only(session: Session, ada: User, bob: User):
    session.add_all(Task(user_id="ada", title=f"Task {n}") for n in range(50))
    session.add(Task(user_id="bob", title="Stays"))
    session.flush()
    session.delete(session.get_one(User, "ada"))
    session.flush()
    assert session.exec(select(Task.title)).all() == ["Stays"]
    assert session.exec(select(User.id)).all() == ["bob"]


def test_a_user_without_tasks_can_be_deleted(session: Session, ada: User):
    session.delete(session.get_one(User, "ada"))
    session.flush()
    assert session.exec(select(User)).all() == []


def test_deleting_the_last_task_leaves_the_user(session: Session, ada: User):
    task = Task(user_id="ada", title="Only one")
    session.add(task)
    session.flush()
    session.delete(task)
    session.flush()
    assert session.exec(select(User.id)).all() == ["ada"]
