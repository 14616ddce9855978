"""SchemaSource: what the harness asks of the tool that keeps a schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import SchemaError, ScriptError
from harness.core.results import Location
from harness.postgres.session import Failure


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema's history; ``down`` is None where it cannot be undone."""

    name: str
    up: Path
    down: Path | None


class MigrationError(SchemaError):
    """A migration that failed: ``str(error)`` has file, line, SQLSTATE, message, detail, hint.

    Everything the migration did before it failed has been rolled back, unless it has
    transaction control of its own.
    """

    def __init__(self, location: Location, failure: Failure) -> None:
        super().__init__(f"{failure.location or location}: {failure}")
        self.location = failure.location or location
        self.failure = failure

    @property
    def statement(self) -> str:
        """The statement in whole; empty where a line of an SQL file shows all of it."""
        text = self.failure.statement.strip()
        return text if "\n" in text or self.location.path.suffix != ".sql" else ""


class TimedOut(ScriptError):  # noqa: N818  what happened, not what to do
    """A statement of a migration that did not return in time: nothing is known of the migration."""

    def __init__(self, location: Location, failure: Failure) -> None:
        said = f"{failure.message}; --timeout SECONDS allows more"
        super().__init__(location.path, location.line, said)


@dataclass(frozen=True, slots=True)
class Platform:
    """Who is who on the platform that a schema is written for."""

    role: str
    """Runs migrations and tests, and is no superuser."""
    superuser: str
    """What the server's own superuser is called there, whose name may be the role's here."""


class SchemaSource(Protocol):
    """A schema under version control."""

    name: ClassVar[str]
    """What ``--source`` and ``[tool.harness] source`` call it."""

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """The source at a path. Raises ConfigError."""

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """All migrations, oldest first; empty where the tool does not tell."""

    @property
    def reversible(self) -> bool:
        """Whether every migration can be undone."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that make up the schema, for linters."""

    @property
    def counted(self) -> tuple[Path, ...]:
        """The files whose contents decide what is applied: those, and what they include."""

    @property
    def written(self) -> tuple[Path, ...]:
        """The files in which what is applied is written, in whatever language, oldest first.

        They are searched for the place of what the server has; there may be more than needed.
        """

    @property
    def bookkeeping(self) -> frozenset[tuple[str, str]]:
        """Schema and name of the tables in which the tool notes what it has applied.

        They are no part of the schema, so comparisons leave them out. What is not known
        before something was applied may be missing until then.
        """

    @property
    def provided(self) -> frozenset[str]:
        """Schemas that the tool's platform brings along; their tables are not the project's."""

    @property
    def platform(self) -> Platform | None:
        """Who runs what on the tool's platform; None: the server's superuser runs all."""

    @property
    def offline(self) -> Mapping[Path, str]:
        """A migration that is a program -> the up migration as SQL, if its tool can write that."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the tool would warn of and goes on, in words."""

    def prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Make what is there before the first migration, in a database that has nothing of it.

        It is no part of the schema: the tool's own tables, as far as migrations name them.
        Whoever applies migrations calls it first, except for ``apply`` on an empty database.
        """

    def fingerprint(self) -> str:
        """A short text that differs when what would be applied differs."""

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Apply everything to an empty database, in autocommit; names of what was applied.

        Raises MigrationError.
        """

    def rollback(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Undo everything, newest first; names of what was undone. Raises MigrationError."""

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Apply one migration, the one after those applied. Raises MigrationError."""

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Undo one migration, the last one applied. Raises MigrationError."""


class ToolSource:
    """What is the same of every source whose migrations are run by their own tool."""

    __slots__ = ()

    @property
    def platform(self) -> Platform | None:
        """None: the server's superuser runs all."""
        return None

    @property
    def provided(self) -> frozenset[str]:
        """None: an empty database is what the tool meets."""
        return frozenset()

    @property
    def warnings(self) -> tuple[str, ...]:
        """None."""
        return ()

    def prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Nothing: the tool makes what it needs."""
