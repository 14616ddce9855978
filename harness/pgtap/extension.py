"""CREATE EXTENSION pgtap and DROP EXTENSION pgtap, as existing files have them.

With the built-in library they work without the extension: PostgreSQL 18 finds our
control file by ``extension_control_path``; on older servers, and on named ones, the
runner sends a block in their place that puts the functions where they are asked for.
With ``--pgtap extension`` the real one is there already, and moves to where the file
wants it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from harness.pgtap.library import extension_sql
from harness.postgres.psql import Statement
from harness.postgres.psql.lexer import bare
from harness.postgres.standins import COMMENT, created_schema, giving_up

Serve = Callable[[Statement], Statement | None]

_PGTAP = re.compile(r'(CREATE|DROP) EXTENSION (?:IF (?:NOT )?EXISTS )?"?PGTAP"?(?![\w"])')
_LISTS = re.compile(r"\s*SELECT\b.*\bschemas_are\s*\(", re.IGNORECASE | re.DOTALL)
_SCHEMA = re.compile(r'\bSCHEMA\s+("(?:[^"]|"")+"|[\w$]+)', re.IGNORECASE)


def native(schema: str) -> Serve:
    """Leave the statement to the server, which has our control file.

    Unless the functions are wanted in the schema in which the library has them already.
    """

    def served(statement: Statement) -> Statement | None:
        match = _asked(statement)
        there = match is not None and match[1] == "CREATE" and _schema(statement) == schema
        return None if there else statement

    return served


def in_place(statement: Statement) -> Statement | None:
    """Put the functions where CREATE EXTENSION asks for them; DROP leaves what is there."""
    match = _asked(statement)
    if match is None:
        return statement
    if match[1] == "DROP":
        return None
    return statement._replace(sql=_block(_schema(statement)))


def real(statement: Statement) -> Statement | None:
    """Move the real extension to where the file creates it.

    Where no file does, it is where most people have it, in public, once a file lists all schemas.
    """
    if _LISTS.match(statement.sql):
        return statement._replace(sql=f"{_aside()}{statement.sql}", breaks=())
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
def _aside() -> str:
    """What takes the schema that was made for the extension out of the way."""
    template = (files("harness.pgtap") / "step_aside.sql").read_text("utf-8")
    return template.replace("/* comment */ ''", sql.Literal(COMMENT).as_string())


@cache
def _block(schema: str | None) -> str:
    template = (files("harness.pgtap") / "create_extension.sql").read_text("utf-8")
    wanted = sql.Literal(schema).as_string()
    return template.replace("/* schema */ NULL", wanted).replace("/* library */", extension_sql())


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


def making_way(schema: str, serve: Serve) -> Serve:
    """The same as ``serve``, and a script may create a schema that is called as the library's."""

    def served(statement: Statement) -> Statement | None:
        made = created_schema(statement)
        if made is not None and made.strip('"').lower() == schema.lower():
            return giving_up(statement)
        return serve(statement)

    return served


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


_SECTION = re.compile(r"^--# (?P<names>.+)\n(?P<sql>(?:(?!^--# ).*\n)*)", re.MULTILINE)
_MADE = re.compile(
    r"""\b(?:FUNCTION|TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?
    (?:[\w$]+\s*\.\s*|"[^"]+"\s*\.\s*)?"?(_[a-z_]+)"?""",
    re.IGNORECASE | re.VERBOSE,
)
_THERE = """
    SELECT proname FROM pg_catalog.pg_proc
    WHERE proname = ANY (%s) AND pronamespace <> 'pg_catalog'::regnamespace
"""


@cache
def _definitions() -> dict[str, str]:
    """Name -> the section that makes it, with what belongs to it."""
    text = (files("harness.pgtap") / "private_names.sql").read_text("utf-8")
    sections = _SECTION.finditer(text)
    return {name: section["sql"] for section in sections for name in section["names"].split()}


@cache
def _called() -> re.Pattern[str]:
    functions = [name for name in _definitions() if name != _STATE]
    return re.compile(rf"(?<![\w$])({'|'.join(functions)})\s*\(|\b({_STATE})\b")


_STATE = "__tcache__"
"""pgTAP's table of its state: a temporary view of a session, no function."""


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """Which of pgTAP's private names the statements of a script use and do not make."""
    text = "\n".join(one for one in texts if "_" in one)
    if not _MAY_USE.search(text):
        return ()
    used = {match[1] or match[2] for match in _called().finditer(text)}
    made = {match[1].lower() for match in _MADE.finditer(text)} if used else set()
    return tuple(sorted(used - made))


_MAY_USE = re.compile(r"(?<![\w$])_[a-z_]+\s*\(|__tcache__")


def lend(connection: psycopg.Connection[Any], borrowed: tuple[str, ...], schema: str) -> None:
    """Create those that the database, or this session, has not, in the schema of the library."""
    from harness.pgtap.library import in_schema

    there = {name for (name,) in connection.execute(_THERE, [list(borrowed)])}
    wanted = {_definitions()[name]: None for name in borrowed if name not in there}
    if not wanted:
        return
    for section in wanted:
        connection.execute(in_schema(section, schema).encode())
    # Whatever the default privileges are that the schema under test has altered.
    grant = "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {} TO PUBLIC"
    connection.execute(sql.SQL(grant).format(sql.Identifier(schema)))
