"""Stand-in until the real one lands."""
from __future__ import annotations
from dataclasses import dataclass
from typing import Any
from collections.abc import Collection, Mapping
import psycopg

@dataclass(frozen=True)
class Catalog:
    objects: Mapping[str, str]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any], ignore: Collection[str] = ()) -> Catalog:
        rows = connection.execute("SELECT relkind::text || ' ' || relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchall()
        return cls(dict(rows))

    def difference(self, other: Catalog) -> str:
        return "\n".join(sorted(set(self.objects) ^ set(other.objects)))
