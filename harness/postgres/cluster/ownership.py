"""Which run a database on a named server belongs to, and whether that run still lives.

What a run makes on a server that outlives it carries a comment with the run's number. A database
has that number as its connection limit until it has its comment, since CREATE DATABASE cannot be in
one transaction with anything else: no server has so many connections. As long as
the run lives, one of its connections holds an advisory lock on that number, which every session of
the server can see in pg_locks, whichever database it is connected to. A run that was killed holds
none.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from harness.core.errors import ServerError

CLASS = 1_885_820_001
"""The first number of the advisory lock of a run; the second is the run's own."""
LEAST = 2**30
"""The smallest number of a run."""
MARK = "made by pgtap-harness, run "
"""What the comment begins with; the run's number follows."""
KEPT = "kept by pgtap-harness"
"""The comment of a database that somebody wants to look at: no other run removes it."""
APPLICATION = "pgtap-harness"


def number_of(mark: str) -> int:
    """The run's number in a comment."""
    return int(mark.removeprefix(MARK))


def create_role(connection: psycopg.Connection[Any], name: str, mark: str) -> None:
    """Make a role, with the comment of a run where there is one. Raises ServerError."""
    role = sql.Identifier(name)
    noted = sql.SQL("; COMMENT ON ROLE {} IS {}").format(role, sql.Literal(mark)) if mark else None
    statement = sql.SQL("CREATE ROLE {}").format(role)
    try:
        connection.execute(statement + noted if noted else statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise ServerError(
            f"{error.diag.message_primary}: name a server with a role that has CREATEROLE"
        ) from None


@contextmanager
def owning(connect: Callable[..., psycopg.Connection[Any]]) -> Iterator[str]:
    """Hold the lock of a new run; the comment for what it makes."""
    number = LEAST + secrets.randbelow(2**31 - LEAST)
    with connect(application_name=APPLICATION) as connection:
        connection.execute("SET idle_session_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (CLASS, number))
        yield f"{MARK}{number}"
