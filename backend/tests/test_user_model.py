"""Users: accounts with whatever id the authentication service gave them, kept apart."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from todo import Task, User
from todo import session as session_of

Make = Callable[[str], User]


@pytest.mark.parametrize("name", ["user_123", "9f4d5c1e-3b7a-4e1d-8a52-6c0f7e9b2d41", "x" * 255])
def test_a_user_has_the_id_that_was_given(session: Session, user: Make, name: str):
    user(name)
    assert session.exec(select(User.id)).all() == [name]


def test_without_an_id_a_user_gets_a_random_uuid(session: Session):
    users = [User(email=f"{n}@example.com") for n in range(2)]
    session.add_all(users)
    session.flush()
    assert len({UUID(str(user.id)) for user in users}) == 2


def test_a_name_is_optional_and_may_be_shared(session: Session):
    names = [None, "Ada", "Ada"]
    session.add_all(User(email=f"{n}@example.com", name=name) for n, name in enumerate(names))
    session.flush()
    assert sorted(session.exec(select(User.name)).all(), key=str) == ["Ada", "Ada", None]


# --- row level security ----------------------------------------------------------------------


@pytest.fixture
def tasks(engine: Engine, ada: User, bob: User) -> None:
    """A task of each."""
    with session_of(engine) as db:
        db.add_all(Task(user_id=name, title=f"Of {name}") for name in ("ada", "bob"))


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_a_session_for_a_user_sees_that_users_rows(engine: Engine, tasks: None, name: str):
    with session_of(engine, user_id=name) as db:
        assert db.exec(select(Task.title)).all() == [f"Of {name}"]
        assert db.exec(select(User.id)).all() == [name]


def test_a_session_for_a_stranger_sees_nothing(engine: Engine, tasks: None):
    with session_of(engine, user_id="eve") as db:
        assert db.exec(select(Task)).all() == []
        assert db.exec(select(User)).all() == []


def test_a_user_works_with_the_own_tasks(engine: Engine, tasks: None):
    with session_of(engine, user_id="ada") as db:
        db.add(Task(user_id="ada", title="Another"))
        db.exec(select(Task).where(Task.title == "Of ada")).one().completed = True
    with session_of(engine, user_id="ada") as db:
        db.delete(db.exec(select(Task).where(Task.completed)).one())
    with session_of(engine) as db:
        assert sorted(db.exec(select(Task.title))) == ["Another", "Of bob"]


def test_a_user_writes_no_task_for_somebody_else(engine: Engine, tasks: None):
    with pytest.raises(DBAPIError) as caught, session_of(engine, user_id="ada") as db:
        db.add(Task(user_id="bob", title="Not mine"))
    assert caught.value.orig.sqlstate == "42501"
    with session_of(engine, user_id="ada") as db:
        changed = db.connection().execute(text("UPDATE tasks SET completed = TRUE"))
        assert changed.rowcount == 1, "a forgotten condition reaches the own task"
    with session_of(engine) as db:
        assert db.exec(select(Task.user_id).where(Task.completed)).all() == ["ada"]


def test_the_next_session_on_the_connection_is_nobodys(engine: Engine, tasks: None):
    who = text("SELECT pg_backend_pid(), current_user, current_setting('app.user_id', true)")
    with session_of(engine, user_id="ada") as db:
        backend, role, setting = db.connection().execute(who).one()
        assert (role, setting) == ("todo_app", "ada")
    with session_of(engine) as db:
        again, role, setting = db.connection().execute(who).one()
        assert again == backend
        assert role != "todo_app"
        assert not setting


@pytest.mark.parametrize("nobody", [None, ""])
def test_a_token_without_a_user_opens_no_session(engine: Engine, nobody: str | None):
    with pytest.raises(ValueError, match="user_id is empty"), session_of(engine, user_id=nobody):
        pass
