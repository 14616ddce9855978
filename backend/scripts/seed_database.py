#!/usr/bin/env python3
"""Fill the database with development data: two users, ten tasks (sql/seed.sql).

Safe to run again: what is there stays as it is. Refuses a database in which others have
registered. Exit codes: 0 the data is there; 1 refused, or the database refused; 2 it
could not be reached, or the options or settings are wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from todo import DatabaseSettings, SettingsError, create_engine, sql_files

SEED = Path(__file__).resolve().parents[2] / "sql" / "seed.sql"
EMAILS = ["ada@example.com", "bob@example.com"]
"""Whose data it is: the users that sql/seed.sql inserts."""

SEEDED, REFUSED, CANNOT_RUN = 0, 1, 2


class RefusedError(Exception):
    """Why nothing was inserted."""


class CannotRunError(Exception):
    """Why there is no connection; without the password."""


def main() -> int:
    """Seed the database of DATABASE_URL; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--force", action="store_true", help="even where others have registered")
    force = parser.parse_args().force
    try:
        with connect() as connection, connection.begin():
            print(seed(connection, force))
    except CannotRunError as error:
        return complain(str(error), CANNOT_RUN)
    except (RefusedError, DBAPIError, psycopg.Error) as error:
        return complain(explained(error), REFUSED)
    return SEEDED


def connect() -> Connection:
    """A connection to the database of the settings. Raises CannotRunError."""
    try:
        engine = create_engine(DatabaseSettings().url)
    except SettingsError as error:
        raise CannotRunError(str(error)) from None
    try:
        return engine.connect()
    except OperationalError as error:
        raise CannotRunError(f"cannot reach {engine.url}: {error.orig}") from None


def seed(connection: Connection, force: bool) -> str:
    """Insert what is missing; what was done, in words. Raises RefusedError."""
    # Nobody registers in between, and a second run waits for the first. Readers do not.
    connection.execute(text("LOCK TABLE users, tasks IN SHARE ROW EXCLUSIVE MODE"))
    if not force and (count := others(connection)):
        raise RefusedError(
            f"the database has {counted(count, 'other user')}; it may be somebody's."
            " Nothing was inserted; --force inserts all the same"
        )
    before = counts(connection)
    sql_files.execute(connection, SEED)
    users, tasks = (now - then for now, then in zip(counts(connection), before, strict=True))
    if not users and not tasks:
        return "all there already"
    return f"inserted {counted(users, 'user')} and {counted(tasks, 'task')}"


def others(connection: Connection) -> int:
    """How many users are not the seed's."""
    statement = text("SELECT count(*) FROM users WHERE email <> ALL (:emails)")
    return int(connection.execute(statement, {"emails": EMAILS}).scalar_one())


def counts(connection: Connection) -> tuple[int, int]:
    """How many users and tasks there are."""
    statement = text("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM tasks)")
    users, tasks = connection.execute(statement).one()
    return users, tasks


def counted(number: int, thing: str) -> str:
    """The number and its thing, in the plural unless it is one."""
    return f"{number} {thing}{'s' * (number != 1)}"


def explained(error: Exception) -> str:
    """The error in one message; a table that is missing means that no migration has run."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.UndefinedTable):
        return "the database has no tables yet; run: alembic upgrade head"
    return "\n".join([str(cause), *getattr(cause, "__notes__", [])])


def complain(message: str, code: int) -> int:
    """Print a message to standard error; the code."""
    print(f"seed_database: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
