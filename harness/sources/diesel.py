"""diesel: ``<version>_<name>/up.sql`` and ``down.sql``, in the order of the versions as texts.

Each runs in a transaction, unless ``metadata.toml`` beside it says ``run_in_transaction =
false``. Whatever else keeps SQL in such directories is served as diesel's.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources._programs import refuse_programs
from harness.sources.files import numbered_programs
from harness.sources.folders import Folders, migrations_below
from harness.sources.recognition import diesel_folder
from harness.sources.sections import Section


@dataclass(frozen=True, slots=True)
class Diesel(Folders):
    """A directory of diesel's migrations, or the project that has it below."""

    name: ClassVar[str] = "diesel"
    tool: ClassVar[str] = "diesel"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the names. ConfigError for SQL that diesel would pass over."""
        place = diesel_folder(path)
        found = migrations_below(place, "up.sql", "down.sql", cls.tool, _version)
        refuse_programs(numbered_programs(place), found)
        return cls(path, found)

    @property
    def counted(self) -> tuple[Path, ...]:
        """The files, and what says whether they run in a transaction."""
        settings = [one.up.with_name("metadata.toml") for one in self.migrations]
        return (*self.files, *(path for path in settings if path.is_file()))

    def wrapped(self, section: Section) -> bool:
        """In a transaction unless it says otherwise."""
        settings = section.path.with_name("metadata.toml")
        if not settings.is_file():
            return True
        try:
            table = tomllib.loads(settings.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{settings}: {error}") from error
        return table.get("run_in_transaction", True) is not False


def _version(name: str) -> tuple[str, str]:
    """As diesel compares: the digits in front of the first underscore, without hyphens."""
    return (name.partition("_")[0].replace("-", ""), name)
