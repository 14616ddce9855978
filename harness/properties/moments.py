"""Moments: when what is deferrable looks at rows, and how that is put back within a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from psycopg import sql

from harness.postgres.schema_model import Schema


@dataclass(frozen=True, slots=True)
class Moments:
    """Statements for a schema; both are empty where nothing is deferrable."""

    kept: str
    """Right after SAVEPOINT: ROLLBACK TO it brings every moment back.

    PostgreSQL remembers, for the savepoint in which SET CONSTRAINTS is said, what was set before.
    What was said in one that was released is not taken back with the savepoints around it, unless
    something was said in these first. So one constraint is told what it does anyway.
    """
    settling: str
    """All that waits for the end looks now, and waits again from then on."""

    @classmethod
    def of(cls, schema: Schema) -> Self | None:
        """None where a name stands for constraints that are not looked at in the same moment."""
        modes: dict[tuple[str, str], set[str]] = {}
        for table in schema:
            found = [(one.name, one.deferrable, one.deferred) for one in table.constraints]
            found += [(one.name, one.deferrable, one.deferred) for one in table.triggers]
            for name, deferrable, deferred in found:
                mode = "DEFERRED" if deferred else "IMMEDIATE" if deferrable else ""
                modes.setdefault((table.name.schema, name), set()).add(mode)
        waiting = {name: mode for name, mode in modes.items() if mode != {""}}
        if any(len(mode) > 1 for mode in waiting.values()):
            return None
        names = {mode: [n for n, one in waiting.items() if mode in one] for mode in _MODES}
        first = next((_set([some[0]], mode) for mode, some in names.items() if some), "")
        later = names["DEFERRED"]
        settling = f"{_set(later, 'IMMEDIATE')}; {_set(later, 'DEFERRED')}" if later else ""
        return cls(first, settling)


_MODES = ("DEFERRED", "IMMEDIATE")


def _set(names: list[tuple[str, str]], mode: str) -> str:
    listed = sql.SQL(", ").join(sql.Identifier(*name) for name in names)
    return f"SET CONSTRAINTS {listed.as_string()} {mode}"
