"""Step: one revision's up and down migrations, whatever tool keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from harness.sources import SchemaSource

Migrate = Callable[[psycopg.Connection[Any]], object]
"""Runs on a connection in autocommit. Raises HarnessError."""


@dataclass(frozen=True, slots=True)
class Step:
    """A revision; ``down`` is None where it cannot be undone."""

    name: str
    path: Path
    down_path: Path
    up: Migrate
    down: Migrate | None


def steps_of(source: SchemaSource) -> tuple[Step, ...]:
    """The revisions, oldest first; one that stands for all where the tool does not tell."""
    if source.migrations:
        return tuple(
            Step(
                one.name,
                one.up,
                one.down or one.up,
                partial(source.upgrade, migration=one),
                partial(source.downgrade, migration=one) if one.down else None,
            )
            for one in source.migrations
        )
    path = next(iter(source.files), Path())
    down = source.rollback if source.reversible else None
    return (Step("everything", path, path, source.apply, down),)
