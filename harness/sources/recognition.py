"""Which tool keeps the schema at a path, as far as names and marker lines tell.

A function for each tool says whether a path is its own. Nothing here loads what the tool's source
needs: a project has one tool, and pays for that one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError
from harness.core.files import of_toml, table_of
from harness.sources.files import folder, marked, read, sql_files

ALEMBIC_INI, PYPROJECT = "alembic.ini", "pyproject.toml"
SUPABASE_FOLDERS = ("migrations", "schemas")
SUPABASE_PLACES = (*(f"supabase/{name}" for name in SUPABASE_FOLDERS), "supabase/schema.sql")
"""Migrations, the declarative schemas that they are made from, and a file that is run by hand."""
ALEMBIC_PLACES = (ALEMBIC_INI, PYPROJECT, "alembic", "migrations")
SQITCH_CONF, SQITCH_PLAN = "sqitch.conf", "sqitch.plan"
FLYWAY_SETTINGS = ("flyway.toml", "flyway.conf")
SPRING = tuple(f"application.{end}" for end in ("properties", "yml", "yaml"))
FLYWAY_FILES = (
    *FLYWAY_SETTINGS,
    "conf/flyway.conf",
    *(f"src/main/resources/{name}" for name in SPRING),
)
"""Settings that name directories of migrations."""
FLYWAY_NAME = re.compile(
    r"(?:(?P<kind>[VUB])(?P<version>\d+(?:[._]\d+)*)|R)__(?P<description>.+)\.sql"
)
FLYWAY_PLACES = ("src/main/resources/db/migration", "db/migration", "sql", "migrations")
DBMATE_PLACES = ("db/migrations", "migrations")
DBMATE_MARKER = re.compile(r"--\s*migrate:(?P<way>up|down)(?:\s+(?P<options>\S.*))?\s*$")
GOOSE_PLACES = ("migrations", "db/migrations")
DIESEL_SETTINGS, DIESEL_NAME = "diesel.toml", re.compile(r"\d[\d-]*(?:_.*)?")
DRIZZLE_JOURNAL = "meta/_journal.json"
NODE_PG_MARKER = re.compile(r"\s*--[\s-]*(?P<way>up|down)\s+migration", re.IGNORECASE)
SQL_MIGRATE_MARKER = re.compile(r"--\s*\+migrate\s+(?P<word>\S.*?)\s*$", re.IGNORECASE)
TERN_MARKER = re.compile(r"----\s*create above\s*/\s*drop below\s*----\s*$")
GRAPHILE_MARKER, GRAPHILE_SETTINGS = re.compile(r"--! Previous: "), ".gmrc"
GRAPHILE_PLACES = ("migrations", "migrations/committed")
STRUCTURES = ("db/structure.sql", "priv/repo/structure.sql")
STRUCTURE_NAME = re.compile(r"(?:\w+_)?structure\.sql")
MANAGE = "manage.py"
SQL_PLACES = (
    "db/migrations",
    "src/main/resources/db/migration",
    "migrations",
    "migrations/sqls",
    "db/migration",
    "database/migrations",
    "sql/schema",
)
"""Where migrations are in SQL, of whatever tool, that nothing else in the project names."""
SINGLE = (
    *("sql", "schema.sql", "db/schema.sql", "sql/schema.sql", "database/schema.sql"),
    *("src/schema.sql", "src/db/schema.sql", "init.sql", "db/init.sql", "database/init.sql"),
    *("db/init", "database/init", "docker-entrypoint-initdb.d", "initdb", "schema", "db/schema"),
    *("database", "db", "setup.sql", "database.sql", "db.sql", "tables.sql"),
)
"""A schema that is one file, or files without numbers; only where nothing else was found."""
LIQUIBASE_MARKER = re.compile(r"\s*--\s*liquibase\s+formatted\s+sql\b", re.IGNORECASE)
GOOSE_MARKER = re.compile(r"\s*--\s*\+goose\s+(?P<word>\S.*?)\s*$", re.IGNORECASE)


def only_named(path: Path) -> bool:
    """Of a tool that has to be named: its files look like another's, or like nothing."""
    return False


def has(*names: str) -> Callable[[Path], bool]:
    """Of a tool whose projects have one of these files, or that is given one of them."""

    def recognises(path: Path) -> bool:
        wanted = any((path / name).is_file() for name in names)
        return wanted or (path.is_file() and any(path.match(name) for name in names))

    return recognises


