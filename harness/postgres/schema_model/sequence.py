"""Sequence: where numbers come from."""

from __future__ import annotations

from dataclasses import dataclass

from harness.postgres.schema_model.name import Name


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence's options; where it stands is data."""

    name: Name
    type: str
    """``"bigint"``, ``"integer"`` or ``"smallint"``."""
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int
    cycle: bool
    table: Name | None
    """The table of the column that owns it (serial) or is fed by it (identity)."""
    column: str | None
    identity: bool

    def __str__(self) -> str:
        return str(self.name)
