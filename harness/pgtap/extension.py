"""CREATE EXTENSION pgtap and DROP EXTENSION pgtap, as existing files have them.

With the built-in library they work without the extension: PostgreSQL 18 finds our
control file by ``extension_control_path``; on older servers, and on named ones, the
runner sends a block in their place that puts the functions where they are asked for.
With ``--pgtap extension`` the real one is there already, and moves to where the file
wants it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from psycopg import sql

from harness.pgtap.library import COMMENT, extension_sql
from harness.postgres.psql import Statement
from harness.postgres.psql.bare import bare

Serve = Callable[[Statement], Statement | None]

_PGTAP = re.compile(r'(CREATE|DROP) EXTENSION (?:IF (?:NOT )?EXISTS )?"?PGTAP"?(?![\w"])')
_SCHEMA = re.compile(r'\bSCHEMA\s+("(?:[^"]|"")+"|[\w$]+)', re.IGNORECASE)


def native(statement: Statement) -> Statement | None:
    """Leave the statement to the server, which has our control file."""
    return statement


def in_place(statement: Statement) -> Statement | None:
    """Put the functions where CREATE EXTENSION asks for them; DROP leaves what is there."""
    match = _asked(statement)
    if match is None:
        return statement
    if match[1] == "DROP":
        return None
    return statement._replace(sql=_block(_schema(statement)))


def real(statement: Statement) -> Statement | None:
    """Move the real extension to where the file creates it."""
    match = _asked(statement)
    if match is None or match[1] == "DROP":
        return statement
    moved = _moved(_schema(statement), "IF NOT EXISTS" in bare(statement.sql))
    return statement._replace(sql=f"{moved}{statement.sql}", breaks=())


def _asked(statement: Statement) -> re.Match[str] | None:
    """The CREATE or DROP EXTENSION pgtap that a statement is, if it is one."""
    if statement.sql[:6].upper() == "SELECT":  # most are, and need no closer look
        return None
    return _PGTAP.match(bare(statement.sql))


def _schema(statement: Statement) -> str | None:
    """The schema that CREATE EXTENSION names, folded as the server folds it."""
    match = _SCHEMA.search(statement.sql)
    if match is None:
        return None
    name = match[1]
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


@cache
def _moved(schema: str | None, there_will_do: bool) -> str:
    """What makes room for CREATE EXTENSION; nothing is undone where it is as it is asked for."""
    template = (files("harness.pgtap") / "move_extension.sql").read_text("utf-8")
    return (
        template.replace("/* there already will do */ false", str(there_will_do).lower())
        .replace("/* schema */ NULL", sql.Literal(schema).as_string())
        .replace("/* comment */ ''", sql.Literal(COMMENT).as_string())
    )


@cache
def _block(schema: str | None) -> str:
    template = (files("harness.pgtap") / "create_extension.sql").read_text("utf-8")
    wanted = sql.Literal(schema).as_string()
    return template.replace("/* schema */ NULL", wanted).replace("/* library */", extension_sql())
