r"""What a script needs: a shared database, a clone of its own, or the server to itself.

A script that does all of its work inside transactions that it rolls back can run on a
database that other scripts use before and after it, since the few things that a rollback
leaves behind are put back (harness.postgres.database.restore). Everything else gets a clone.

The text only chooses: what a script commits in ways that it does not show (``\\gexec``, a second
connection) is found by asking the server afterwards (harness.sqltests.databases).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from enum import IntEnum

from harness.postgres.psql import Script, Statement
from harness.postgres.psql.lexer import bare

_BEGIN = re.compile(r"(?:BEGIN|START TRANSACTION)\b")
_ROLLBACK = re.compile(r"(?:ROLLBACK|ABORT)\b(?! PREPARED)(?!.*\bTO\b)")
_COMMIT = re.compile(r"(?:^|; ?)(?:COMMIT|END|PREPARE TRANSACTION|ROLLBACK PREPARED)\b")
_SESSION_ONLY = re.compile(r"(?:SET|RESET|SHOW|LISTEN|UNLISTEN|DISCARD|PREPARE|DEALLOCATE)\b")
_EXTENSION = re.compile(r'CREATE EXTENSION IF NOT EXISTS "?PGTAP"?(?![\w"])(?!.*\bCASCADE\b)')
"""What can be there already when a script asks for it."""


class Isolation(IntEnum):
    """How far apart from others a file runs."""

    SHARED = 0
    """In a database that others use before and after it."""
    CLONE = 1
    """In a database of its own."""
    SERVER = 2
    """In a database of its own, while nothing else runs on the server."""


def needed(statements: Iterable[Statement]) -> Isolation:
    """What a script needs, by its statements, all of which are read."""
    remaining = iter(statements)
    found = Isolation.SHARED if _rolls_back(remaining) else Isolation.CLONE
    deque(remaining, maxlen=0)
    return found


def header(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """What a script that rolls back does before its first transaction, if that is for others, too.

    CREATE EXTENSION IF NOT EXISTS pgtap outside a transaction stays. It takes as long as hundreds
    of assertions, so scripts that begin with the same statements share a database that has it.
    """
    found = []
    for statement in statements:
        if _BEGIN.match(bare(statement.sql)):
            break
        found.append(statement)
    return tuple(found) if any(_EXTENSION.match(bare(s.sql)) for s in found) else ()


def texts(script: Script) -> list[str]:
    """What a script may send: the whole of it where it has no commands, else its statements."""
    if b"\\" in script.content:
        return [statement.sql for statement in script.statements()]
    return [script.content.decode("utf-8", "replace")]


def _rolls_back(statements: Iterator[Statement]) -> bool:
    """Whether a script leaves nothing that a rollback does not undo."""
    in_transaction = began = False
    for statement in statements:
        if in_transaction and _is_plain_select(statement.sql):
            continue
        text = bare(statement.sql)
        if _COMMIT.search(text):
            return False
        if _BEGIN.match(text):
            in_transaction = began = True
        elif _ROLLBACK.match(text):
            in_transaction = False
        elif not (in_transaction or _SESSION_ONLY.match(text)) and (
            began or not _EXTENSION.match(text)
        ):
            return False
    return began


def _is_plain_select(sql: str) -> bool:
    """Whether a statement can only be one SELECT: most are, and need no closer look."""
    return sql[:6].upper() == "SELECT" and ";" not in sql[:-1]
