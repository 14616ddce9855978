"""Table and Column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from psycopg import sql

from harness.postgres.schema_model.constraint import Constraint, Index
from harness.postgres.schema_model.name import Name
from harness.postgres.schema_model.trigger import Trigger
from harness.postgres.schema_model.type import Modifier, Type

Command = Literal["insert", "update", "delete", "select"]
TableKind = Literal["ordinary", "partitioned", "partition", "foreign", "view", "materialized"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or view."""

    table: Name
    name: str
    position: int
    """``attnum``: from 1, with gaps where columns were dropped."""
    type: Type
    modifier: int
    """``atttypmod``; -1 is none."""
    type_sql: str
    """``"character varying(200)"``."""
    not_null: bool
    """Declared on the column or its domain's own NOT NULL aside; see `nullable`."""
    default: str | None
    """Expression of the DEFAULT; a domain's own default is `Type.default`."""
    volatility: Literal["immutable", "stable", "volatile"] | None
    """Of the default: volatile ones differ from row to row, stable ones between statements."""
    generated: str | None
    """Expression of GENERATED ALWAYS AS (...)."""
    generated_kind: Literal["stored", "virtual"] | None
    identity: Literal["always", "by default"] | None
    collation: str | None
    inherited: bool
    writable: bool
    """False for a view's computed column."""

    @property
    def limits(self) -> Modifier:
        """Length, precision and scale, the column's own or its domain's."""
        return Modifier.of(self.type.root.name, self.type.modifier(self.modifier))

    @property
    def length(self) -> int | None:
        """Characters or bits at most."""
        return self.limits.length

    @property
    def precision(self) -> int | None:
        """Digits of a numeric, or of fractions of seconds."""
        return self.limits.precision

    @property
    def scale(self) -> int | None:
        """Digits of a numeric behind the point."""
        return self.limits.scale

    @property
    def domain(self) -> Type | None:
        """The column's type where it is a domain."""
        return self.type if self.type.category == "domain" else None

    @property
    def nullable(self) -> bool:
        """NULL is refused neither by the column nor by one of its domains."""
        return not self.not_null and not any(domain.not_null for domain in self.type.domains)

    @property
    def has_default(self) -> bool:
        """A row that leaves the column out gets a value other than NULL, as a rule."""
        domain = any(domain.default is not None for domain in self.type.domains)
        return self.default is not None or self.identity is not None or domain

    @property
    def insertable(self) -> bool:
        """A plain INSERT may name it: neither generated nor GENERATED ALWAYS AS IDENTITY."""
        return self.generated is None and self.identity != "always" and self.writable

    @property
    def identifier(self) -> sql.Identifier:
        """The column's name, quoted."""
        return sql.Identifier(self.name)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do with a table or view, in so many words of the catalog."""

    role: str
    """``"PUBLIC"`` is every role."""
    command: Command
    columns: tuple[str, ...]
    """Those that the command may name; empty is all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule on what is written to a table or view, in an ordinary session."""

    name: str
    event: Literal["insert", "update", "delete"]
    instead: bool
    """Whatever the row is, the statement itself is not carried out."""


@dataclass(frozen=True)
class Table:
    """A table or view with all that is declared on it."""

    name: Name
    kind: TableKind
    """A partition that is partitioned itself is ``"partitioned"``."""
    persistence: Literal["permanent", "unlogged", "temporary"]
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]
    triggers: tuple[Trigger, ...]
    rules: tuple[Rule, ...]
    parents: tuple[Name, ...]
    """Tables it inherits from, or the one it is a partition of."""
    children: tuple[Name, ...]
    is_partition: bool
    bound: str | None
    """Of a partition: ``"FOR VALUES FROM (1) TO (10)"``."""
    partition_check: str | None
    """Of a partition: the condition its rows satisfy, those of its ancestors included."""
    partition_key: str | None
    """Of a partitioned table: ``"RANGE (created_at)"``."""
    insertable: bool
    """An INSERT can succeed: false for views that are neither simple nor have a trigger."""
    row_security: bool
    definition: str | None
    """Of a view: its query."""
    reads: tuple[Name, ...]
    """Of a view: the relations that its query reads."""
    owner: str
    """Empty where that is a superuser, to whom everything is allowed."""
    commands: tuple[Command, ...]
    """Those that the server can carry out: not all of them on every view."""
    grants: tuple[Grant, ...]
    """To others than the owner and superusers."""

    @property
    def holds_rows(self) -> bool:
        """Whether rows can be put into it, and it is neither a view nor a partition."""
        return self.kind in ("ordinary", "partitioned") and self.insertable

    @property
    def stores_rows(self) -> bool:
        """Whether rows can be put into it and are kept here: a partition's, too."""
        return self.insertable and self.kind not in ("view", "foreign")

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def constraint(self, name: str) -> Constraint | None:
        """The constraint of that name."""
        return next((c for c in self.constraints if c.name == name), None)

    def index(self, name: str) -> Index | None:
        """The index of that name."""
        return next((i for i in self.indexes if i.name == name), None)

    @cached_property
    def checks(self) -> tuple[Constraint, ...]:
        """The CHECK constraints that are enforced."""
        return tuple(c for c in self.constraints if c.kind == "check" and c.enforced)

    @cached_property
    def foreign_keys(self) -> tuple[Constraint, ...]:
        """The foreign keys that are enforced."""
        return tuple(c for c in self.constraints if c.kind == "foreign key" and c.enforced)

    @cached_property
    def keys(self) -> tuple[Constraint, ...]:
        """Primary key and UNIQUE constraints."""
        return tuple(c for c in self.constraints if c.is_key)

    @cached_property
    def primary_key(self) -> Constraint | None:
        """The primary key."""
        return next((c for c in self.constraints if c.kind == "primary key"), None)

    @property
    def identifier(self) -> sql.Identifier:
        """The table's qualified name, quoted."""
        return self.name.identifier

    def __str__(self) -> str:
        return str(self.name)
