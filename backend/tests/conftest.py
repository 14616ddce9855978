"""An engine and a session on a fresh, migrated database for each test.

The harness' pytest plugin starts PostgreSQL, runs Alembic once, and clones the result: its
fixture ``database`` is a psycopg connection to the clone of one test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import URL, Engine
from sqlmodel import Session

from todo import User, create_engine
from todo import session as session_of


@pytest.fixture
def url(database: psycopg.Connection) -> URL:
    """Where the test's database is, for SQLAlchemy."""
    where = database.info
    query = {"host": where.host, "port": str(where.port)}
    return URL.create("postgresql+psycopg", where.user, database=where.dbname, query=query)


@pytest.fixture
def engine(url: URL) -> Iterator[Engine]:
    """The application's own engine."""
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session of no user, which may do everything. What a test leaves open is rolled back."""
    with Session(engine, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def user(engine: Engine) -> Callable[[str], User]:
    """``user("ada")``: a user with that id, committed."""

    def made(name: str) -> User:
        found = User(id=name, email=f"{name}@example.com")
        with session_of(engine) as db:
            db.add(found)
        return found

    return made


@pytest.fixture
def ada(user: Callable[[str], User]) -> User:
    """A user who can have tasks."""
    return user("ada")


@pytest.fixture
def bob(user: Callable[[str], User]) -> User:
    """Another one."""
    return user("bob")
