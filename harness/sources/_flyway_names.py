"""How Flyway names its files: ``V1_2__x.sql``, ``U1_2__x.sql``, ``B1_2__x.sql``, ``R__x.sql``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import ConfigError
from harness.sources.base import Migration
from harness.sources.files import by_command
from harness.sources.recognition import FLYWAY_NAME

_COMMAND = ("./mvnw", "flyway:migrate")

CALLBACK = re.compile(r"(?P<event>(?:before|after)[A-Z][A-Za-z]*|createSchema)(?:__.*)?\.sql")
_CODE = re.compile(r"(?:[VUB]\d[\d._]*|R)__\w+\.(?:java|kt|groovy|class|py|sh|ps1|cmd|bat)")

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A file by what its name says; a repeatable one has no version."""

    path: Path
    kind: str
    version: Version
    description: str

    @classmethod
    def of(cls, path: Path) -> Named:
        """Read a name. Raises ConfigError."""
        found = FLYWAY_NAME.fullmatch(path.name)
        if found is None:
            raise ConfigError(
                f"{path}: Flyway would skip it: not V1__x.sql, U, B, or R__x.sql; rename it if it"
                f" is a migration, else move it out of {path.parent}"
            )
        return cls(path, found["kind"] or "R", _version(found["version"]), found["description"])


def in_order(paths: Iterable[Path]) -> tuple[Migration, ...]:
    """The migrations of an empty database: from the last baseline on, repeatable ones last.

    ConfigError for what is there twice, and for an undo of nothing.
    """
    named = [Named.of(path) for path in paths]
    versioned, undos = _by_version(named, "V"), _by_version(named, "U")
    baselines = _by_version(named, "B")
    if lonely := undos.keys() - versioned.keys():
        odd = undos[min(lonely)]
        raise ConfigError(
            f"{odd}: there is no V migration that it undoes; add it, or move this one out of"
            f" {odd.parent}"
        )
    start = max(baselines, default=())
    first = [Migration(baselines[start].stem, baselines[start], None)] if baselines else []
    later = [version for version in sorted(versioned) if not baselines or version > start]
    ups = [Migration(versioned[v].stem, versioned[v], undos.get(v)) for v in later]
    return (*first, *ups, *_repeatable(named))


def callbacks(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Event -> its files in their order. ConfigError for an event of statements."""
    found: dict[str, list[Path]] = {}
    for path in sorted(paths, key=lambda one: one.name):
        if match := CALLBACK.fullmatch(path.name):
            if match["event"].endswith("Statement"):
                raise ConfigError(
                    f"{path}: callbacks of single statements are not run here;"
                    f" {by_command(path.parent, *_COMMAND)}"
                )
            found.setdefault(match["event"], []).append(path)
    return found


def refuse_code(place: Path) -> None:
    """ConfigError for a migration that is a program."""
    for path in sorted(place.rglob("[VUBR]*__*")):
        if _CODE.fullmatch(path.name):
            raise ConfigError(
                f"{path}: a migration that is a program, which only Flyway itself runs;"
                f" {by_command(place, *_COMMAND)}"
            )


def _version(text: str | None) -> Version:
    """``1_2``, ``1.2``, ``01.2`` and ``1.2.0`` are the same."""
    numbers = [int(part) for part in re.split(r"[._]", text)] if text else []
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _by_version(named: list[Named], kind: str) -> dict[Version, Path]:
    found: dict[Version, Path] = {}
    for one in named:
        if one.kind == kind and (other := found.setdefault(one.version, one.path)) != one.path:
            raise ConfigError(
                f"{one.path}: the version of {other} once more; rename one of them, or move it out"
                f" of {one.path.parent}"
            )
    return found


def _repeatable(named: list[Named]) -> list[Migration]:
    found: dict[str, Path] = {}
    for one in named:
        if one.kind == "R" and (other := found.setdefault(one.description, one.path)) != one.path:
            raise ConfigError(
                f"{one.path}: the description of {other} once more; rename one of them, or move it"
                f" out of {one.path.parent}"
            )
    ordered = sorted(found, key=lambda description: description.replace("_", " "))
    return [Migration(found[one].stem, found[one], None) for one in ordered]
