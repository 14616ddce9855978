"""What the database refuses, whoever asks."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, select

from todo import Task, User

REFUSED = {
    "email taken": (User(id="eve", email="ada@example.com"), "23505", "users_email_key"),
    "id taken": (User(id="ada", email="eve@example.com"), "23505", "users_pkey"),
    "no email": (User(id="eve"), "23502", None),
    "task of nobody": (Task(title="Whose?"), "23502", None),
    "task of a stranger": (Task(user_id="eve", title="Hers"), "23503", "tasks_user_id_fkey"),
    "no title": (Task(user_id="ada"), "23502", None),
    "title too long": (Task(user_id="ada", title="x" * 201), "22001", None),
}


@pytest.mark.parametrize(("row", "sqlstate", "constraint"), REFUSED.values(), ids=REFUSED)
def test_a_row_is_refused(
    session: Session, ada: User, row: SQLModel, sqlstate: str, constraint: str | None
):
    session.add(type(row)(**row.model_dump(exclude_unset=True)))  # the rows are shared
    with pytest.raises(DBAPIError) as caught:
        session.flush()
    assert caught.value.orig.sqlstate == sqlstate
    if constraint:
        assert caught.value.orig.diag.constraint_name == constraint


def test_a_task_needs_an_owner_and_a_title_of_up_to_200_characters(session: Session, ada: User):
    task = Task(user_id="ada", title="é" * 200)
    session.add(task)
    session.commit()
    session.refresh(task)
    assert (task.title, task.description, task.completed) == ("é" * 200, None, False)


def test_a_task_is_not_handed_to_a_stranger(session: Session, ada: User):
    session.add(Task(user_id="ada", title="Mine"))
    session.flush()
    session.exec(select(Task)).one().user_id = "eve"
    with pytest.raises(DBAPIError) as caught:
        session.flush()
    assert caught.value.orig.sqlstate == "23503"
