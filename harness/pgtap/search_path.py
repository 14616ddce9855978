"""SET search_path in test files: the library stays reachable.

Where pgTAP is installed in ``public``, ``SET search_path = app, public`` keeps it
reachable. Our library is in a schema of its own, so it is added at the end of every path
that a script sets: what the script finds without it, it finds unchanged. A path that
``set_config()`` or a DO block sets is known afterwards, so it is added then.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from psycopg import sql

from harness.pgtap.extension import Serve
from harness.postgres.psql import Statement

_SET = re.compile(
    r"(?:\s|--[^\n]*\n)*SET\s+(?:(?:SESSION|LOCAL)\s+)?search_path\s*(?:=|\bTO\b)(?!\s*DEFAULT\b)[^;]*?(?=\s*;?\s*\Z)",
    re.IGNORECASE,
)

_MAY_SET = re.compile(
    r"\bset_config\s*\(\s*'search_path'|^(?:\s|--[^\n]*\n)*DO\b(?!.*\b(?:COMMIT|ROLLBACK)\b)",
    re.IGNORECASE | re.DOTALL,
)
_VALUE = r"(?:[^(),']|'[^']*'|\((?:[^()']|'[^']*')*\))*"
_LOCAL = re.compile(
    rf"\bset_config\s*\(\s*'search_path'\s*,{_VALUE},\s*'?t(?:rue)?'?\s*\)|\bSET\s+LOCAL\b",
    re.IGNORECASE,
)
_AND_ADD = sql.SQL("""
;DO $harness$ BEGIN
    IF {name} <> ALL (pg_catalog.current_schemas(false)) THEN
        PERFORM pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ',
            NULLIF(pg_catalog.current_setting('search_path'), ''), {quoted}), {local});
    END IF;
END $harness$""")


def keeping(schema: str, serve: Serve) -> Callable[[Statement], Statement | None]:
    """The same as ``serve``, with the schema added to every search path that is set."""
    library = sql.Identifier(schema).as_string()
    afterwards = [_added(schema, library, local) for local in (False, True)]

    def served(statement: Statement) -> Statement | None:
        text = statement.sql
        if match := _SET.match(text):
            return statement._replace(sql=f"{match[0]}, {library}{text[match.end() :]}")
        if "search_path" in text.lower() and _MAY_SET.search(text):
            return statement._replace(sql=text + afterwards[bool(_LOCAL.search(text))])
        return serve(statement)

    return served


def _added(schema: str, library: str, local: bool) -> str:
    """A statement that adds the library to the path, for the transaction or the session."""
    name, quoted = sql.Literal(schema), sql.Literal(library)
    return _AND_ADD.format(name=name, quoted=quoted, local=sql.Literal(local)).as_string()
