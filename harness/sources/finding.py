"""Where a project keeps its schema, when nobody has said so.

First the usual places of the directory that the command runs in and of the project's own, then
everything below. What is found twice there is not chosen between: the message lists it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import ConfigError, HarnessError
from harness.core.results import SQL
from harness.sources import SOURCES, recognition
from harness.sources._liquibase_changelogs import CHANGELOG
from harness.sources._loose import loose, makes_tables
from harness.sources.files import sql_files

DEEPEST = 8
"""Directories below the project's in which a schema is looked for."""
MOST = 20_000
"""Directories that are looked at, at most."""
_NEVER = frozenset(
    {"node_modules", "vendor", "target", "dist", "out", "venv", "env", "__pycache__", "testdata"}
    | {"test", "tests", "__tests__", "spec", "fixtures", "examples", "example", "samples", "e2e"}
    | {"site-packages", "bower_components", "third_party", "docs", "coverage", "demo", "demos"}
)
_OTHERS = re.compile(
    r"mysql|maria(?:db)?|sqlite3?|mssql|sqlserver|oracle|h2|clickhouse|cassandra|spanner|bigquery"
    r"|d1|turso|libsql|duckdb|snowflake|mongo(?:db)?|redshift|hsqldb|derby|db2",
    re.IGNORECASE,
)
"""Directories that hold a schema for another database."""
_OURS = re.compile(r"pg|psql|postgres(?:ql)?", re.IGNORECASE)
_MIGRATIONS = re.compile(
    r"(?:.*[_-])?(?:migrations?|migrate|evolutions|versions?|schema)s?", re.IGNORECASE
)
_MARKS = frozenset(
    {"alembic.ini", "sqitch.conf", "sqitch.plan", "flyway.toml", "flyway.conf", "diesel.toml"}
    | {"migration_lock.toml", "manage.py", "tern.conf", ".gmrc"}
)
_FIRST = "sql/migrations/0001_first.sql"
"""Where a project without a schema begins one."""
_QUERY = re.compile(r"--\s*name:\s*\w+\s*:?\w*")
"""How files of queries begin, which sqlc, aiosql and their like read."""


@dataclass(frozen=True)
class SchemaSearch:
    """The schema of the project ``root``, for a command that is run in ``start``.

    Nothing is looked for before it is asked for.
    """

    start: Path
    root: Path

    @property
    def path(self) -> Path | None:
        """The schema; None where there is none, or several are."""
        return self._found[0]

    @property
    def choices(self) -> tuple[Path, ...]:
        """Those several."""
        return self._found[1]

    def tests(self) -> tuple[Path, ...]:
        """Directories with pgTAP's assertions: usual ones, else those below that hold some."""
        beside = self.path.parent if self.path is not None else self.start
        projects = list(dict.fromkeys((self.start, self.root, beside)))
        # PGXS keeps what it runs in test/sql, and what that includes beside it.
        first = ("test/sql",) if any(map(recognition.pgxs, projects)) else ()
        usual = (one / name for one in projects for name in (*first, *_TESTS))
        for path in usual:
            if _is_there(path, _has_tests):
                return (path,)
        return tuple(_tests_below(self.start))

    @property
    def _projects(self) -> list[Path]:
        return list(dict.fromkeys((self.start, self.root)))

    @cached_property
    def _found(self) -> tuple[Path | None, tuple[Path, ...]]:
        for project in self._projects:
            if path := _usual(project):
                return path, ()
        for project in self._projects:
            below = _below(project)
            if below:
                return (below[0], ()) if len(below) == 1 else (None, tuple(below))
        if path := next(filter(None, map(_single, self._projects)), None):
            return path, ()
        for project in self._projects:
            if found := loose(_sql_below(project)):
                return (found[0], ()) if len(found) == 1 else (None, tuple(found))
        return None, ()


_TESTS = (
    *("tests", "test", "t", "db/tests", "db/test", "database/tests", "test/sql", "tests/db"),
    *("test/pgtap", "sql/tests", "sql/test", "tests/database"),
)
_PLAN = re.compile(r"\bSELECT\s+(?:\*\s+FROM\s+)?(?:\w+\s*\.\s*)?(?:no_)?plan\s*\(", re.IGNORECASE)
"""What pgTAP's scripts begin with."""
_TEST_NAMES = frozenset({"t", "test", "tests", "pgtap", "pgtap_tests", "spec"})


def _has_tests(path: Path) -> bool:
    return path.is_dir() and _some_assert(path)


def _some_assert(path: Path) -> bool:
    files = (one for one in sorted(path.rglob("*")) if one.suffix in SQL and one.is_file())
    return any(map(_asserts, files))


