"""Hasura's CLI: ``migrations/<database>/<version>_<name>/up.sql`` and ``down.sql``.

In the order of the versions as numbers; each file is one message to the server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources.folders import Folders, migrations_below
from harness.sources.recognition import hasura_folder


@dataclass(frozen=True, slots=True)
class Hasura(Folders):
    """A Hasura project, or the migrations of one of its databases."""

    name: ClassVar[str] = "hasura"
    tool: ClassVar[str] = "Hasura"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the names. ConfigError where there is none, or more than one database."""
        place = hasura_folder(path)
        if place is None:
            raise ConfigError(
                f"{path}: not the migrations of one database of a Hasura project; name"
                " migrations/<database> with --schema"
            )
        return cls(path, migrations_below(place, "up.sql", "down.sql", cls.tool, _version))


def _version(name: str) -> tuple[int, str]:
    found = re.match(r"\d+", name)
    return (int(found[0]) if found else 0, name)
