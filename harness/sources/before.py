"""What is there before the first migration: the files of ``before``, and roles made for a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from harness.postgres.cluster.ownership import create_role
from harness.postgres.psql import Statement
from harness.sources.base import MigrationError
from harness.sources.remedies import need_of
from harness.sources.running import afresh
from harness.sources.sql_dir import run_file

_CREATE_ROLE = re.compile(
    r"(?:\s|--[^\n]*\n)*CREATE\s+(?:ROLE|USER(?!\s+MAPPING)|GROUP)\s+"
    r'(?P<name>"(?:[^"]|"")+"|[\w$]+)',
    re.IGNORECASE,
)
MOST_ROLES = 100
"""Roles that are made for a run at most."""
Made = TypeVar("Made")


def run(connection: psycopg.Connection[Any], paths: Sequence[Path]) -> None:
    """Run the files of ``before`` in an empty database. Raises MigrationError, ScriptError.

    A role that is there already is not made again: a run has several databases on one server.
    """
    for path in paths:
        run_file(connection, path, partial(unless_there, connection))
    afresh(connection)


def unless_there(connection: psycopg.Connection[Any], statement: Statement) -> Statement | None:
    """The statement; None for one that creates a role which exists."""
    found = _CREATE_ROLE.match(statement.sql)
    if found is None:
        return statement
    there = connection.execute("SELECT to_regrole(%s) IS NOT NULL", [found["name"]]).fetchone()
    return None if there == (True,) else statement


def missing_role(error: MigrationError) -> str | None:
    """The role that a migration names and nobody has made; None for any other error."""
    need = need_of(error.failure)
    return need.name if need is not None and need.kind == "role" else None


def with_roles(
    attempt: Callable[[], Made],
    connect: Callable[[], psycopg.Connection[Any]],
    made: list[str],
    mark: str = "",
) -> Made:
    """What ``attempt`` returns, once each role that it misses has been made; ``made`` gets them.

    ``mark`` is the comment that they are given, if any.

    Raises MigrationError for any other failure.
    """
    while True:
        try:
            return attempt()
        except MigrationError as error:
            name = missing_role(error)
            if name is None or name in made or len(made) >= MOST_ROLES:
                raise
            with connect() as connection:
                create_role(connection, name, mark)
            made.append(name)
