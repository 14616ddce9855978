"""What an ephemeral server has from its first moment, beside PostgreSQL's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def _no_extension() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Preload:
    """SQL for the base database, and extensions for CREATE EXTENSION to find (18 and later).

    ``key`` changes whenever they do: they are only asked for where the cache lacks them.
    """

    key: str = ""
    sql: Callable[[], str] = str
    extension: Callable[[], Mapping[str, str]] = _no_extension
    """File name -> content of control files and scripts."""
