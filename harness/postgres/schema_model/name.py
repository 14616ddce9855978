"""Name: what a relation or function is called, within its schema."""

from __future__ import annotations

from typing import NamedTuple

from psycopg import sql


class Name(NamedTuple):
    """A schema-qualified name; ``str()`` is for people, ``identifier`` for SQL."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        """The name, quoted."""
        return sql.Identifier(self.schema, self.name)
