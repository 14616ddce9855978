"""Section: a part of a file that is run by itself, at its own line numbers."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg

from harness.core.results import Location
from harness.postgres.psql import Script
from harness.postgres.psql.lexer import End, Lexer
from harness.postgres.session import PG_PROVE, Failure
from harness.sources.base import Migration, MigrationError
from harness.sources.ordered import Ordered
from harness.sources.running import afresh, default_schema, refuse, run

_PSQL = (
    "a backslash outside of quotes: psql's commands are not SQL, and {0} fails at them, too: take"
    " the line out"
)
_LOST = (
    "it leaves a search_path with which {tool} does not find its own table {notes}, and fails;"
    " put it back at the end: RESET search_path"
)
_COPY = "COPY ... FROM STDIN: {} does not send the lines that follow as its data"


@dataclass(frozen=True, slots=True)
class Section:
    """SQL that a tool sends to the server as it is.

    ``text`` has empty lines in the place of what stands above it in the file.
    """

    path: Path
    text: str
    transaction: bool = True
    """Whether the tool puts a transaction around it."""

    @classmethod
    def of(cls, path: Path, lines: list[str], first: int, end: int, transaction: bool) -> Section:
        """The lines from index ``first`` up to, without, index ``end``."""
        below = "" if end == len(lines) else "\n"
        return cls(path, "\n" * first + "\n".join(lines[first:end]) + below, transaction)

    @property
    def script(self) -> Script:
        """What there is to run."""
        return Script.parse(self.text, self.path, PG_PROVE)

    @property
    def empty(self) -> bool:
        """Whether there is no statement in it."""
        return not any(self.script.statements())

    def check(self, tool: str, copies: bool = False) -> None:
        """Raise MigrationError for what only psql serves; ``copies``: the tool serves COPY."""
        lexer = Lexer(lambda _: None)
        for number, line in enumerate(self.text.split("\n"), 1):
            lexer.feed(line, number)
            while (end := lexer.scan()) is not End.LINE:
                if end is End.BACKSLASH:
                    self._refuse(number, _PSQL.format(tool), "42601")
                if lexer.reset().inputs:
                    if copies:
                        return  # what follows is data
                    self._refuse(number, _COPY.format(tool))

    def _refuse(self, line: int, message: str, sqlstate: str = "") -> None:
        raise MigrationError(Location(self.path, line), Failure(message, sqlstate))


@dataclass(frozen=True, slots=True)
class Sectioned(Ordered):
    """Migrations that have the up migration and the down migration in the same file."""

    notes: ClassVar[str]
    """The table in which the tool notes what it has run."""

    @classmethod
    @abstractmethod
    def sections(cls, path: Path) -> tuple[Section, Section | None]:
        """The up migration and the down migration of a file. Raises ConfigError, ScriptError."""

    @classmethod
    def migration(cls, path: Path) -> Migration:
        """A file as a migration; it has a down migration if there is a statement in that."""
        _, down = cls.sections(path)
        return Migration(path.stem, path, path if down and not down.empty else None)

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run the up migration of a file."""
        self._run(connection, self.sections(migration.up)[0])

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run the down migration of a file, in a session of its own."""
        down = self.sections(migration.up)[1]
        assert down is not None
        afresh(connection)
        self._run(connection, down)
        afresh(connection)

    def _run(self, connection: psycopg.Connection[Any], section: Section) -> None:
        section.check(self.name.replace("_", "-"))
        home = default_schema(connection)

        def noted() -> None:
            if home is not None and not self.finds_notes(connection, home):
                raise refuse(section.path, _LOST.format(tool=self.name, notes=self.notes))

        wrapped = section.transaction or self.as_one(section)
        run(connection, section.script, wrapped=wrapped, last=noted)

    def finds_notes(self, connection: psycopg.Connection[Any], home: str) -> bool:
        """Whether the tool still finds its table, in the schema ``home``, after a file."""
        return True

    def as_one(self, section: Section) -> bool:
        """Whether a section without a transaction gets the implicit one of a message."""
        return False
