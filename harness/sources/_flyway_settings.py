"""Flyway's settings, as far as they decide what is applied: flyway.toml or flyway.conf."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError
from harness.core.files import of_toml
from harness.sources.files import read
from harness.sources.recognition import FLYWAY_SETTINGS, SPRING, spring

_CHANGING = re.compile(
    r"(?:\w*Prefix|\w*Suffix|\w*Suffixes|\w*Separator|target|cherryPick|baselineVersion|encoding"
    r"|initSql|group|resolvers|callbacks|ignoreMigrationPatterns|skipDefaultResolvers)"
)


_REFERENCE = re.compile(r"\$\{(?P<name>[\w.-]+)(?::(?P<default>[^{}]*))?\}")
"""``${NAME:value}``, which Spring takes from its other settings, else as it stands there."""
_DEEPEST = 5
"""References that lead from one setting to the next, at most."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set; ``files`` are the ones that were read."""

    locations: tuple[Path, ...] = ()
    placeholders: Mapping[str, str] = field(default_factory=dict)
    replace: bool = True
    mixed: bool = False
    schema: str = ""
    """The schema that is made where it is missing, and that names without one are made in."""
    schemas: tuple[str, ...] = ()
    """Others that are made."""
    files: tuple[Path, ...] = ()

    @classmethod
    def found(cls, *places: Path) -> Settings:
        """The first settings file in the places. Raises ConfigError."""
        candidates = [place / name for place in places for name in FLYWAY_SETTINGS]
        file = next((path for path in candidates if path.is_file()), None)
        if file is None:
            resources = [up for place in places for up in (place, *place.parents[:4])]
            files = (place / name for place in resources for name in SPRING)
            file = next((path for path in files if path.is_file()), None)
        return cls.read(file) if file else cls()

    @classmethod
    def read(cls, file: Path) -> Settings:
        """Read a file; ConfigError for a setting that changes what is applied in other ways."""
        table = _table(file)
        if odd := next(filter(_CHANGING.fullmatch, table), None):
            raise ConfigError(f"{file}: {odd}: not supported; the harness follows Flyway's default")
        schemas = _several(table.get("schemas"))
        default = str(table.get("defaultSchema") or next(iter(schemas), ""))
        return cls(
            tuple(_location(name, file) for name in _several(table.get("locations"))),
            {key: str(value) for key, value in _placeholders(table).items()},
            str(table.get("placeholderReplacement", True)).lower() != "false",
            str(table.get("mixed", False)).lower() == "true",
            default,
            schemas,
            (file,),
        )


def properties(path: Path) -> dict[str, str]:
    """``key=value`` lines of a file; ``#`` begins a comment."""
    lines = [line.strip() for line in read(path)]
    pairs = [line.partition("=") for line in lines if line and not line.startswith(("#", "!"))]
    return {key.strip(): value.strip() for key, _, value in pairs}


def _table(file: Path) -> dict[str, Any]:
    """Setting -> value, whichever file it is in."""
    if file.name in SPRING:
        return _of_spring(file)
    return _toml(file) if file.suffix == ".toml" else _properties(file)


def _of_spring(file: Path) -> dict[str, Any]:
    """``spring.flyway.default-schema`` is what Flyway calls ``defaultSchema``."""
    starts = ("spring.flyway.", "quarkus.flyway.", "flyway.")
    found: dict[str, Any] = {}
    settings = spring(file)

    def value_of(reference: re.Match[str]) -> str:
        given = settings.get(reference["name"])
        default = reference["default"]
        return ",".join(given) if given else reference[0] if default is None else default

    for key, value in settings.items():
        start = next((one for one in starts if key.startswith(one)), None)
        if start is None:
            continue
        own = key.removeprefix(start)
        for _ in range(_DEEPEST):
            value = [_REFERENCE.sub(value_of, one) for one in value]
        if not own.startswith("placeholders."):
            own = re.sub(r"-(\w)", lambda m: m[1].upper(), own)
        found[own] = value if own in ("locations", "schemas") else ",".join(value)
    return found


def _several(value: Any) -> tuple[str, ...]:
    """A list, or a text of several."""
    names = value.split(",") if isinstance(value, str) else value or []
    return tuple(str(name).strip() for name in names)


def _properties(path: Path) -> dict[str, Any]:
    return {key.removeprefix("flyway."): value for key, value in properties(path).items()}


def _toml(path: Path) -> dict[str, Any]:
    try:
        table = of_toml("\n".join(read(path))).get("flyway", {})
    except ValueError as error:
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
    kind, colon, path = name.replace("{vendor}", "postgresql").partition(":")
    of_spring = file.name in SPRING
    if not colon:
        kind, path = "classpath" if of_spring else "filesystem", name
    if kind not in ("filesystem", "classpath") or set(path) & set("*?"):
        raise ConfigError(f"{file}: locations: {name}: not supported")
    if of_spring:
        places = [file.parent, *(one / "src/main/resources" for one in file.parents[:5])]
        if kind == "filesystem":
            places = [*file.parents[:5]]
        candidates = [(one / path.lstrip("/")).resolve() for one in places]
        found = next((one for one in candidates if one.is_dir()), candidates[0])
    else:
        below = f"src/main/resources/{path.lstrip('/')}" if kind == "classpath" else path
        found = (file.parent / below).resolve()
    if not found.is_dir():
        raise ConfigError(f"{file}: locations: {found} is no directory")
    return found
