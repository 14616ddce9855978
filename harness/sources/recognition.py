"""Which tool keeps the schema at a path, as far as names and marker lines tell.

A function for each tool says whether a path is its own. Nothing here loads what the tool's source
needs: a project has one tool, and pays for that one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

from harness.core.errors import ConfigError
from harness.sources.ordered import folder, marked, sql_files

ALEMBIC_INI, PYPROJECT = "alembic.ini", "pyproject.toml"
SQITCH_CONF, SQITCH_PLAN = "sqitch.conf", "sqitch.plan"
FLYWAY_SETTINGS = ("flyway.toml", "flyway.conf")
FLYWAY_NAME = re.compile(
    r"(?:(?P<kind>[VUB])(?P<version>\d+(?:[._]\d+)*)|R)__(?P<description>.+)\.sql"
)
FLYWAY_PLACES = ("src/main/resources/db/migration", "db/migration", "sql", "migrations")
DBMATE_PLACES = ("db/migrations", "migrations")
DBMATE_MARKER = re.compile(r"--\s*migrate:(?P<way>up|down)(?:\s+(?P<options>\S.*))?\s*$")
GOOSE_PLACES = ("migrations", "db/migrations")
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
        return (path / ALEMBIC_INI).is_file() or has_alembic_table(path / PYPROJECT)
    return path.name == ALEMBIC_INI or (path.name == PYPROJECT and has_alembic_table(path))


def has_alembic_table(toml: Path) -> bool:
    """Whether a ``pyproject.toml`` has ``[tool.alembic]``. Raises ConfigError."""
    if not toml.is_file():
        return False
    try:
        return "alembic" in tomllib.loads(toml.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
    """Whether it is a directory ``supabase`` with migrations, or has one."""
    return path.is_dir() and supabase_folder(path) is not None


def supabase_folder(path: Path) -> Path | None:
    """The directory ``supabase`` of a path, by what lies in it."""
    if (path / "supabase" / "migrations").is_dir():
        return path / "supabase"
    if (path / "migrations").is_dir() and path.name == "supabase":
        return path
    return path.parent if path.name == "migrations" and path.parent.name == "supabase" else None


def flyway(path: Path) -> bool:
    """Whether it has Flyway's settings, or a file that is named as Flyway wants."""
    if path.is_file():
        return path.name in FLYWAY_SETTINGS or bool(FLYWAY_NAME.fullmatch(path.name))
    if any((path / name).is_file() for name in FLYWAY_SETTINGS):
        return True
    place = folder(path, *FLYWAY_PLACES)
    found = sql_files(place) or place.rglob("*__*.sql")
    return any(FLYWAY_NAME.fullmatch(file.name) for file in found)


def dbmate(path: Path) -> bool:
    """Whether a file has a line ``-- migrate:up`` or ``-- migrate:down``."""
    return marked(folder(path, *DBMATE_PLACES), DBMATE_MARKER)


def goose(path: Path) -> bool:
    """Whether a file has a line ``-- +goose Up`` or the like."""
    return marked(folder(path, *GOOSE_PLACES), GOOSE_MARKER)


def sql_dir(path: Path) -> bool:
    """Whether it is an SQL file, or a directory with some."""
    return path.suffix == ".sql" if path.is_file() else any(path.glob("*.sql"))
