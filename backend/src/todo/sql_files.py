"""The schema's SQL files, which a revision or a script runs as they are.

They are the one source of truth, in ``sql/`` beside ``backend/`` in the repository.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import psycopg
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection


def migrate(context: MigrationContext, revision: str, direction: Literal["up", "down"]) -> None:
    """Run the file in ``sql/migrations`` that has the name of a revision's; print it for ``--sql``.

    ``revision`` is the revision's ``__file__``.
    """
    path = Path(revision).resolve()
    path = path.parents[3] / "sql" / "migrations" / f"{path.stem}.{direction}.sql"
    if context.as_sql:
        context.impl.static_output(path.read_text("utf-8"))
        return
    assert context.connection is not None
    execute(context.connection, path)


def execute(connection: Connection, path: Path) -> None:
    """Run a file in the connection's transaction, as one message, nothing of it interpreted.

    So it may hold several statements, dollar quotes, ``%`` and ``:``. Raises psycopg.Error,
    with the file and, where the server says so, the line in its notes.
    """
    script = path.read_bytes()
    driver: psycopg.Connection[Any] | None = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        try:
            cursor.execute(script, prepare=False)
        except psycopg.Error as error:
            error.add_note(f"in {path}{_line(error, script.decode())}")
            raise


def _line(error: psycopg.Error, script: str) -> str:
    position = error.diag.statement_position  # in characters, from 1
    return f":{script.count(chr(10), 0, int(position) - 1) + 1}" if position else ""
