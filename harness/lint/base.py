"""Linter: what the harness asks of a tool that reads SQL without running it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import psycopg

from harness.core.config import Config
from harness.core.errors import HarnessError
from harness.core.findings import Finding
from harness.sources import SchemaSource

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Project:
    """What there is to lint."""

    config: Config
    source: SchemaSource | None
    files: tuple[Path, ...]
    """Every SQL file: of the schema, of the tests, and the seed."""
    applied: Callable[[], AbstractContextManager[Connection]]
    """Opens a connection to a scratch database with the schema; MigrationError, ServerError."""
    narrowed: frozenset[Path] | None = None
    """The files that are judged by themselves; None for all of them."""

    @property
    def judged(self) -> tuple[Path, ...]:
        """Those of the files that are judged by themselves, in their order."""
        return tuple(path for path in self.files if self.is_judged(path))

    def is_judged(self, path: Path) -> bool:
        """Whether what is found in a file counts, where only that file is looked at for it."""
        return self.narrowed is None or path in self.narrowed

    @property
    def migrations(self) -> tuple[Path, ...]:
        """The files of the schema, whatever their suffix."""
        return tuple(self.source.files) if self.source else ()

    def is_test(self, path: Path) -> bool:
        """Whether a path is one of the tests, or below one."""
        return any(place == path or place in path.parents for place in self.config.tests)


@dataclass(frozen=True, slots=True)
class Unit:
    """What a linter looks at as a whole: a file, or several that belong together.

    ``key`` differs when what the findings depend on does, the contents and the linter's
    configuration included; None where that cannot be told, and nothing is remembered.
    """

    files: tuple[Path, ...]
    key: str | None


class NotSeen(Exception):  # noqa: N818  the other linters go on
    """There is no server with the schema; ``cause`` says why."""

    def __init__(self, cause: HarnessError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Linter(Protocol):
    """A tool that reads files and has findings."""

    name: ClassVar[str]
    reads: ClassVar[str]
    """What it looks at, in words, where a project without that has to be told; else empty."""
    on_a_server: ClassVar[bool]
    """Whether it looks at the schema as a server has it, and not at one file after the other."""

    def __init__(self, project: Project) -> None:
        """Cheap: nothing that only a look at files needs is loaded."""

    def units(self) -> Sequence[Unit]:
        """What it looks at of the project."""

    def lint(self, units: Sequence[Unit]) -> list[list[Finding]]:
        """What it objects to, unit by unit. Raises ConfigError, ScriptError.

        NotSeen means that nothing is known for want of a schema on a server.
        """

    def fix(self) -> list[Path]:
        """Repair what the tool can repair; the files that changed."""
