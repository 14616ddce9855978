"""tern: ``<number>_<name>.sql``, down below a line that says ``create above / drop below``.

In the order of the numbers, each in a transaction unless it has a line ``---- tern: disable-tx
----``. ``{{.name}}`` is the value that ``[data]`` of ``tern.conf`` gives it; what else a template
does, only tern itself does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.core.config import Config
from harness.core.errors import ScriptError
from harness.sources.files import by_command, folder, numbered, read, sql_files
from harness.sources.recognition import TERN_MARKER
from harness.sources.sections import Section, Sectioned

_NAME = re.compile(r"(\d+)_.*\.sql")
_FIELD = re.compile(r"\{\{-?\s*\.(\w+)\s*-?\}\}")
_ENV = re.compile(r"\{\{\s*env\s+\"(\w+)\"\s*\}\}")
_SETTING = re.compile(r"\s*(\w+)\s*=\s*(.*?)\s*$")
_COMMAND = "tern migrate --conn-string $DATABASE_URL --migrations {}"
_NO_TRANSACTION = re.compile(r"----\s*tern:\s*disable-tx\s*----")


@dataclass(frozen=True, slots=True)
class Tern(Sectioned):
    """A directory of tern's migrations, or the project that has it below."""

    name: ClassVar[str] = "tern"
    notes: ClassVar[str] = "schema_version"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the names. ConfigError for one without a number."""
        versions = numbered(sql_files(folder(path, "migrations")), _NAME, "tern")
        return cls(path, tuple(map(cls.migration, sorted(versions, key=versions.__getitem__))))

    @property
    def values(self) -> Mapping[str, str]:
        """What ``tern.conf`` gives the templates, with the variables of the environment."""
        return _data(_settings(self.migrations[0].up)) if self.migrations else {}

    @classmethod
    def sections(cls, path: Path) -> tuple[Section, Section | None]:
        """What stands above and below the line; without it all of it is the up migration."""
        lines = read(path)
        if any("{{" in line for line in lines):
            lines = _filled(path, lines)
        transaction = not any(map(_NO_TRANSACTION.match, lines))
        middle = next((i for i, text in enumerate(lines) if TERN_MARKER.match(text)), None)
        if middle is None:
            return Section.of(path, lines, 0, len(lines), transaction), None
        down = Section.of(path, lines, middle + 1, len(lines), transaction)
        return Section.of(path, lines, 0, middle, transaction), down


def _filled(path: Path, lines: list[str]) -> list[str]:
    """The lines with the values of ``[data]``. ScriptError for any other template."""
    data = _data(_settings(path))
    filled = [_FIELD.sub(lambda found: data.get(found[1], found[0]), line) for line in lines]
    for number, line in enumerate(filled, 1):
        if "{{" in line:
            shown = os.path.relpath(path.parent)
            remedy = by_command(Path(shown), "sh", "-c", _COMMAND.format(shown))
            said = f"a template that only tern itself fills: its command does, {remedy}"
            raise ScriptError(path, number, said)
    return filled


def _settings(path: Path) -> Path | None:
    places = (parent / "tern.conf" for parent in path.parents[:3])
    return next((place for place in places if place.is_file()), None)


def _data(settings: Path | None) -> Mapping[str, str]:
    """What ``[data]`` of ``tern.conf`` says; ``{{env "NAME"}}`` is the variable's value."""
    found: dict[str, str] = {}
    section = ""
    for line in read(settings) if settings is not None else ():
        if line.lstrip().startswith("["):
            section = line.strip().strip("[]")
        elif section == "data" and (one := _SETTING.match(line)):
            found[one[1]] = _ENV.sub(lambda name: os.environ.get(name[1], ""), one[2])
    return found
