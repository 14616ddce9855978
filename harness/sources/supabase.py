"""Supabase: ``supabase/migrations/<timestamp>_x.sql`` in the order of their names, and the seed.

As ``supabase db reset`` does it: what the platform has (``supabase.sql``), the migrations, each
in a transaction, then the files of ``[db.seed]`` in ``supabase/config.toml``. Nothing is undone:
Supabase knows no down migration. ``schema_paths`` are where Supabase makes migrations from, and are
applied where there are no migrations. One file, such as ``supabase/schema.sql``, is what somebody
runs by hand in the editor of the platform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from glob import glob
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.files import of_toml
from harness.postgres import standins
from harness.postgres.psql import Script, Statement
from harness.sources._index_file import order
from harness.sources._loose import beside
from harness.sources.base import Migration, Platform
from harness.sources.before import unless_there
from harness.sources.files import numbered, read, sql_files
from harness.sources.ordered import Ordered
from harness.sources.recognition import supabase_folder
from harness.sources.running import acting_as, afresh, run
from harness.sources.sections import Section
from harness.sources.sql_dir import run_file

BASELINE = "supabase.sql"
PREINSTALLED = frozenset(
    {"pg_graphql", "pg_stat_statements", "pgcrypto", "pgjwt", "pgsodium", "supabase_vault"}
    | {"uuid-ossp"}
)
"""Extensions of each Supabase database; to create them IF NOT EXISTS does nothing there."""
PROVIDED = frozenset(
    {"auth", "extensions", "graphql", "graphql_public", "realtime", "storage", "vault"}
    | {"cron", "dbdev", "net", "pgsodium", "pgtle", "supabase_functions", "supabase_migrations"}
)
ROLE = "postgres"
PATH = '"$user", public, extensions'
"""The search_path that a session at Supabase has from the beginning."""
_PREPARED = """
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS supabase_vault;
CREATE EXTENSION IF NOT EXISTS pg_graphql;
GRANT USAGE ON SCHEMA vault TO postgres WITH GRANT OPTION;
GRANT SELECT, DELETE ON vault.secrets, vault.decrypted_secrets TO postgres WITH GRANT OPTION;
GRANT ALL ON ALL ROUTINES IN SCHEMA vault, extensions TO postgres WITH GRANT OPTION;
"""
_AVAILABLE = "SELECT name FROM pg_available_extensions"
_EXTENSION = re.compile(
    r'\s*CREATE\s+EXTENSION\s+IF\s+NOT\s+EXISTS\s+"?(?P<name>[\w-]+)"?', re.IGNORECASE
)
_NAME = re.compile(r"(\d+)_.*\.sql")
_CLOSED = """
ALTER DEFAULT PRIVILEGES FOR ROLE postgres, CURRENT_USER IN SCHEMA public
REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres, CURRENT_USER IN SCHEMA public
REVOKE USAGE, SELECT ON SEQUENCES FROM anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres, CURRENT_USER IN SCHEMA public
REVOKE EXECUTE ON FUNCTIONS FROM anon, authenticated, service_role;
"""
"""What ``auto_expose_new_tables = false`` takes away."""


@dataclass(frozen=True, slots=True)
class Supabase(Ordered):
    """A Supabase project: itself, its ``supabase`` directory, or the migrations in there."""

    name: ClassVar[str] = "supabase"
    seeds: tuple[Path, ...] = ()
    absent: tuple[str, ...] = ()
    """Patterns of seeds that no file has."""
    skipped: tuple[Path, ...] = ()
    """Files among the migrations whose names have no version."""
    closed: bool = False
    """Whether ``auto_expose_new_tables = false``: clients get no privileges by default."""

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read names and config.toml. ConfigError for a version that is there twice."""
        if path.suffix == ".sql" and path.is_file():
            return cls(path, (Migration(path.stem, path, None),))
        place = supabase_folder(path)
        if place is None:
            raise ConfigError(f"{path}: there is no supabase/migrations here")
        files = sql_files(place / "migrations")
        found = [one for one in files if _NAME.fullmatch(one.name)]
        numbered(found, _NAME, "Supabase")
        settings = _table(place / "config.toml")
        seeds, absent = _seeds(place, settings)
        migrations = tuple(Migration(f.stem, f, None) for f in found or _declared(place, settings))
        skipped = tuple(one for one in files if one not in found)
        closed = settings.get("api", {}).get("auto_expose_new_tables") is False
        return cls(path, migrations, seeds, absent, skipped, closed)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What Supabase warns of and goes on: seeds that are not there, names without a version."""
        if self.path.is_file():
            return beside(self.path, (self.path, self._roles))
        settings = "supabase/config.toml: db.seed.sql_paths"
        seeds = [f"{settings}: no file matches {pattern!r}" for pattern in self.absent]
        reason = "passed over, as Supabase does: its name is not <timestamp>_name.sql"
        return (*seeds, *(f"supabase/migrations/{one.name}: {reason}" for one in self.skipped))

    @property
    def files(self) -> tuple[Path, ...]:
        """The migrations, and the seed."""
        return (*(migration.up for migration in self.migrations), *self.seeds)

    @property
    def provided(self) -> frozenset[str]:
        """The schemas that ``supabase.sql`` makes."""
        return PROVIDED

    @property
    def platform(self) -> Platform:
        """Migrations and tests are run by ``postgres``, which is no superuser there."""
        return Platform(ROLE, "supabase_admin")

    @property
    def counted(self) -> tuple[Path, ...]:
        """The migrations, the seed, and what the platform has."""
        roles = (self._roles,) if self._roles.is_file() else ()
        return (*self.files, _baseline(), *roles)

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Make what the platform has, run every migration, then the seed."""
        if not self.migrations:
            self._platform(connection)
        for migration in self.migrations:
            self.upgrade(connection, migration)
        for seed in self.seeds:
            with acting_as(connection, ROLE):
                _run(connection, seed)
        afresh(connection)
        return (*(m.name for m in self.migrations), *(seed.name for seed in self.seeds))

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one migration; before the first, make what the platform has."""
        if migration == self.migrations[0]:
            self._platform(connection)
        connection.execute("RESET ALL", prepare=False)  # as Supabase does; roles stay
        connection.execute(f"SET search_path TO {PATH}".encode(), prepare=False)
        with acting_as(connection, ROLE):
            _run(connection, migration.up)

    @property
    def _roles(self) -> Path:
        place = supabase_folder(self.path)
        return (place or self.path.parent) / "roles.sql"

    def _platform(self, connection: psycopg.Connection[Any]) -> None:
        """What the platform has, then the project's own ``roles.sql``."""
        script = Script.open(_baseline())
        run(connection, script, wrapped=True)
        run(connection, Script.parse(_PREPARED, _baseline()), wrapped=True)
        if self.closed:
            run(connection, Script.parse(_CLOSED, _baseline()), wrapped=True)
        if self._roles.is_file():
            run_file(connection, self._roles, partial(unless_there, connection))

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Raise ConfigError: there is no down migration."""
        raise ConfigError(f"{migration.up}: Supabase's migrations have no down migration")


def _baseline() -> Path:
    return Path(str(files("harness.sources") / BASELINE))


def _run(connection: psycopg.Connection[Any], path: Path) -> None:
    lines = read(path)
    section = Section.of(path, lines, 0, len(lines), True)
    section.check("Supabase")
    missing = PREINSTALLED - {name for (name,) in connection.execute(_AVAILABLE)}
    missing -= standins.VERSIONS.keys()
    run(connection, section.script, wrapped=True, serve=partial(_served, missing))


def _served(missing: frozenset[str], statement: Statement) -> Statement | None:
    """The statement, unless it asks for an extension that the platform has, and we have not.

    The schema that an extension has for itself is made by the server where none is named.
    """
    found = _EXTENSION.match(statement.sql)
    if found and found["name"].lower() in missing:
        return None
    asked = standins.asked(statement)
    home = standins.HOMES.get(asked[1]) if asked and asked[0] == "CREATE" else None
    if home is None:
        return statement
    clause = re.compile(rf'\s*(?:\bWITH\s+)?\bSCHEMA\s+"?{home}"?(?=[\s;]|$)', re.IGNORECASE)
    return statement._replace(sql=clause.sub("", statement.sql))


def _seeds(place: Path, settings: dict[str, Any]) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The files that ``[db.seed]`` names, in its order; ``seed.sql`` where it says nothing.

    Second, the patterns that no file has.
    """
    seed = settings.get("db", {}).get("seed", {})
    if not seed.get("enabled", True):
        return (), ()
    found: list[Path] = []
    absent: list[str] = []
    for pattern in seed.get("sql_paths", ["./seed.sql"]):
        matched = _matched(place, pattern)
        found += matched
        if not matched and "sql_paths" in seed:
            absent.append(str(pattern))
    return tuple(dict.fromkeys(found)), tuple(absent)


