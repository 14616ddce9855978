"""Type: a data type, with what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Category = Literal["base", "enum", "domain", "composite", "range", "multirange", "array", "pseudo"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a composite type; ``modifier`` as in `Column`."""

    name: str
    type: Type
    modifier: int


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """A CHECK of a domain; its expression calls the value ``VALUE``."""

    name: str
    expression: str
    validated: bool


@dataclass(frozen=True, slots=True)
class Type:
    """A data type as ``pg_type`` has it, without a modifier."""

    schema: str
    name: str
    """``pg_type.typname``: ``"int4"``, ``"_text"``, ``"email"``."""
    sql: str
    """``format_type``: ``"integer"``, ``"text[]"``, ``"public.email"``."""
    category: Category
    base: Type | None = None
    """Of a domain: the type it restricts, itself a domain perhaps."""
    base_modifier: int = -1
    not_null: bool = False
    """Of a domain."""
    default: str | None = None
    checks: tuple[DomainCheck, ...] = ()
    """Of a domain: its own; those of its base hold too."""
    labels: tuple[str, ...] = ()
    """Of an enum, in its order."""
    attributes: tuple[Attribute, ...] = ()
    element: Type | None = None
    """Of an array."""
    subtype: Type | None = None
    """Of a range: what it ranges over; of a multirange: its range."""

    @property
    def root(self) -> Type:
        """The type under all domains."""
        return self.base.root if self.base else self

    @property
    def domains(self) -> tuple[Type, ...]:
        """The domains from this one down to the root."""
        return (self, *self.base.domains) if self.base else ()

    def modifier(self, own: int) -> int:
        """The modifier that holds for values: the column's own, or that of a domain's base."""
        for domain in self.domains:
            own = domain.base_modifier if own < 0 else own
        return own

    def __str__(self) -> str:
        return self.sql


@dataclass(frozen=True, slots=True)
class Modifier:
    """What a type modifier (``atttypmod``) says, by type; None is no limit."""

    length: int | None = None
    """Characters of char and varchar, bits of bit and varbit."""
    precision: int | None = None
    """Digits of numeric in all, or of seconds' fractions."""
    scale: int | None = None
    """Digits of numeric behind the point; negative rounds before it."""
    own: int | None = None
    """Of any other type: the number itself, which its extension reads in its own way."""

    @classmethod
    def of(cls, name: str, modifier: int) -> Modifier:
        """Decode the modifier of the type called ``name`` in pg_type."""
        if modifier < 0:
            return cls()
        if name in ("varchar", "bpchar"):
            return cls(length=modifier - 4)
        if name in ("bit", "varbit"):
            return cls(length=modifier)
        if name == "numeric":
            packed = modifier - 4
            # 11 bits, signed since PostgreSQL 15.
            return cls(precision=packed >> 16 & 0xFFFF, scale=((packed & 0x7FF) ^ 1024) - 1024)
        if name == "interval":
            return cls(precision=None if modifier & 0xFFFF == 0xFFFF else modifier & 0xFFFF)
        if name in ("time", "timetz", "timestamp", "timestamptz"):
            return cls(precision=modifier)
        return cls(own=modifier)
