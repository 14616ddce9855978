"""Connections: an engine for either kind of endpoint, and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import EllipsisType

import sqlalchemy
from sqlalchemy import URL, Engine, event, text
from sqlmodel import Session

from todo import endpoints
from todo.transaction_mode import refuse_session_state

CONNECT_TIMEOUT = 10
"""Seconds, unless the URL says otherwise: a suspended Neon compute takes a few to wake up."""

# Until the transaction ends, so that nothing of it stays with a connection that others use next.
_ACT_FOR = text(
    "SELECT set_config('role', 'todo_app', true), set_config('app.user_id', :user_id, true)"
)


def create_engine(url: URL, pool_size: int = 5, pool_timeout: float = 10) -> Engine:
    """An engine for a URL of `Settings`, pooled or direct.

    Holds up to ``pool_size`` connections, and raises sqlalchemy.exc.TimeoutError for whoever
    has waited ``pool_timeout`` seconds for one. On a pooled endpoint nothing is prepared, and
    statements that only work within one server session raise TransactionModeError.
    """
    engine = sqlalchemy.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        pool_pre_ping=True,  # Neon closes connections when it suspends the compute
        pool_recycle=300,
        hide_parameters=True,  # values of rows stay out of error messages
        connect_args=connect_arguments(url),
    )
    if endpoints.pooled(url):
        event.listen(engine, "before_cursor_execute", refuse_session_state)
    return engine


def connect_arguments(url: URL) -> dict[str, object]:
    """What psycopg is told beyond what the URL says."""
    arguments: dict[str, object] = {}
    if "connect_timeout" not in url.query:
        arguments["connect_timeout"] = CONNECT_TIMEOUT
    if endpoints.pooled(url):
        # They stay with a server connection, and the next transaction has another one.
        arguments["prepare_threshold"] = None
    return arguments


@contextmanager
def session(engine: Engine, user_id: str | EllipsisType | None = ...) -> Iterator[Session]:
    """A session whose block is one transaction: committed at its end, rolled back on error.

    With ``user_id``, from a verified token, it acts as the role todo_app for that user:
    the database shows it no other user's rows and lets it write none. Without, it has all the
    rights of the engine's role, which maintenance needs. Objects stay readable after the commit.

    Raises ValueError where ``user_id`` is None or empty: a token without a user must not become
    a session that may do everything.
    """
    if user_id is not ... and not user_id:
        raise ValueError("user_id is empty: leave it out for a session of no user")
    with Session(engine, expire_on_commit=False) as opened, opened.begin():
        if user_id is not ...:
            opened.connection().execute(_ACT_FOR, {"user_id": user_id})
        yield opened