def _asserts(path: Path) -> bool:
    return bool(_PLAN.search(path.read_text("utf-8", "replace")))


def _tests_below(project: Path) -> Iterator[Path]:
    """The outermost directories called as those of tests are that have such scripts."""
    for looked, (place, folders, _) in enumerate(os.walk(project)):
        if looked > MOST:
            return
        path = Path(place)
        if path.name in _TEST_NAMES and path != project:
            folders[:] = []
            if _some_assert(path):
                yield path
            continue
        kept = _NEVER - _TEST_NAMES
        folders[:] = sorted(n for n in folders if n not in kept and not n.startswith("."))


# --- the usual places ------------------------------------------------------------------


def _usual(project: Path) -> Path | None:
    """The first usual place that holds what a tool recognises."""
    first = project / "sql/migrations"
    if _is_there(first, lambda path: bool(kind(path))):
        return first
    for source in SOURCES:
        own = recognition.weak if source.name == "sql_dir" else source.recognises
        for name in source.places:
            path = _of_postgresql(project / name)
            if _is_there(path, own) and not _foreign(path) and not _bare_plan(path):
                return path
    return None


def _is_there(path: Path, recognises: Callable[[Path], bool]) -> bool:
    """Whether a path is recognised; not where it may not be read, such as a server's data."""
    try:
        return path.exists() and recognises(path)
    except PermissionError:
        return False


def _bare_plan(path: Path) -> bool:
    """Whether it is sqitch's, as ``sqitch init`` leaves it: another tool may have what is run."""
    plan = path if path.name == recognition.SQITCH_PLAN else path.parent / recognition.SQITCH_PLAN
    if path.name not in (recognition.SQITCH_CONF, recognition.SQITCH_PLAN) or not plan.is_file():
        return False
    lines = plan.read_text("utf-8", "replace").splitlines()
    return not any(line.strip() and line.lstrip()[0] not in "%#@" for line in lines)


def _of_postgresql(path: Path) -> Path:
    """The directory itself; the one for PostgreSQL where there is one for each of several."""
    try:
        if not path.is_dir() or sql_files(path):
            return path
        below = [one for one in sorted(path.iterdir()) if one.is_dir()]
    except PermissionError:
        return path
    ours = [one for one in below if _OURS.fullmatch(one.name)]
    return ours[0] if len(ours) == 1 and any(_OTHERS.fullmatch(one.name) for one in below) else path


def others(project: Path, schema: Path) -> list[tuple[Path, str]]:
    """Where a project keeps migrations besides its schema, and the tool that recognises them."""
    places = (project / name for source in SOURCES for name in source.places if name != ".")
    found: dict[Path, str] = {}
    for path in map(_of_postgresql, places):
        apart = not path.is_relative_to(schema) and not schema.is_relative_to(path)
        known = any(path.is_relative_to(one) or one.is_relative_to(path) for one in found)
        if path.is_dir() and apart and not known and not _foreign(path) and (name := kind(path)):
            found[path] = name
    return sorted(found.items())


def kind(path: Path) -> str:
    """The name of the source that recognises a path; empty for none."""
    return next((one.name for one in SOURCES if path.exists() and one.recognises(path)), "")


def _foreign(path: Path) -> bool:
    """Whether it is for another database, or holds queries."""
    return bool(_OTHERS.fullmatch(path.name)) or recognition.queries(path)


# --- below -----------------------------------------------------------------------------


def _below(project: Path) -> list[Path]:
    """What tools recognise below a project, the outermost of what lies in each other."""
    found: list[Path] = []
    for path in _walk(project):
        if path != project and not any(path.is_relative_to(one) for one in found):
            found.append(path)
    return found


def _walk(project: Path) -> Iterator[Path]:
    for path, folders, names in _places(project):
        if held := _held_if_readable(path, folders, set(names)):
            folders[:] = []
            yield held


