"""Trigger: when a function of the user's runs on a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.postgres.schema_model.name import Name

Event = Literal["insert", "update", "delete", "truncate"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger of a user; the server's own, of foreign keys, are none."""

    table: Name
    name: str
    timing: Literal["before", "after", "instead of"]
    level: Literal["row", "statement"]
    events: tuple[Event, ...]
    update_columns: tuple[str, ...]
    """UPDATE OF; empty is any."""
    when: str | None
    """Condition over ``old`` and ``new``."""
    function: Name
    language: str
    source: str
    """The function's body; a C function's link symbol."""
    enabled: Literal["origin", "disabled", "replica", "always"]
    constraint: bool
    """CREATE CONSTRAINT TRIGGER."""
    deferrable: bool
    deferred: bool
    inherited: bool
    """The server's copy, on a partition, of the partitioned table's."""
    old_table: str | None
    new_table: str | None
    definition: str

    @property
    def fires(self) -> bool:
        """It fires in an ordinary session (session_replication_role is origin)."""
        return self.enabled in ("origin", "always")

    def __str__(self) -> str:
        return self.name
