"""Where a connection goes, in the forms that a project's drivers understand."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import psycopg

from harness.sources.alembic.alembic_child.identity import IDENTITY


def conninfo(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """The parameters of a connection for libpq, its password and its database's identity.

    Where it went in the end counts, not the list of servers that it was to choose from.
    """
    info = connection.info
    given = {k: v for k, v in info.get_parameters().items() if v and k not in _ELSEWHERE}
    found = connection.execute(IDENTITY).fetchone()
    assert found is not None
    place = {"host": info.host, "port": str(info.port), "user": info.user, "dbname": info.dbname}
    secret = {"password": info.password} if info.password else {}
    return {**given, **place, **secret, "identity": str(found[0])}


_ELSEWHERE = {"service", "servicefile", "hostaddr", "options", "target_session_attrs"}
"""What has been decided by now, or is the harness' own affair."""


def url(connection: psycopg.Connection[Any]) -> str:
    """The URL of a connection, without its scheme and ``://``, and without a password.

    A socket's directory is a parameter that outdoes the host, which stands there for
    whoever insists on one. Nothing is escaped that need not be: ``%`` is more than projects
    expect that put a URL into Alembic's configuration. The password is in PGPASSWORD.
    """
    info = connection.info
    socket = info.host.startswith("/")
    where = f"localhost:{info.port}" if socket else f"{_bracketed(info.host)}:{info.port}"
    query = {"host": info.host, "port": info.port} if socket else {}
    options = f"?{urlencode(query, safe='/', quote_via=quote)}" if query else ""
    return f"{quote(info.user, safe='')}@{where}/{quote(info.dbname, safe='')}{options}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
