"""What does not work through PgBouncer in transaction mode, refused before it is sent.

There, each transaction may get another server connection, and what a transaction leaves
behind in its server session (a setting, a lock, a temporary table) is found by whoever
gets that connection next. PgBouncer lets all of it pass without an error.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection

_COMMENTS_AND_LITERALS = re.compile(r"(--[^\n]*|/\*.*?\*/)|'(?:[^']|'')*'", re.DOTALL)
_START = r"(?:^|;)\s*"
_REMEDIES = [
    (_START + r"SET\b(?!\s+(LOCAL|TRANSACTION|CONSTRAINTS)\b)", "write SET LOCAL"),
    (
        r"\bset_config\s*\((?!([^()]|\([^()]*\))*,\s*true\s*\))",
        "write set_config(name, value, true), with true in the statement itself",
    ),
    (
        r"\bpg_(try_)?advisory_(lock|unlock)(_shared|_all)?\s*\(",
        "take pg_advisory_xact_lock or pg_try_advisory_xact_lock, which end with the transaction",
    ),
    (_START + r"(LISTEN|LOAD|PREPARE(?!\s+TRANSACTION))\b", "connect to the direct endpoint"),
    (_START + r"DECLARE\b[^;]*\bWITH\s+HOLD\b", "read the cursor within its transaction"),
    (
        _START + r"CREATE\s+((GLOBAL|LOCAL)\s+)?TEMP(ORARY)?\b(?![^;]*\bON\s+COMMIT\s+DROP\b)",
        "add ON COMMIT DROP",
    ),
]
_REFUSED = [(re.compile(pattern, re.IGNORECASE), remedy) for pattern, remedy in _REMEDIES]


class TransactionModeError(Exception):
    """A statement whose effect would outlive its transaction, with what to write instead."""


def refuse_session_state(
    connection: Connection, cursor: Any, statement: str, *arguments: Any
) -> None:
    """SQLAlchemy's ``before_cursor_execute``. Raises TransactionModeError."""
    bare = _COMMENTS_AND_LITERALS.sub(lambda found: " " if found[1] else "''", statement)
    for pattern, remedy in _REFUSED:
        if found := pattern.search(bare):
            what = " ".join(found[0].strip("; (\n").split())
            raise TransactionModeError(
                f"{what}: reaches beyond its transaction, and the pooled endpoint"
                f" (PgBouncer in transaction mode) shares server sessions; {remedy}"
            )
