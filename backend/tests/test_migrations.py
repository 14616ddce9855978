"""Alembic takes an empty database up, down and up again, to what the models describe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

Snapshot = Callable[[psycopg.Connection], Any]


@pytest.fixture
def connection(empty_database: psycopg.Connection) -> Iterator[Connection]:
    """SQLAlchemy's connection to a database that has nothing."""
    where = empty_database.info.get_parameters()
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(**where),
        poolclass=sqlalchemy.pool.NullPool,
    )
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def alembic(connection: Connection) -> Config:
    """The project's configuration, on that connection."""
    config = Config(str(Path(__file__).parents[1] / "alembic.ini"))
    config.attributes["connection"] = connection
    return config


def without_versions(database: psycopg.Connection, snapshot: Snapshot) -> Any:
    """Everything but the table that Alembic keeps for itself."""
    with database.transaction(force_rollback=True):
        database.execute("DROP TABLE alembic_version")
        return snapshot(database)


def test_up_down_and_up_again(
    alembic: Config, empty_database: psycopg.Connection, snapshot: Snapshot
):
    empty = snapshot(empty_database)
    command.upgrade(alembic, "head")
    first = without_versions(empty_database, snapshot)
    assert {"public.users", "public.tasks"} <= set(first.objects["table"])
    command.downgrade(alembic, "base")
    assert without_versions(empty_database, snapshot) == empty
    command.upgrade(alembic, "head")
    assert without_versions(empty_database, snapshot) == first


def test_the_models_are_what_the_migrations_make(alembic: Config):
    command.upgrade(alembic, "head")
    command.check(alembic)  # raises where autogenerate would write something


def test_each_revision_can_be_taken_back_alone(
    alembic: Config, empty_database: psycopg.Connection, snapshot: Snapshot
):
    command.upgrade(alembic, "0001")
    before = snapshot(empty_database)
    command.upgrade(alembic, "+1")
    assert snapshot(empty_database) != before
    command.downgrade(alembic, "-1")
    assert snapshot(empty_database) == before
