"""A directory of SQL files: ``.up.sql``/``.down.sql`` pairs, or plain ``.sql`` files.

Files are psql scripts, taken in the order of the numbers in their names (``2_b`` before
``10_a``). Each runs in a transaction of its own that is rolled back where it fails, unless it
controls its transactions itself or has statements that no transaction can hold. Plain files are
each a ``psql -f``, and so is every way down. Pairs go up in one session: the tools that have
them (golang-migrate, sqlx, bun) work so.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.postgres.psql import Script, Statement
from harness.postgres.psql.lexer import bare
from harness.postgres.session import PG_PROVE, transaction_control
from harness.sources.base import Migration
from harness.sources.ordered import Ordered, passed_over
from harness.sources.running import afresh, run, unholdable

UP, DOWN = ".up.sql", ".down.sql"
_NAMED = 5
"""Files that a message names at most."""


@dataclass(frozen=True, slots=True)
class SqlDir(Ordered):
    """A directory of migrations, or a single file."""

    name: ClassVar[str] = "sql_dir"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the names of the files; ConfigError for pairs that do not match."""
        found = [path] if path.is_file() else sorted(path.glob("*.sql"), key=_natural)
        pairs = any(file.name.endswith((UP, DOWN)) for file in found)
        source = cls(path, _pairs(found) if pairs else _plain(found))
        if path.is_dir():
            _refuse_half(source, config.tests)
        return source

    @property
    def counted(self) -> tuple[Path, ...]:
        """All files, and what they include."""
        return (*self.files, *(one for file in self.files for one in _included(file)))

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one up file; a plain one has a session of its own."""
        run_file(connection, migration.up)
        if not migration.up.name.endswith(UP):
            afresh(connection)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one down file, in a session of its own."""
        assert migration.down is not None
        afresh(connection)
        run_file(connection, migration.down)
        afresh(connection)


def run_file(connection: psycopg.Connection[Any], path: Path) -> None:
    """Run one file, in a transaction where that is possible. Raises MigrationError."""
    script = Script.open(path, PG_PROVE)
    run(connection, script, wrapped=not any(map(_apart, script.statements())))


def _apart(statement: Statement) -> bool:
    """Whether a file with this statement cannot be put into a transaction."""
    calls = bare(statement.sql).startswith("CALL ")  # a procedure may commit
    return calls or transaction_control(statement.sql) or unholdable(statement)


def _refuse_half(source: SqlDir, tests: Collection[Path]) -> None:
    """Raise ConfigError for SQL that lies in the directory or below, and is no migration."""
    left = passed_over(source.path, source.files)
    if left:  # only then is it worth to look at what the files include
        left = passed_over(source.path, source.counted)
    left = [path for path in left if not any(map(path.is_relative_to, tests))]
    if not left:
        return
    several = ", ".join(str(path.relative_to(source.path)) for path in left[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    raise ConfigError(
        f"{source.path}: only its own .sql files would be applied, and these passed over:"
        f" {several}{more}; name the directory that has all migrations with --schema,"
        ' their tool with --source, or run it with source = "command"'
    )


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


def _included(file: Path) -> list[Path]:
    script = Script.open(file, PG_PROVE)
    paths = {statement.path.resolve() for statement in script.statements()}
    return sorted(paths - {file.resolve()})
