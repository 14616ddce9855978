"""Moments: when what is deferrable looks at rows, and how that is put back within a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg import sql

from harness.properties.statement_result import send


@dataclass(frozen=True, slots=True)
class Moments:
    """Statements for a database; both are empty where nothing is deferrable."""

    kept: str
    """Right after SAVEPOINT: ROLLBACK TO it brings every moment back.

    PostgreSQL remembers, for the savepoint in which SET CONSTRAINTS is said, what was set before.
    What was said in one that was released is not taken back with the savepoints around it, unless
    something was said in these first. So one constraint is told what it does anyway.
    """
    settling: str
    """All that waits for the end looks now, and waits again from then on."""

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Self | None:
        """Those of a database. None where a name stands for what looks at different moments."""
        rows = send(connection, _WAITING).rows
        if any(row["alike"] != "t" for row in rows):
            return None
        names: dict[str, list[tuple[str, str]]] = {mode: [] for mode in _MODES}
        for row in rows:
            name = row["schema"] or "", row["name"] or ""
            names[row["mode"] or ""].append(name)
        first = next((_set([some[0]], mode) for mode, some in names.items() if some), "")
        later = names["DEFERRED"]
        settling = f"{_set(later, 'IMMEDIATE')}; {_set(later, 'DEFERRED')}" if later else ""
        return cls(first, settling)


_WAITING = """
    SELECT n.nspname AS schema, c.conname AS name,
           CASE WHEN bool_or(c.condeferred) THEN 'DEFERRED' ELSE 'IMMEDIATE' END AS mode,
           bool_and(c.condeferrable) AND bool_or(c.condeferred) = bool_and(c.condeferred) AS alike
    FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
    GROUP BY n.nspname, c.conname
    HAVING bool_or(c.condeferrable)
    ORDER BY n.nspname, c.conname
"""
_MODES = ("DEFERRED", "IMMEDIATE")


def _set(names: list[tuple[str, str]], mode: str) -> str:
    listed = sql.SQL(", ").join(sql.Identifier(*name) for name in names)
    return f"SET CONSTRAINTS {listed.as_string()} {mode}"