def _places(project: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """The directories of a project that may have a schema, as ``os.walk`` gives them."""
    for looked, (place, folders, names) in enumerate(os.walk(project)):
        path = Path(place)
        depth = len(path.relative_to(project).parts)
        if looked > MOST:
            return
        folders[:] = sorted(
            name
            for name in folders
            if depth < DEEPEST and name.lower() not in _NEVER and not name.startswith(".")
            and not _OTHERS.fullmatch(name)
        )  # fmt: skip
        if "pyvenv.cfg" in names:
            folders[:] = []
        else:
            yield path, folders, names


def _sql_below(project: Path) -> Iterator[tuple[Path, list[Path]]]:
    """The directories with SQL files, and these."""
    for path, _, names in _places(project):
        if files := sorted(path / name for name in names if name.endswith(".sql")):
            yield path, files


def _held_if_readable(path: Path, folders: list[str], names: set[str]) -> Path | None:
    """What a directory holds; None where it cannot be told, since nobody has named it."""
    try:
        return _held(path, folders, names)
    except (HarnessError, OSError):
        return None


def _held(path: Path, folders: list[str], names: set[str]) -> Path | None:
    """What a directory holds; its own name counts only where its files have no mark."""
    if path.name == "supabase" and set(recognition.SUPABASE_FOLDERS) & {*folders}:
        return path if recognition.supabase(path) else None
    if spring := next((one for one in recognition.SPRING if one in names), ""):
        return path / spring if recognition.flyway(path / spring) else None
    if names & _MARKS:
        return _marked(path, names)
    if any(CHANGELOG.fullmatch(name) for name in names) and recognition.liquibase(path):
        return path
    if "meta" in folders and recognition.drizzle(path):
        return path
    if path.name == "db" and "structure.sql" in names:
        return path / "structure.sql"
    if {"env.py", "script.py.mako"} <= names:
        return path
    steps = [name for name in folders if name[:1].isdigit()]
    if steps:
        inside = any((path / steps[0] / one).is_file() for one in ("up.sql", "migration.sql"))
        return path if inside and kind(path) else None
    if not any(name.endswith(".sql") for name in names):
        return None
    own = next((s.name for s in SOURCES if s.name != "sql_dir" and s.recognises(path)), "")
    if own and own != "structure":
        return path
    numbers = [name for name in names if name.endswith(".sql") and re.match(r"[VRv]?\d", name)]
    paired = any(name.endswith(".up.sql") for name in names)
    named = bool(_MIGRATIONS.fullmatch(path.name) or _MIGRATIONS.fullmatch(path.parent.name))
    if (paired or (named and numbers)) and not recognition.queries(path):
        return path
    return None


def _marked(path: Path, names: set[str]) -> Path | None:
    if "manage.py" in names and not names & (_MARKS - {"manage.py"}):
        script = path / "manage.py"
        return script if recognition.django(script) else None
    return path if kind(path) else None


# --- one file --------------------------------------------------------------------------


def _single(project: Path) -> Path | None:
    """A schema that is one file, or a directory of files without numbers."""
    for name in recognition.SINGLE:
        path = project / name
        if _is_there(path, recognition.sql_dir) and not _foreign(path):
            return None if _prepares_for_programs(path, project) else path
    return None


def _prepares_for_programs(path: Path, project: Path) -> bool:
    """Whether it makes no table, and migrations that are programs make the project's."""
    if makes_tables(path):
        return False
    from harness.sources._lookalikes import programs

    return bool(programs(project))


# --- messages --------------------------------------------------------------------------


def several(config: Config) -> str:
    """That there are several schemas, and how to choose."""
    start = Path.cwd()
    shown = [os.path.relpath(path, start) for path in config.choices]
    listed = "\n".join(f"  --schema {name}" for name in shown[:20])
    return f"several schemas are here, and none was named; choose one:\n{listed}"


def none_found(config: Config) -> str:
    """That there is no schema, and what looks like one."""
    from harness.sources._lookalikes import lookalikes

    projects = list(dict.fromkeys((Path.cwd(), config.root)))
    found = [hint for project in projects for hint in lookalikes(project)]
    found += [hint for project in projects for hint in _unread(project)]
    start = "no schema: none was found in the conventional places or below; name one with --schema"
    begin = (
        "If the project is elsewhere, run the command there. To begin a schema, write the CREATE"
        f" TABLE of its first table into {_FIRST}"
    )
    return "\n".join([start, *(dict.fromkeys(found) or [begin])])


def _unread(project: Path) -> Iterator[str]:
    """The directories of a project that may not be read, one of which may have the schema."""
    for one in sorted(project.iterdir()):
        if one.is_dir() and not os.access(one, os.R_OK | os.X_OK, effective_ids=True):
            yield f"{one.name} may not be read; if the schema is there: chmod -R u+rX {one.name}"


def unserved(path: Path) -> str:
    """That a path holds no migrations that are served, and which tool it belongs to."""
    from harness.sources._lookalikes import lookalikes, owner

    if path.is_dir() and (hints := [*owner(path), *lookalikes(path)]):
        return "\n".join([f"{path}: no migrations in SQL here", *dict.fromkeys(hints)])
    return f"{path}: no migrations here: a .sql file or a directory of them is expected"


def refuse_none(config: Config) -> ConfigError:
    """The error of a command that needs a schema where there is none."""
    return ConfigError(several(config) if config.choices else none_found(config))
