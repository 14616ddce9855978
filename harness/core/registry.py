"""Lists of implementations, a line each: a package is extended by a file and a line."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def registered(package: str, *places: str) -> tuple[type[Any], ...]:
    """The classes of ``module:Class`` in a package, in this order."""
    return tuple(_load(package, place) for place in places)


def _load(package: str, place: str) -> type[Any]:
    module, _, name = place.partition(":")
    found: type[Any] = getattr(import_module(f"{package}.{module}"), name)
    return found
