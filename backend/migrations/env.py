"""Alembic's environment: where it runs, and with what.

Where, the first that there is: a connection that the caller gives as
``config.attributes["connection"]``; ``-x url=URL``; ``sqlalchemy.url``, if the caller has set
it; DATABASE_URL. A pooled endpoint is replaced by its direct one: a migration needs one server
session from beginning to end.
"""

from __future__ import annotations

from logging.config import fileConfig
from typing import Any

import sqlalchemy
from alembic import context
from alembic.util import CommandError
from sqlalchemy import URL, Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from todo import endpoints
from todo.config import DatabaseSettings, SettingsError
from todo.database import connect_arguments
from todo.models import Base

CONFIGURATION: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "compare_type": True,
    "compare_server_default": True,
    # Each file is applied or not, as where they are run without Alembic.
    "transaction_per_migration": True,
}


def database_url() -> URL:
    """The direct endpoint's URL. Raises CommandError, of which Alembic prints the message."""
    given = context.get_x_argument(as_dictionary=True).get("url")
    given = given or context.config.get_main_option("sqlalchemy.url")
    problem = ""
    try:
        return endpoints.direct(endpoints.parse(given)) if given else DatabaseSettings().direct_url
    except SettingsError as error:
        problem = str(error)
    except ValueError as error:
        problem = f"the URL given to Alembic {error}"
    raise CommandError(problem)


def connect() -> Connection:
    """A connection of our own. Raises CommandError, without the password."""
    url = database_url()
    engine = sqlalchemy.create_engine(url, poolclass=NullPool, connect_args=connect_arguments(url))
    try:
        return engine.connect()
    except OperationalError as error:
        problem = f"cannot connect to {url}: {error.orig}"
    raise CommandError(problem)


def run_on(connection: Connection) -> None:
    """Run what was asked for."""
    context.configure(connection=connection, **CONFIGURATION)
    with context.begin_transaction():
        context.run_migrations()


def run_offline() -> None:
    """Print it as SQL (``--sql``), for which no database is needed."""
    context.configure(dialect_name="postgresql", literal_binds=True, **CONFIGURATION)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run it on the caller's connection, which stays open, or on one of our own."""
    given = context.config.attributes.get("connection")
    if given is not None:
        run_on(given)
        return
    with connect() as connection:
        run_on(connection)


if context.config.cmd_opts is not None and context.config.config_file_name:
    # On the command line only: whoever calls Alembic has logging of their own.
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    run_offline()
else:
    run_online()
