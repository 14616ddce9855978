"""The outline of a schema: its tables, their columns and foreign keys, as a picture needs them."""

from __future__ import annotations

from typing import NamedTuple


class OutlineColumn(NamedTuple):
    """A column; ``type`` is as SQL writes it."""

    name: str
    type: str
    not_null: bool = False
    primary: bool = False
    """Whether it is in the primary key."""


class OutlineKey(NamedTuple):
    """A foreign key; ``target`` is a table's qualified name."""

    name: str
    columns: tuple[str, ...]
    target: str


class OutlineTable(NamedTuple):
    """A table or view. Partitions are left out: their parent stands for them."""

    schema: str
    name: str
    columns: tuple[OutlineColumn, ...] = ()
    keys: tuple[OutlineKey, ...] = ()
    view: bool = False

    @property
    def qualified(self) -> str:
        """``public.tasks``."""
        return f"{self.schema}.{self.name}"

    @property
    def short(self) -> str:
        """``tasks``, or ``app.tasks``: what the groups of results call it."""
        return self.name if self.schema == "public" else self.qualified


Outline = tuple[OutlineTable, ...]
