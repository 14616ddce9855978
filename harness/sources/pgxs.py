"""An extension in SQL: ``NAME.control`` with the scripts beside it or in ``sql``, built by PGXS.

The schema is what ``CREATE EXTENSION`` makes. PostgreSQL 18 finds the project's files by
``extension_control_path``; an older server has to have the extension installed. Where ``make``
would copy ``sql/NAME.sql`` to the script of the version, that file is taken.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg
from psycopg import sql

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Location
from harness.postgres.psql import Script, Statement
from harness.postgres.psql.lexer import bare
from harness.postgres.server.binaries import open_to_all
from harness.postgres.server.cache import Cache
from harness.postgres.session import Failure
from harness.sources.base import Migration, MigrationError
from harness.sources.ordered import Ordered
from harness.sources.recognition import control_file
from harness.sources.running import run

_VERSION = re.compile(r"^\s*default_version\s*=\s*'([^']+)'", re.MULTILINE)
_PLACES = (".", "sql", "src", "extension", "dist")
_AVAILABLE = "SELECT count(*) FROM pg_available_extensions WHERE name = %s"
_OFFER = """
DO $harness$ BEGIN
    PERFORM set_config('extension_control_path',
        concat_ws(':', current_setting('extension_control_path', true), {}), true);
END $harness$;
"""
_DROP = (  # on one line, so that the lines of the statement after it stay what they are
    "DO $harness$ BEGIN IF EXISTS (SELECT FROM pg_extension WHERE extname = {}) THEN"
    " DROP EXTENSION {} CASCADE; END IF; END $harness$; "
)


@dataclass(frozen=True, slots=True)
class Pgxs(Ordered):
    """The project of one extension."""

    name: ClassVar[str] = "pgxs"
    control: Path
    scripts: tuple[tuple[str, Path], ...]
    """The name under which a script is installed, and the file."""
    cache_dir: Path | None

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the control file. ConfigError where no script makes its version."""
        control = control_file(path)
        if control is None:
            raise ConfigError(f"{path}: there is no .control file of an extension here")
        found = _VERSION.search(control.read_text("utf-8", "replace"))
        version = found[1] if found else ""
        scripts = _scripts(control, version)
        first = dict(scripts).get(f"{control.stem}--{version}.sql")
        upgraded = [file for name, file in scripts if name.endswith(f"--{version}.sql")]
        if first is None and not upgraded:
            raise ConfigError(
                f"{control}: no {control.stem}--{version or 'VERSION'}.sql lies here or in sql/;"
                " 'make' makes it where it is generated"
            )
        up = first or upgraded[-1]
        return cls(path, (Migration(control.stem, up, None),), control, scripts, config.cache_dir)

    @property
    def counted(self) -> tuple[Path, ...]:
        """The control file and all scripts."""
        return (self.control, *(file for _, file in self.scripts))

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Create the extension, and what it requires."""
        self._refuse_absent(connection)
        name = sql.Identifier(migration.name).as_string()
        text = f"{self.offer()}CREATE EXTENSION {name} CASCADE;\n"
        run(connection, Script.parse(text, migration.up), wrapped=True)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Raise ConfigError: there is no script for the down migration."""
        raise ConfigError(f"{migration.up}: an extension has no down migration")

    def offer(self) -> str:
        """SQL by which the server finds the project's files in this transaction."""
        return sql.SQL(_OFFER).format(sql.Literal(str(self._kept()))).as_string()

    def _refuse_absent(self, connection: psycopg.Connection[Any]) -> None:
        """Raise MigrationError where the server has no such extension, and cannot find ours."""
        ours = connection.info.server_version >= 180000 and connection.info.host.startswith("/")
        if ours or connection.execute(_AVAILABLE, [self.control.stem]).fetchone() != (0,):
            return
        said = f"this server has no extension {self.control.stem}: 'make install' it there"
        raise MigrationError(Location(self.control, 1), Failure(said, "0A000"))

    def _kept(self) -> Path:
        """A directory with the files that the server's account can read."""
        texts = {name: file.read_bytes() for name, file in self.scripts}
        texts[self.control.name] = self.control.read_bytes()
        digest = hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:16]

        def build(staging: Path) -> None:
            (staging / "extension").mkdir()
            for name, content in texts.items():
                (staging / "extension" / name).write_bytes(content)
            open_to_all(staging)

        return Cache(self.cache_dir).entry(f"project-extension-{digest}", build)


def made_anew(
    source: Pgxs, serve: Callable[[Statement], Statement | None]
) -> Callable[[Statement], Statement | None]:
    """The same as ``serve``; a test that creates the extension finds none that is there already.

    So does one that includes a script of the extension itself.
    """
    name = source.migrations[0].name
    asks = re.compile(
        rf'CREATE EXTENSION (?:IF NOT EXISTS )?"?{re.escape(name.upper())}"?(?![\w"-])'
    )
    drop = sql.SQL(_DROP).format(sql.Literal(name), sql.Identifier(name)).as_string()
    before = source.offer() + drop
    scripts = {file.resolve() for _, file in source.scripts}

    def served(statement: Statement) -> Statement | None:
        if statement.path.resolve() in scripts:
            return statement._replace(sql=drop + statement.sql)
        asked = "xtension" in statement.sql.lower() and asks.match(bare(statement.sql))
        return statement._replace(sql=before + statement.sql) if asked else serve(statement)

    return served


def _scripts(control: Path, version: str) -> tuple[tuple[str, Path], ...]:
    """The scripts of an extension by the names that they are installed under."""
    found: dict[str, Path] = {}
    for place in (control.parent / one for one in _PLACES):
        for file in sorted(place.glob(f"{control.stem}--*.sql")):
            found.setdefault(file.name, file)
    script = f"{control.stem}--{version}.sql"
    plain = [control.parent / one / f"{control.stem}.sql" for one in _PLACES]
    made = next((file for file in plain if file.is_file()), None)
    if made is not None and not any(name.endswith(f"--{version}.sql") for name in found):
        found[script] = made
    return tuple(found.items())
