"""Sources: the tools and layouts that keep a schema, one file each.

To add a source: one module with a class that has the methods of SchemaSource, one line in
SOURCES, one case in the contract's test. How a path is recognised is a function of
``recognition.py``, for most tools ``has(NAME)``; the line also says where projects keep it, which
``finding.py`` looks for. Modules with an underscore are what several sources, or the parts of
one, are made of.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.text import nearest
from harness.sources import recognition

if TYPE_CHECKING:
    from harness.sources.base import Migration, MigrationError, SchemaSource


@dataclass(frozen=True, slots=True)
class Registered:
    """A source on the list; its module is loaded when a project has its tool."""

    name: str
    """What ``--source`` and ``[tool.harness] source`` call it."""
    place: str
    """Module here and class: ``dbmate:Dbmate``."""
    recognises: Callable[[Path], bool]
    """Whether a path holds a schema of this kind."""
    places: tuple[str, ...] = ()
    """Where it is in a project, relative to the project's directory."""

    def load(self) -> type[SchemaSource]:
        """The class."""
        module, _, name = self.place.partition(":")
        source: type[SchemaSource] = getattr(import_module(f"{__name__}.{module}"), name)
        return source


SOURCES = (
    Registered("command", "command:Command", recognition.only_named),
    Registered("golang_migrate", "golang_migrate:GolangMigrate", recognition.only_named),
    Registered("supabase", "supabase:Supabase", recognition.supabase, recognition.SUPABASE_PLACES),
    Registered("prisma", "prisma:Prisma", recognition.prisma, ("prisma/migrations",)),
    Registered("drizzle", "drizzle:Drizzle", recognition.drizzle, ("drizzle",)),
    Registered("alembic", "alembic:Alembic", recognition.alembic, recognition.ALEMBIC_PLACES),
    Registered("django", "django:Django", recognition.django, (recognition.MANAGE,)),
    Registered("sqitch", "sqitch:Sqitch", recognition.sqitch, ("sqitch.conf", "sqitch.plan")),
    Registered("hasura", "hasura:Hasura", recognition.hasura, (".", "hasura")),
    Registered("diesel", "diesel:Diesel", recognition.diesel, ("diesel.toml", "migrations")),
    Registered("flyway", "flyway:Flyway", recognition.flyway, recognition.FLYWAY_FILES),
    Registered("graphile", "graphile:Graphile", recognition.graphile, recognition.GRAPHILE_PLACES),
    Registered("liquibase", "liquibase:Liquibase", recognition.liquibase),
    Registered("node_pg_migrate", "node_pg_migrate:NodePgMigrate", recognition.node_pg_migrate),
    Registered("sql_migrate", "sql_migrate:SqlMigrate", recognition.sql_migrate),
    Registered("tern", "tern:Tern", recognition.tern),
    Registered("dbmate", "dbmate:Dbmate", recognition.dbmate, ("db/migrations",)),
    Registered("goose", "goose:Goose", recognition.goose),
    Registered("pgxs", "pgxs:Pgxs", recognition.pgxs, (".",)),
    Registered("structure", "structure:Structure", recognition.structure, recognition.STRUCTURES),
    Registered("sql_dir", "sql_dir:SqlDir", recognition.sql_dir, recognition.SQL_PLACES),
)
"""Asked in this order whether a path is theirs; the first two only where they are named."""

__all__ = ["SOURCES", "Migration", "MigrationError", "SchemaSource", "open_source", "texts"]


def __getattr__(name: str) -> Any:
    """Load the protocol when it is asked for: what finds a schema needs no driver."""
    if name in ("Migration", "MigrationError", "SchemaSource"):
        return getattr(import_module(f"{__name__}.base"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def open_source(config: Config) -> SchemaSource | None:
    """The source that keeps the configured schema; None for no schema.

    Raises ConfigError where no source recognises the path, and where a source is named
    without one.
    """
    path = config.schema
    if path is None and config.choices and not config.schemaless:
        from harness.sources.finding import several

        raise ConfigError(several(config))
    if path is None and config.source and not config.schemaless:
        raise ConfigError(f"source: {config.source!r} keeps no schema that was found; see --schema")
    if path is None:
        return None
    for source in SOURCES:
        if config.source == source.name or (not config.source and source.recognises(path)):
            return _left(_opened(source, path, config), config)
    if config.source:
        names = [source.name for source in SOURCES]
        raise ConfigError(f"source: {config.source!r} is none{nearest(config.source, names)}")
    from harness.sources.finding import unserved

    raise ConfigError(unserved(path))


def _opened(source: Registered, path: Path, config: Config) -> SchemaSource:
    """The source; that a project is for another database comes first where files are refused."""
    try:
        return source.load().open(path, config)
    except ConfigError as error:
        from harness.sources._other_databases import of_project

        other = of_project(config.root) or of_project(Path.cwd())
        if other is None:
            raise
        raise ConfigError(f"{other}\n{error}") from error


def _left(source: SchemaSource, config: Config) -> SchemaSource:
    if not config.left_out:
        return source
    from harness.sources.age import without

    return without(source, config.left_out)


def texts(source: SchemaSource) -> list[str]:
    """The contents of the files of a schema, as far as they can be read."""
    paths = {*source.counted, *(one.up for one in source.migrations)}
    found = []
    for path in sorted(paths):
        with suppress(OSError):
            found.append(path.read_text("utf-8", "replace"))
    return found


def texts_without_downs(source: SchemaSource | None) -> dict[Path, str]:
    """File -> text of what makes the schema, without what unmakes it."""
    if source is None:
        return {}
    ups = {migration.up for migration in source.migrations}
    downs = {one.down for one in source.migrations if one.down} - ups
    return {path: path.read_text("utf-8", "replace") for path in source.files if path not in downs}