def alembic(path: Path) -> bool:
    """Whether there is an ``alembic.ini``, or ``[tool.alembic]``. Raises ConfigError."""
    if path.is_dir():
        own = (path / ALEMBIC_INI).is_file() or has_alembic_table(path / PYPROJECT)
        return own or alembic_scripts(path)
    return path.name == ALEMBIC_INI or (path.name == PYPROJECT and has_alembic_table(path))


def has_alembic_table(toml: Path) -> bool:
    """Whether a ``pyproject.toml`` has ``[tool.alembic]``. Raises ConfigError."""
    if not toml.is_file():
        return False
    try:
        return "alembic" in table_of(of_toml(toml.read_text(encoding="utf-8")), "tool")
    except ValueError as error:
        raise ConfigError(f"{toml}: {error}") from error


def sqitch(path: Path) -> bool:
    """Whether there is a ``sqitch.conf`` or a plan, here or above its ``top_dir``."""
    return sqitch_root(path) is not None


def sqitch_root(path: Path) -> Path | None:
    """The directory with sqitch.conf, or with the plan where there is no sqitch.conf."""
    place = path.parent if path.is_file() else path
    if path.is_file() and path.name not in (SQITCH_CONF, SQITCH_PLAN):
        return None
    if any((place / name).is_file() for name in (SQITCH_CONF, SQITCH_PLAN)):
        in_top_dir = not (place / SQITCH_CONF).is_file() and (place.parent / SQITCH_CONF).is_file()
        return place.parent if in_top_dir else place
    return None


def supabase(path: Path) -> bool:
    """Whether it is a directory ``supabase`` with migrations, or has one, or its ``schema.sql``."""
    by_hand = path.is_file() and path.name == "schema.sql" and path.parent.name == "supabase"
    return by_hand or (path.is_dir() and supabase_folder(path) is not None)


def supabase_folder(path: Path) -> Path | None:
    """The directory ``supabase`` of a path, by what lies in it."""
    if any((path / "supabase" / name).is_dir() for name in SUPABASE_FOLDERS):
        return path / "supabase"
    if path.name == "supabase" and any((path / name).is_dir() for name in SUPABASE_FOLDERS):
        return path
    inside = path.name in SUPABASE_FOLDERS and path.parent.name == "supabase"
    return path.parent if inside else None


def flyway(path: Path) -> bool:
    """Whether it has Flyway's settings, or a file that is named as Flyway wants."""
    if path.is_file():
        if path.name in SPRING:
            return bool(spring_locations(path))
        return path.name in FLYWAY_SETTINGS or bool(FLYWAY_NAME.fullmatch(path.name))
    if any((path / name).is_file() for name in FLYWAY_SETTINGS):
        return True
    place = folder(path, *FLYWAY_PLACES)
    found = sql_files(place) or place.rglob("*__*.sql")
    return any(FLYWAY_NAME.fullmatch(file.name) for file in found)


def dbmate(path: Path) -> bool:
    """Whether a file has a line ``-- migrate:up`` or ``-- migrate:down``."""
    return marked(folder(path, *DBMATE_PLACES), DBMATE_MARKER)


def liquibase(path: Path) -> bool:
    """Whether a file, or all of a directory or of a changelog in it, is Liquibase's formatted SQL.

    A directory may hold the changelog alone, which includes them from elsewhere.
    """
    if path.is_file() and path.suffix != ".sql":
        from harness.sources._liquibase_changelogs import included

        return path.suffix in (".xml", ".yml", ".yaml", ".json") and bool(included(path))
    files = sql_files(path)
    if path.is_dir() and not files:
        from harness.sources._liquibase_changelogs import changelogs, included

        named = next(filter(None, map(included, changelogs(path))), [])
        files = [file for file in named if file.is_file()]  # what is missing is said later
    return bool(files) and all(map(is_liquibase_sql, files))


