"""tern: ``<number>_<name>.sql``, the way down below a line that says ``create above / drop below``.

In the order of the numbers, each in a transaction unless it has a line ``---- tern: disable-tx
----``. Templates (``{{ … }}``) are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.core.config import Config
from harness.core.errors import ScriptError
from harness.sources.files import folder, numbered, read, sql_files
from harness.sources.recognition import TERN_MARKER
from harness.sources.sections import Section, Sectioned

_NAME = re.compile(r"(\d+)_.*\.sql")
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

    @classmethod
    def sections(cls, path: Path) -> tuple[Section, Section | None]:
        """What stands above and below the line; without it all of it is the way up."""
        lines = read(path)
        for number, line in enumerate(lines, 1):
            if "{{" in line:
                raise ScriptError(path, number, "a template of tern's: only tern itself fills it")
        transaction = not any(map(_NO_TRANSACTION.match, lines))
        middle = next((i for i, text in enumerate(lines) if TERN_MARKER.match(text)), None)
        if middle is None:
            return Section.of(path, lines, 0, len(lines), transaction), None
        down = Section.of(path, lines, middle + 1, len(lines), transaction)
        return Section.of(path, lines, 0, middle, transaction), down
