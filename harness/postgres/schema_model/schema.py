"""Schema: every table of a database, and their sequences."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg

from harness.core.errors import ConfigError
from harness.core.text import closest
from harness.postgres.schema_model.constraint import Constraint
from harness.postgres.schema_model.name import Name
from harness.postgres.schema_model.reading import read
from harness.postgres.schema_model.sequence import Sequence
from harness.postgres.schema_model.table import Table


@dataclass(frozen=True)
class Schema:
    """The user tables, views and sequences of a database, by name."""

    tables: tuple[Table, ...]
    sequences: tuple[Sequence, ...]
    encoding: str = "UTF8"
    """The database's, in PostgreSQL's spelling: what a text value can hold."""
    materialized: tuple[Table, ...] = ()
    """The materialized views, which are no tables: nothing but REFRESH puts rows into them."""

    @classmethod
    def read(
        cls,
        connection: psycopg.Connection[Any],
        ignore: Collection[str] = (),
        bookkeeping: Collection[str] = (),
    ) -> Schema:
        """Read the connection's database, inside a transaction of the caller's or outside.

        Left out are system schemas, those in ``ignore``, members of extensions, and the
        tables in ``bookkeeping``, ``"schema.name"`` or ``"name"`` in any schema, with their
        sequences.
        """
        return cls.made(*read(connection, list(ignore)), bookkeeping)

    @classmethod
    def made(
        cls,
        tables: Collection[Table],
        sequences: Collection[Sequence],
        encoding: str,
        bookkeeping: Collection[str] = (),
    ) -> Schema:
        """The schema that has these, without the tables in ``bookkeeping``."""
        known = [t for t in tables if not {str(t), t.name.name} & set(bookkeeping)]
        left_out = {table.name for table in tables} - {table.name for table in known}
        kept = tuple(table for table in known if table.kind != "materialized")
        materialized = tuple(table for table in known if table.kind == "materialized")
        numbers = tuple(sequence for sequence in sequences if sequence.table not in left_out)
        return cls(kept, numbers, encoding, materialized)

    @cached_property
    def by_name(self) -> dict[Name, Table]:
        """The tables by qualified name."""
        return {table.name: table for table in self.tables}

    def table(self, name: str | Name | Table) -> Table:
        """The table called ``"schema.name"``, or ``"name"`` in public or the only schema with it.

        Raises ConfigError, with the nearest name, where there is none or more than one.
        """
        if isinstance(name, Table):
            return name
        found = self._called(name)
        if len(found) > 1:
            found = [table for table in found if table.name.schema == "public"] or found
        if len(found) == 1:
            return found[0]
        raise ConfigError(_unknown(str(name), found or self.tables, bool(found)))

    def _called(self, name: str | Name) -> list[Table]:
        if isinstance(name, Name):
            return [self.by_name[name]] if name in self.by_name else []
        bare = [table for table in self.tables if table.name.name == name]
        return bare or [table for table in self.tables if str(table) == name]

    def references(self, table: Table) -> tuple[Constraint, ...]:
        """The foreign keys of any table that refer to this one."""
        return tuple(self._references.get(table.name, ()))

    @cached_property
    def _references(self) -> dict[Name | None, list[Constraint]]:
        found: dict[Name | None, list[Constraint]] = {}
        for key in (key for table in self.tables for key in table.foreign_keys):
            found.setdefault(key.target, []).append(key)
        return found

    @cached_property
    def defers(self) -> bool:
        """Whether a constraint may wait for the end of a transaction."""
        return any(key.deferrable for table in self.tables for key in table.constraints)

    def sequence_of(self, table: Table, column: str) -> Sequence | None:
        """The sequence that feeds an identity column, or that a serial column owns."""
        owned = (s for s in self.sequences if s.table == table.name and s.column == column)
        return next(owned, None)

    def leaves(self, table: Table) -> Iterator[Table]:
        """The partitions of a partitioned table that hold rows, at any depth."""
        for name in table.children:
            child = self.by_name.get(name)
            if child and child.is_partition:
                yield from self.leaves(child) if child.kind == "partitioned" else (child,)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


def _unknown(name: str, tables: Collection[Table], ambiguous: bool) -> str:
    if ambiguous:
        return f"table {name}: in more than one schema; write {' or '.join(map(str, tables))}"
    known = {str(t): str(t) for t in tables} | {t.name.name: str(t) for t in tables}
    near = closest(name, known)
    return f"table {name}: there is none" + (f"; did you mean {known[near]}?" if near else "")
