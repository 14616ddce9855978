"""What an ephemeral server has from its first moment, beside PostgreSQL's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Preload:
    """SQL for the base database, and extensions for CREATE EXTENSION to find (18 and later)."""

    sql: str = ""
    extension: Mapping[str, str] = field(default_factory=dict)
    """File name -> content of control files and scripts."""
