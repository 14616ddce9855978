"""dbmate: one file a migration, ``-- migrate:up`` above ``-- migrate:down``.

Files go in the order of their names, as dbmate has it: ``10_b`` before ``2_a``. Each section
runs in a transaction; with ``transaction:false`` it goes to the server as one message, in
which several statements share an implicit transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError, ScriptError
from harness.sources.files import folder, numbered, read, sql_files
from harness.sources.recognition import DBMATE_MARKER, DBMATE_PLACES
from harness.sources.running import in_one_message
from harness.sources.sections import Section, Sectioned

_NAME = re.compile(r"(\d+).*\.sql")


@dataclass(frozen=True, slots=True)
class Dbmate(Sectioned):
    """A directory of dbmate's migrations, or the project that has it below."""

    name: ClassVar[str] = "dbmate"
    notes: ClassVar[str] = "schema_migrations"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the files. ConfigError where dbmate would not run one, or pass over it."""
        found = sql_files(folder(path, *DBMATE_PLACES))
        numbered(found, _NAME, "dbmate")
        return cls(path, tuple(map(cls.migration, found)))

    @classmethod
    def sections(cls, path: Path) -> tuple[Section, Section]:
        """What stands under the two markers, each of which a file has once."""
        lines = read(path)
        marks = [(i, m) for i, line in enumerate(lines) if (m := DBMATE_MARKER.match(line))]
        if [mark["way"] for _, mark in marks] != ["up", "down"]:
            message = "dbmate wants one '-- migrate:up' and, below it, one '-- migrate:down'"
            remedy = f"add the lines, or move the file out of {path.parent} if it is no migration"
            raise ConfigError(f"{path}: {message}; {remedy}")
        (up, first), (down, second) = marks
        _nothing_above(path, lines[:up])
        return (
            Section.of(path, lines, up + 1, down, _transaction(first)),
            Section.of(path, lines, down + 1, len(lines), _transaction(second)),
        )

    def finds_notes(self, connection: psycopg.Connection[Any], home: str) -> bool:
        """Whether it is in the current schema, or in ``public`` where there is none."""
        row = connection.execute("SELECT coalesce(current_schema(), 'public')").fetchone()
        return row == (home,)

    def as_one(self, section: Section) -> bool:
        """Whether several statements share the message that they are sent in."""
        return in_one_message(section.script)


def _nothing_above(path: Path, lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("--"):
            raise ScriptError(path, number, "dbmate wants no statement above '-- migrate:up'")


def _transaction(mark: re.Match[str]) -> bool:
    return "transaction:false" not in (mark["options"] or "").split()
