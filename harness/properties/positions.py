"""Where sequences stand on a connection, and how they come to stand there again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg import sql

_EVERY = """
    SELECT n.nspname, c.relname FROM pg_catalog.pg_sequence AS s
    JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relpersistence <> 't'
    ORDER BY c.oid
"""
_MOVED = """
    SELECT n.nspname, c.relname, pg_catalog.pg_sequence_last_value(s.seqrelid)
    FROM pg_catalog.pg_sequence AS s
    JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE pg_catalog.pg_sequence_last_value(s.seqrelid) IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Positions:
    """Schema and name of each sequence -> its last value, and whether it has given that."""

    connection: psycopg.Connection[Any]
    at: dict[tuple[str, str], tuple[int, bool]]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Self:
        """Those of now, outside of any transaction."""
        names = connection.execute(_EVERY).fetchall()
        looks = [
            sql.SQL("SELECT {}, last_value, is_called FROM {}").format(n, sql.Identifier(*name))
            for n, name in enumerate(names)
        ]
        query = sql.SQL(" UNION ALL ").join(looks)
        rows = connection.execute(query).fetchall() if looks else []
        return cls(connection, {names[n]: (last, called) for n, last, called in rows})

    def put_back(self) -> None:
        """Have every sequence stand where it stood; no rollback does that."""
        moved = {(s, n): last for s, n, last in self.connection.execute(_MOVED).fetchall()}
        calls = [
            sql.SQL("pg_catalog.setval({}::regclass, {}, {})").format(
                sql.Identifier(*name).as_string(), last, called
            )
            for name, (last, called) in self.at.items()
            if name in moved and (not called or moved[name] != last)
        ]
        if calls:
            self.connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls)))
