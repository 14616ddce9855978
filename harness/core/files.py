"""Which files there are below the places that a configuration names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from harness.core.results import SQL


def find(places: Iterable[Path], suffixes: Collection[str] = SQL) -> list[Path]:
    """The files of a kind in and below places, each once, in the order of their paths."""
    found = [path for place in places for path in _below(place) if path.suffix in suffixes]
    return sorted(dict.fromkeys(found))


def _below(place: Path) -> Iterable[Path]:
    if place.is_file():
        return [place]
    return (path for path in place.rglob("*") if _is_file(path) and not _hidden(path, place))


def _is_file(path: Path) -> bool:
    """Whether it is one, or a link that leads nowhere: reading it says so."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def _hidden(path: Path, place: Path) -> bool:
    parts = path.relative_to(place).parts
    return any(part.startswith(".") or part in ("__pycache__", "node_modules") for part in parts)
