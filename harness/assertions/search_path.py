"""SET search_path in test files: the library stays reachable.

Where pgTAP is installed in ``public``, ``SET search_path = app, public`` keeps it
reachable. Our library is in a schema of its own, so it is added at the end of every path
that a script sets: what the script finds without it, it finds unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from psycopg import sql

from harness.assertions.extension import Serve
from harness.script import Statement

_SET = re.compile(
    r"(?:\s|--[^\n]*\n)*SET\s+(?:(?:SESSION|LOCAL)\s+)?search_path\s*(?:=|\bTO\b)(?!\s*DEFAULT\b)[^;]*?(?=\s*;?\s*\Z)",
    re.IGNORECASE,
)


def keeping(schema: str, serve: Serve) -> Callable[[Statement], Statement | None]:
    """The same as ``serve``, with the schema added to every search path that is set."""
    library = sql.Identifier(schema).as_string()

    def served(statement: Statement) -> Statement | None:
        match = _SET.match(statement.sql)
        if match is None:
            return serve(statement)
        rest = statement.sql[match.end() :]
        return statement._replace(sql=f"{match[0]}, {library}{rest}")

    return served
