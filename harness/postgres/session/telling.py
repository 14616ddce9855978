"""What psql's variables tell a script: of the connection, and of what a statement gave."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import pq

from harness.postgres.session.answers import Answer, Failure
from harness.postgres.session.wire import CopyOut, Reply


def of_connection(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """What psql sets when it has connected. Its own version is that of libpq."""
    info, own = connection.info, pq.version()
    name = f"{own // 10_000}.{own % 10_000}"
    return {
        "DBNAME": info.dbname,
        "USER": info.user,
        "HOST": info.host,
        "PORT": str(info.port),
        "SERVER_VERSION_NAME": info.parameter_status("server_version") or "",
        "SERVER_VERSION_NUM": str(info.server_version),
        "VERSION": f"PostgreSQL {name}",
        "VERSION_NAME": name,
        "VERSION_NUM": str(own),
    }


def of_results(results: list[Reply], failure: Failure | None) -> dict[str, str]:
    """What psql sets after every statement."""
    if failure is None:
        last = results[-1] if results else None
        count = None if isinstance(last, CopyOut) or last is None else last.command_tuples
        return {"ERROR": "false", "SQLSTATE": "00000", "ROW_COUNT": str(count or 0)}
    return {
        "ERROR": "true",
        "SQLSTATE": failure.sqlstate,
        "ROW_COUNT": "0",
        "LAST_ERROR_SQLSTATE": failure.sqlstate,
        "LAST_ERROR_MESSAGE": failure.message,
    }


def gset(answer: Answer, prefix: str, variables: dict[str, str]) -> Answer:
    r"""Write the one row of a result into variables, as psql does."""
    if len(answer.rows) != 1:
        count = "more than one row" if answer.rows else "no rows"
        failure = Failure(f"{count} returned for \\gset", location=answer.location)
        variables.update(of_results([], Failure("")))  # psql gives no reason either
        return answer._replace(rows=(), failure=failure)
    for name, value in zip(answer.columns, answer.rows[0], strict=True):
        if value is None:
            variables.pop(prefix + name, None)
        else:
            variables[prefix + name] = value
    return answer._replace(rows=())
