"""Row level security where the tables' owner is no superuser, as on Neon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from psycopg import sql
from sqlalchemy import URL
from sqlmodel import select
from todo import Task, User, create_engine, endpoints, session

from harness.cli.serve import url
from harness.postgres.cluster import Cluster
from tests.backend import alembic_config, new_database


@pytest.fixture
def owners_url(each_cluster: Cluster) -> Iterator[URL]:
    """A database of a role that may make roles; todo_app is nowhere."""
    with new_database(each_cluster) as database, each_cluster.connect() as maintenance:
        owner, name = sql.Identifier(f"owner_{database.name}"), sql.Identifier(database.name)
        kept = maintenance.execute("SELECT FROM pg_roles WHERE rolname = 'todo_app'").fetchone()
        if kept is not None:  # another database of this server has it
            maintenance.execute("ALTER ROLE todo_app RENAME TO todo_app_of_others")
        maintenance.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(owner))
        maintenance.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))
        yield endpoints.parse(url(database)).set(username=f"owner_{database.name}")
        with database.connect() as connection:
            connection.execute(sql.SQL("DROP OWNED BY todo_app, {}").format(owner))
        maintenance.execute(sql.SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(name))
        maintenance.execute(sql.SQL("DROP ROLE todo_app, {}").format(owner))
        if kept is not None:
            maintenance.execute("ALTER ROLE todo_app_of_others RENAME TO todo_app")


def test_an_owner_with_createrole_migrates_and_acts_for_a_user(owners_url: URL):
    command.upgrade(alembic_config(owners_url), "head")
    engine = create_engine(owners_url)
    with session(engine) as db:
        users = [User(email=f"{name}@example.com") for name in "ab"]
        db.add_all(users)
        db.flush()
        db.add_all(Task(user_id=user.id, title="Mine") for user in users)
    for user in users:
        with session(engine, user_id=user.id) as db:
            assert [task.user_id for task in db.exec(select(Task))] == [user.id]
    engine.dispose()