def is_liquibase_sql(path: Path) -> bool:
    """Whether an SQL file begins as Liquibase's formatted SQL does."""
    lines = path.read_text("utf-8", "replace").lstrip("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    return bool(LIQUIBASE_MARKER.match(first))


def goose(path: Path) -> bool:
    """Whether a file has a line ``-- +goose Up`` or the like."""
    return marked(folder(path, *GOOSE_PLACES), GOOSE_MARKER)


def sql_dir(path: Path) -> bool:
    """Whether it is an SQL file, or a directory with some."""
    return path.suffix == ".sql" if path.is_file() else any(path.glob("*.sql"))


def alembic_scripts(path: Path) -> bool:
    """Whether a directory is Alembic's script directory: an ``env.py`` and the template beside."""
    return (path / "env.py").is_file() and (
        (path / "script.py.mako").is_file() or (path / "versions").is_dir()
    )


def _folders_with(path: Path, *names: str) -> list[Path]:
    """The directories directly below a path that have one of these files."""
    below = sorted(path.iterdir()) if path.is_dir() else []
    return [one for one in below if any((one / name).is_file() for name in names)]


def diesel(path: Path) -> bool:
    """Whether there is a ``diesel.toml``, or ``<version>_<name>/up.sql``."""
    folder = diesel_folder(path)
    if folder == path and any(one.name[:1].isdecimal() for one in folder.glob("*.sql")):
        return False  # numbered files are another tool's, and a directory among them is a mistake
    return any(DIESEL_NAME.fullmatch(one.name) for one in _folders_with(folder, "up.sql"))


def diesel_folder(path: Path) -> Path:
    """The directory of the migrations: the one that ``diesel.toml`` names, or a usual one."""
    if path.name == DIESEL_SETTINGS:
        path = path.parent
    settings = path / DIESEL_SETTINGS
    if settings.is_file():
        named = _toml(settings).get("migrations_directory", {}).get("dir")
        if isinstance(named, str) and (path / named).is_dir():
            return path / named
    below = path / "migrations"
    return below if _folders_with(below, "up.sql") and not _folders_with(path, "up.sql") else path


def hasura(path: Path) -> bool:
    """Whether it is a project of Hasura's CLI, or a database's directory of migrations in one."""
    return hasura_folder(path) is not None


def hasura_folder(path: Path) -> Path | None:
    """The directory of a database's migrations; None where there is none, or several are."""
    project = next((one for one in (path, *path.parents[:3]) if _is_hasura(one)), None)
    if project is None:
        return None
    migrations = project / "migrations"
    if path != migrations and path.is_relative_to(migrations):
        return path
    places = [one for one in (migrations, *_folders(migrations)) if _folders_with(one, "up.sql")]
    return places[0] if len(places) == 1 else None


def _is_hasura(path: Path) -> bool:
    settings = path / "config.yaml"
    if not (settings.is_file() and (path / "migrations").is_dir()):
        return False
    return bool(re.search(r"^(?:metadata_directory|endpoint)\s*:", _text(settings), re.M))


def _folders(path: Path) -> list[Path]:
    return [one for one in sorted(path.iterdir()) if one.is_dir()] if path.is_dir() else []


def prisma(path: Path) -> bool:
    """Whether there are ``<name>/migration.sql`` and the ``migration_lock.toml`` of Prisma."""
    place = prisma_folder(path)
    return place is not None


def prisma_folder(path: Path) -> Path | None:
    """The directory of the migrations of a Prisma project; None where there is none."""
    places = (path, path / "migrations", path / "prisma" / "migrations")
    found = [one for one in places if _folders_with(one, "migration.sql")]
    return next((one for one in found if not _folders_with(one, "snapshot.json")), None)


def drizzle(path: Path) -> bool:
    """Whether drizzle-kit's journal is there, or its directories with a snapshot."""
    return drizzle_folder(path) is not None


def drizzle_folder(path: Path) -> Path | None:
    """The directory that drizzle-kit writes to; None where it has not."""
    for one in (path, path / "drizzle", path / "migrations", path / "drizzle" / "migrations"):
        if (one / DRIZZLE_JOURNAL).is_file() or _folders_with(one, "snapshot.json"):
            return one
    return None


def node_pg_migrate(path: Path) -> bool:
    """Whether a file has a line ``-- Up Migration`` or ``-- Down Migration``."""
    return marked(folder(path, "migrations"), NODE_PG_MARKER)


def sql_migrate(path: Path) -> bool:
    """Whether a file has a line ``-- +migrate Up`` or the like."""
    return marked(folder(path, "migrations", "db/migrations"), SQL_MIGRATE_MARKER)


def tern(path: Path) -> bool:
    """Whether there is a ``tern.conf``, or a file with tern's line between up and down."""
    place = folder(path, "migrations")
    settings = any((one / "tern.conf").is_file() for one in {path, place, place.parent})
    return (settings and bool(sql_files(place))) or marked(place, TERN_MARKER)


def graphile(path: Path) -> bool:
    """Whether graphile-migrate has committed something, or its settings and its work are there."""
    place = graphile_migrations(path)
    if marked(place / "committed", GRAPHILE_MARKER):
        return True
    work = (place / "current.sql").is_file() or (place / "current").is_dir()
    return work and (place.parent / GRAPHILE_SETTINGS).is_file()


def graphile_migrations(path: Path) -> Path:
    """The directory ``migrations`` of a project, for itself and for what lies in it."""
    place = path.parent if path.is_file() else path
    place = place.parent if place.name in ("committed", "current") else place
    return place / "migrations" if (place / "migrations").is_dir() else place


def pgxs(path: Path) -> bool:
    """Whether it is the control file of an extension, or a project that has one."""
    return control_file(path) is not None


def control_file(path: Path) -> Path | None:
    """The one control file of a path, which names the version that is made by default."""
    found = [path] if path.is_file() else sorted(path.glob("*.control"))
    named = [one for one in found if one.suffix == ".control" and "default_version" in _text(one)]
    return named[0] if len(named) == 1 else None


def structure(path: Path) -> bool:
    """Whether it is a dump that Rails or Ecto keeps, or a project that has one."""
    if path.is_file():
        return bool(STRUCTURE_NAME.fullmatch(path.name))
    return any((path / name).is_file() for name in STRUCTURES)


def django(path: Path) -> bool:
    """Whether it is Django's ``manage.py``, or has one."""
    script = path / MANAGE if path.is_dir() else path
    return script.name == MANAGE and script.is_file() and "django" in _text(script)


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return of_toml(_text(path))
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error


_QUERY = re.compile(r"\s*(?:--|/\*)\s*(?:name|@name):?\s+\w+")


def queries(path: Path) -> bool:
    """Whether SQL files are queries that a generator of code reads (sqlc, pgtyped, aiosql)."""
    found = sql_files(path)
    return bool(found) and any(map(_QUERY.match, read(found[0], "replace")))


def weak(path: Path) -> bool:
    """Whether any tool's migrations are in a directory that many tools call so."""
    several = (alembic, hasura, diesel, prisma, drizzle, flyway, sql_dir)
    return any(recognises(path) for recognises in several)


_YAML_KEY = re.compile(r"(?P<indent>\s*)(?P<key>[\w.\"'-]+)\s*:\s*(?P<value>.*?)\s*$")
_YAML_ITEM = re.compile(r"\s*-\s+(?P<value>\S.*?)\s*$")


def spring(path: Path) -> dict[str, list[str]]:
    """The settings of a Spring application, flat: ``spring.flyway.locations`` -> values.

    Of YAML as much as such files use: nested keys, lists, texts; the first document.
    """
    if path.suffix == ".properties":
        return dict(_properties(path))
    found: dict[str, list[str]] = {}
    open_keys: list[tuple[int, str]] = []
    for line in read(path, "replace"):
        line = line.rstrip("\r")
        if line.startswith("---") and found:
            break
        plain = re.sub(r"(?:^|\s)#.*", "", line)
        if (item := _YAML_ITEM.match(plain)) and open_keys:
            found.setdefault(_dotted(open_keys), []).append(_unquoted(item["value"]))
        elif key := _YAML_KEY.match(plain):
            indent = len(key["indent"])
            open_keys = [one for one in open_keys if one[0] < indent]
            open_keys.append((indent, key["key"].strip("\"'")))
            if key["value"]:
                found[_dotted(open_keys)] = _listed(key["value"])
    return found


def _dotted(keys: list[tuple[int, str]]) -> str:
    return ".".join(key for _, key in keys)


def _listed(text: str) -> list[str]:
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return [_unquoted(one.strip()) for one in inner.split(",")]


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _properties(path: Path) -> Iterator[tuple[str, list[str]]]:
    text = re.sub(r"\\\r?\n\s*", "", path.read_text("utf-8", "replace"))
    for line in map(str.strip, text.split("\n")):
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", "!")):
            yield key.strip(), [one.strip() for one in value.split(",")]


def spring_locations(path: Path) -> list[str]:
    """The locations of Flyway's migrations that an application's settings name."""
    known = spring(path)
    names = ("spring.flyway.locations", "flyway.locations", "quarkus.flyway.locations")
    return next((known[name] for name in names if name in known), [])
