"""Flyway's settings, as far as they decide what is applied: flyway.toml or flyway.conf."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError
from harness.sources.ordered import read
from harness.sources.recognition import FLYWAY_SETTINGS

_CHANGING = re.compile(
    r"(?:\w*Prefix|\w*Suffix|\w*Suffixes|\w*Separator|target|cherryPick|baselineVersion|encoding"
    r"|initSql|group|resolvers|callbacks|ignoreMigrationPatterns|skipDefaultResolvers)"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set; ``files`` are the ones that were read."""

    locations: tuple[Path, ...] = ()
    placeholders: Mapping[str, str] = field(default_factory=dict)
    replace: bool = True
    mixed: bool = False
    files: tuple[Path, ...] = ()

    @classmethod
    def found(cls, *places: Path) -> Settings:
        """The first settings file in the places. Raises ConfigError."""
        candidates = [place / name for place in places for name in FLYWAY_SETTINGS]
        file = next((path for path in candidates if path.is_file()), None)
        return cls.read(file) if file else cls()

    @classmethod
    def read(cls, file: Path) -> Settings:
        """Read a file; ConfigError for a setting that changes what is applied in other ways."""
        table = _toml(file) if file.suffix == ".toml" else _properties(file)
        if odd := next(filter(_CHANGING.fullmatch, table), None):
            raise ConfigError(f"{file}: {odd}: not served; Flyway's default is what is followed")
        locations = table.get("locations") or []
        names = locations.split(",") if isinstance(locations, str) else locations
        return cls(
            tuple(_location(str(name).strip(), file) for name in names),
            {key: str(value) for key, value in _placeholders(table).items()},
            str(table.get("placeholderReplacement", True)).lower() != "false",
            str(table.get("mixed", False)).lower() == "true",
            (file,),
        )


def properties(path: Path) -> dict[str, str]:
    """``key=value`` lines of a file; ``#`` begins a comment."""
    lines = [line.strip() for line in read(path)]
    pairs = [line.partition("=") for line in lines if line and not line.startswith(("#", "!"))]
    return {key.strip(): value.strip() for key, _, value in pairs}


def _properties(path: Path) -> dict[str, Any]:
    return {key.removeprefix("flyway."): value for key, value in properties(path).items()}


def _toml(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads("\n".join(read(path))).get("flyway", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: [flyway] must be a table")
    return table


def _placeholders(table: dict[str, Any]) -> dict[str, Any]:
    nested = table.get("placeholders", {})
    start = "placeholders."
    flat = {key.removeprefix(start): table[key] for key in table if key.startswith(start)}
    return {**(nested if isinstance(nested, dict) else {}), **flat}


def _location(name: str, file: Path) -> Path:
    """A directory, against the file's own."""
    kind, colon, path = name.partition(":")
    if not colon:
        kind, path = "filesystem", name
    if kind == "classpath":
        path = f"src/main/resources/{path.lstrip('/')}"
    if kind not in ("filesystem", "classpath") or set(path) & set("*?"):
        raise ConfigError(f"{file}: locations: {name}: not served")
    found = (file.parent / path).resolve()
    if not found.is_dir():
        raise ConfigError(f"{file}: locations: {found} is no directory")
    return found
