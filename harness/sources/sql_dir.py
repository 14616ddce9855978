"""A directory of SQL files: ``.up.sql``/``.down.sql`` pairs, plain ``.sql`` files, or both.

Files are psql scripts, taken in the order of the numbers in their names (``2_b`` before
``10_a``). Each runs in a transaction of its own that is rolled back where it fails, unless it
controls its transactions itself or has statements that no transaction can hold. Plain files are
each a ``psql -f``, and so is every down migration. Pairs go up in one session: the tools that have
them (golang-migrate, sqlx, bun) work so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.postgres.psql import Script, Statement
from harness.postgres.psql.lexer import bare
from harness.postgres.session import PG_PROVE, transaction_control
from harness.sources._index_file import proposal
from harness.sources._loose import beside
from harness.sources.base import Migration, MigrationError
from harness.sources.files import numbered_programs, passed_over
from harness.sources.ordered import Ordered
from harness.sources.remedies import need_of
from harness.sources.running import afresh, run, unholdable

UP, DOWN = ".up.sql", ".down.sql"
_ABSENT = ("42P01", "42883", "42704", "3F000")
"""What is undefined where a file runs before the one that makes what it names."""
_ORDER = "the files of {} have no numbers, so they ran in the order of their names; {}"
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
        source = cls(path, _migrations(found, config.root))
        if path.is_dir():
            if programs := numbered_programs(path):
                from harness.sources._programs import refuse_programs

                refuse_programs(programs, source.migrations)
            if not _is_of_sqlx(path, config.root):
                _refuse_half(source, config.tests)
        return source

    @property
    def counted(self) -> tuple[Path, ...]:
        """All files, and what they include."""
        return (*self.files, *(one for file in self.files for one in _included(file)))

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of a single file: that others make objects, too, SQL beside it or a tool's programs."""
        if self.path.is_dir():
            return ()
        from harness.sources._lookalikes import programs

        project, own = Path.cwd(), os.path.relpath(self.path)
        others = programs(project) if self.path.is_relative_to(project) else []
        said = f"{own} alone is applied, and not what migrations make that are programs"
        return (*beside(self.path, self.counted), *(f"{said}\n{one}" for one in others))

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one up file; a plain one has a session of its own."""
        try:
            run_file(connection, migration.up, own=self.database)
        except MigrationError as error:
            known = need_of(error.failure) is not None
            if error.failure.sqlstate in _ABSENT and not known and not self._numbered:
                shown = _shown(self.path)
                hint = _ORDER.format(shown, proposal(self.path, self.files, shown))
                failure = replace(error.failure, hint=hint)
                raise MigrationError(error.location, failure) from None
            raise
        if not migration.up.name.endswith(UP):
            afresh(connection)

    @property
    def _numbered(self) -> bool:
        """Whether the names say an order; a single file needs none."""
        names = [migration.up.name for migration in self.migrations]
        return len(names) < 2 or any(re.match(r"\D{0,2}\d", name) for name in names)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one down file, in a session of its own."""
        assert migration.down is not None
        afresh(connection)
        run_file(connection, migration.down, own=self.database)
        afresh(connection)


def run_file(
    connection: psycopg.Connection[Any],
    path: Path,
    serve: Callable[[Statement], Statement | None] = lambda statement: statement,
    own: Collection[str] = (),
) -> None:
    """Run one file, in a transaction where that is possible; as ``run`` takes the others.

    Raises MigrationError.
    """
    script = Script.open(path, PG_PROVE, connects=True)
    apart = any(map(_apart, script.statements())) or any(script.connections())
    run(connection, script, wrapped=not apart, serve=serve, own=own)


_COMMITS = re.compile(r"DO\b.*\b(?:COMMIT|ROLLBACK)\b", re.IGNORECASE | re.DOTALL)


def _apart(statement: Statement) -> bool:
    """Whether a file with this statement cannot be put into a transaction."""
    text = bare(statement.sql)
    calls = text.startswith("CALL ")  # a procedure may commit, and so may a block
    commits = text.startswith("DO ") and bool(_COMMITS.search(statement.sql))
    return calls or commits or transaction_control(statement.sql) or unholdable(statement)


def _is_of_sqlx(path: Path, root: Path) -> bool:
    """Whether sqlx runs a directory: it takes none of those below, as one left by diesel."""
    for place in (path.parent, *path.parent.parents):
        cargo = place / "Cargo.toml"
        if cargo.is_file() and os.access(cargo, os.R_OK, effective_ids=True):
            text = cargo.read_text("utf-8", "replace")
            return bool(re.search(r"(?m)^\s*sqlx\b", text)) and "diesel" not in text
        if place == root:
            break
    return False


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
        f" {several}{more}\nMove what is no part of the schema to a directory 'archive' there;"
        f" otherwise {proposal(source.path, [*source.files, *left], _shown(source.path))}"
    )


def _shown(path: Path) -> str:
    return os.path.relpath(path)


_WAY = re.compile(r"(?P<stem>.+)[._-](?P<way>up|do|down|undo|rollback|revert)\.sql", re.IGNORECASE)
"""``1_a.up.sql``, ``1-a-up.sql``, ``1_a_rollback.sql``."""
_POSTGRATOR = re.compile(r"(?P<stem>\d+)\.(?P<way>do|undo)\.(?P<rest>.+)\.sql", re.IGNORECASE)
"""``001.do.name.sql`` and ``001.undo.name.sql``."""
_UPS = ("up", "do")


@dataclass(frozen=True, slots=True)
class _File:
    """A file by what its name says: its migration, and whether it is the up migration or down."""

    path: Path
    stem: str
    way: str
    """Empty for a plain file."""

    @classmethod
    def of(cls, path: Path) -> _File:
        """Read a name."""
        found = _POSTGRATOR.fullmatch(path.name) or _WAY.fullmatch(path.name)
        if found is None:
            return cls(path, path.name.removesuffix(".sql"), "")
        return cls(path, found["stem"], found["way"].lower())

    @property
    def certain(self) -> bool:
        """Whether the name says so whatever lies beside; ``1_clean_up.sql`` does not."""
        return self.path.name.endswith((UP, DOWN))


def _migrations(found: list[Path], root: Path) -> tuple[Migration, ...]:
    """The migrations of a directory. ConfigError for a down migration of nothing."""
    files = [_File.of(path) for path in found]
    downs = {one.stem: one for one in files if one.way and one.way not in _UPS}
    ups = {one.stem for one in files if one.way in _UPS}
    plain = {one.stem for one in files if not one.way}
    made = []
    for one in files:
        paired = one.stem in (downs if one.way in _UPS else ups | plain)
        if one.way and not (paired or one.certain):
            made.append(Migration(one.path.name.removesuffix(".sql"), one.path, None))
        elif one.way in _UPS or not one.way:
            down = downs.get(one.stem)
            made.append(Migration(one.stem, one.path, down.path if down else None))
        elif one.stem not in ups | plain:
            shown = one.path.relative_to(root) if one.path.is_relative_to(root) else one.path
            raise ConfigError(
                f"{shown}: there is no {one.stem}{UP} that it undoes; rename it, or add that file"
            )
    return tuple(made)


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sort key in which the numbers of a name count as numbers."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts if part]


def _included(file: Path) -> list[Path]:
    script = Script.open(file, PG_PROVE, connects=True)
    if b"\\" not in script.content:  # psql includes by a command, which this file cannot have
        return []
    paths = {statement.path.resolve() for statement in script.statements()}
    return sorted(paths - {file.resolve()})
