"""Files of migrations: found, numbered, read."""

from __future__ import annotations

import re
from pathlib import Path

from harness.core.errors import ConfigError, ScriptError


def sql_files(path: Path) -> list[Path]:
    """The SQL files of a directory in the order of their names; a file is its own."""
    return [path] if path.is_file() else sorted(path.glob("*.sql"))


def folder(path: Path, *below: str) -> Path:
    """The directory of a project that has the migrations: itself, else a usual one below it."""
    places = (path, *(path / name for name in below))
    return next((place for place in places if sql_files(place)), path)


def marked(path: Path, marker: re.Pattern[str]) -> bool:
    """Whether a line of one of the files is the marker of a tool."""
    found = sql_files(path)
    return any(marker.match(line) for file in found for line in read(file, "replace"))


def numbered(found: list[Path], pattern: re.Pattern[str], tool: str) -> dict[Path, int]:
    """File -> version, group 1 of its name's match; ConfigError where none or not its own."""
    versions: dict[Path, int] = {}
    owners: dict[int, Path] = {}
    for file in found:
        match = pattern.fullmatch(file.name)
        if match is None:
            raise ConfigError(f"{file}: {tool} would pass over it: its name has no version")
        versions[file] = number = int(match[1])
        if (other := owners.setdefault(number, file)) != file:
            raise ConfigError(f"{file}: {tool} knows version {number} as {other.name} already")
    return versions


def read(path: Path, errors: str = "strict") -> list[str]:
    """The lines of a file, without their newline. Raises ScriptError."""
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig", errors).split("\n")
    except OSError as error:
        raise ScriptError(path, 1, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ScriptError(path, line, "not valid UTF-8") from None
