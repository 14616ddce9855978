"""Constraint and Index: what the rows of a table must satisfy together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.postgres.schema_model.name import Name

Kind = Literal["check", "primary key", "unique", "foreign key", "exclude"]
Action = Literal["no action", "restrict", "cascade", "set null", "set default"]
Match = Literal["simple", "full", "partial"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table; NOT NULL is said by `Column.not_null` on every version."""

    table: Name
    name: str
    kind: Kind
    columns: tuple[str, ...]
    """In the constraint's order; ``""`` is an expression of an EXCLUDE."""
    definition: str
    """``pg_get_constraintdef``, names qualified."""
    expression: str | None
    """Of a CHECK: its condition as SQL over the table's unqualified columns."""
    deferrable: bool
    deferred: bool
    """INITIALLY DEFERRED."""
    validated: bool
    enforced: bool
    """False for NOT ENFORCED, from PostgreSQL 18."""
    inherited: bool
    """It comes from a parent table or the partitioned one."""
    no_inherit: bool
    nulls_not_distinct: bool
    period: bool
    """WITHOUT OVERLAPS, or a foreign key's PERIOD, from PostgreSQL 18."""
    index: str | None
    """Of a key or EXCLUDE: the index that enforces it, in the table's schema."""
    operators: tuple[str, ...]
    """Of an EXCLUDE: names, such as ``"&&"``, one a column."""
    target: Name | None
    target_columns: tuple[str, ...]
    on_delete: Action | None
    on_update: Action | None
    match: Match | None
    on_delete_columns: tuple[str, ...]
    """Of SET NULL or SET DEFAULT (columns), from PostgreSQL 15; empty is all."""

    @property
    def is_key(self) -> bool:
        """A primary key or UNIQUE."""
        return self.kind in ("primary key", "unique")

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Index:
    """An index, those of constraints included."""

    table: Name
    name: str
    method: str
    unique: bool
    primary: bool
    exclusion: bool
    valid: bool
    immediate: bool
    """Uniqueness is checked at once, not at the statement's or transaction's end."""
    nulls_not_distinct: bool
    columns: tuple[str | None, ...]
    """Key columns in order; None is an expression. INCLUDEd ones are left out."""
    keys: tuple[str, ...]
    """The same as SQL: quoted names and expressions."""
    reads: tuple[str, ...]
    """Every column that a key, expression or predicate reads."""
    predicate: str | None
    definition: str
    constraint: str | None
    """The constraint that it enforces."""
    inherited: bool
    """It is a partition of the partitioned table's index."""

    def __str__(self) -> str:
        return self.name