def _declared(place: Path, settings: dict[str, Any]) -> list[Path]:
    """Where there are no migrations: the files of ``schema_paths``, which Supabase makes them from.

    ConfigError where there are such files and the settings do not list them.
    """
    files = sorted((place / "schemas").rglob("*.sql"))
    if not files:
        return []
    patterns = settings.get("db", {}).get("migrations", {}).get("schema_paths", [])
    found = [path for pattern in patterns for path in _matched(place, pattern)]
    if not found:
        raise ConfigError(
            f"{place / 'schemas'}: Supabase's declarative schemas, without migrations made from"
            " them. 'supabase db diff -f initial' makes these; or list the files in their order in"
            f" {place / 'config.toml'}:\n  [db.migrations]\n"
            f"  schema_paths = [{_listed(place, files)}]"
        )
    return list(dict.fromkeys(found))


def _listed(place: Path, files: list[Path]) -> str:
    ordered = order(place / "schemas", files)
    return ", ".join(f'"./{path.relative_to(place).as_posix()}"' for path in ordered)


def _matched(place: Path, pattern: object) -> list[Path]:
    # Not Path.glob: a pattern may be absolute.
    names = sorted(glob(str(pattern), root_dir=place, recursive=True))  # noqa: PTH207
    return [(place / name).resolve() for name in names]


def _table(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return of_toml("\n".join(read(path)))
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
