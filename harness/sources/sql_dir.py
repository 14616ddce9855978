"""A directory of SQL files: ``.up.sql``/``.down.sql`` pairs, or plain ``.sql`` files.

Files are taken in the order of the numbers in their names (``2_b`` before ``10_a``).
Each runs in a transaction of its own that is rolled back where it fails, unless it
controls its transactions itself or has statements that no transaction can hold.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.config import Config
from harness.errors import ConfigError
from harness.script import Script
from harness.script.bare import bare
from harness.session import PG_PROVE, Session, transaction_control
from harness.sources.base import Migration, MigrationError

UP, DOWN = ".up.sql", ".down.sql"
STATEMENT_TIMEOUT = 3600.0
_NO_TRANSACTION = re.compile(
    r"(?:CREATE|DROP|REINDEX|REFRESH|ALTER)\b.*\bCONCURRENTLY\b|VACUUM\b|CALL\b"
    r"|(?:CREATE|DROP) (?:DATABASE|TABLESPACE|SUBSCRIPTION)\b|ALTER SYSTEM\b"
)


@dataclass(frozen=True, slots=True)
class SqlDir:
    """A directory of migrations, or a single file."""

    name: ClassVar[str] = "sql_dir"
    path: Path
    migrations: tuple[Migration, ...]

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Whether the path is an SQL file, or a directory with at least one."""
        return path.suffix == ".sql" if path.is_file() else any(path.glob("*.sql"))

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the names of the files; ConfigError for pairs that do not match."""
        found = [path] if path.is_file() else sorted(path.glob("*.sql"), key=_natural)
        pairs = any(file.name.endswith((UP, DOWN)) for file in found)
        return cls(path, _pairs(found) if pairs else _plain(found))

    @property
    def reversible(self) -> bool:
        """Whether every migration has its down file."""
        return all(migration.down for migration in self.migrations)

    @property
    def files(self) -> tuple[Path, ...]:
        """All up and down files, in order."""
        both = ((migration.up, migration.down) for migration in self.migrations)
        return tuple(path for pair in both for path in pair if path)

    def fingerprint(self) -> str:
        """Digest of the names and contents of all files, and of what they include."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
            for included in _included(file):
                digest.update(included.read_bytes())
        return digest.hexdigest()[:16]

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Run every up file in order."""
        for migration in self.migrations:
            self.upgrade(connection, migration)
        return tuple(migration.name for migration in self.migrations)

    def rollback(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Run every down file, newest first."""
        undone = [m for m in reversed(self.migrations) if m.down]
        for migration in undone:
            self.downgrade(connection, migration)
        return tuple(migration.name for migration in undone)

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one up file."""
        run_file(connection, migration.up)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one down file."""
        assert migration.down is not None
        run_file(connection, migration.down)


def _pairs(found: list[Path]) -> tuple[Migration, ...]:
    plain = [file for file in found if not file.name.endswith((UP, DOWN))]
    if plain:
        raise ConfigError(f"{plain[0]}: neither {UP} nor {DOWN}, unlike the files beside it")
    names = {file.name.removesuffix(UP): file for file in found if file.name.endswith(UP)}
    downs = {file.name.removesuffix(DOWN): file for file in found if file.name.endswith(DOWN)}
    if lonely := downs.keys() - names.keys():
        name = min(lonely)
        raise ConfigError(f"{downs[name]}: there is no {name}{UP} that it undoes")
    return tuple(Migration(name, up, downs.get(name)) for name, up in names.items())


def _plain(found: list[Path]) -> tuple[Migration, ...]:
    return tuple(Migration(file.name.removesuffix(".sql"), file, None) for file in found)


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sort key in which the numbers of a name count as numbers."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts if part]


def run_file(connection: psycopg.Connection[Any], path: Path) -> None:
    """Run one file, in a transaction where that is possible. Raises MigrationError."""
    script = Script.open(path, PG_PROVE)
    script.check()
    wrapped = not any(_unwrapped(statement.sql) for statement in script.statements())
    if wrapped:
        connection.execute("BEGIN")
    try:
        _run(connection, script)
    except BaseException:
        if wrapped and not connection.closed:
            connection.execute("ROLLBACK")
        raise
    if wrapped:
        _commit(connection, path)


def _run(connection: psycopg.Connection[Any], script: Script) -> None:
    for answer in Session(connection, STATEMENT_TIMEOUT, pipelined=False).run(script):
        if answer.failure:
            raise MigrationError(answer.location, answer.failure)


def _commit(connection: psycopg.Connection[Any], path: Path) -> None:
    """Commit; what deferred constraints refuse now is reported as the file's last line."""
    from harness.results import Location
    from harness.session import Failure

    try:
        connection.execute("COMMIT")
    except psycopg.Error as error:
        diag = error.diag
        failure = Failure(
            f"at COMMIT: {diag.message_primary or error}",
            error.sqlstate or "",
            diag.message_detail or "",
            diag.message_hint or "",
        )
        lines = path.read_bytes().count(b"\n")
        raise MigrationError(Location(path, max(lines, 1)), failure) from None


def _unwrapped(statement: str) -> bool:
    return transaction_control(statement) or bool(_NO_TRANSACTION.match(bare(statement)))


def _included(file: Path) -> list[Path]:
    script = Script.open(file, PG_PROVE)
    paths = {statement.path.resolve() for statement in script.statements()}
    return sorted(paths - {file.resolve()})
