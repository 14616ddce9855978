"""A directory with an ``alembic.ini``, or with ``[tool.alembic]`` in its ``pyproject.toml``.

The project's own ``env.py`` runs, in a process of its own, and against the database that it
is given and no other: see ``alembic_child/redirect.py``. Its revisions are read from its
script directory; a merge comes after what it merges.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg
from psycopg import sql

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Location
from harness.postgres.session import Failure
from harness.sources.alembic.server import conninfo, url
from harness.sources.base import Migration, MigrationError, ToolSource
from harness.sources.interpreter import interpreter, made_up, package_of, requirements
from harness.sources.project_process import Process
from harness.sources.recognition import ALEMBIC_INI, PYPROJECT, alembic_scripts, has_alembic_table
from harness.sources.remedies import with_remedy

_MANY = 40
"""Revisions that are loaded once for all that is asked of each of them."""
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    " from alembic_child.host import main; del sys.path[0]; main()"
)
_COUNTS = (".py", ".sql", ".ini", ".toml")
"""Of the files in the project's directory, those that count whether they are read or not."""


@dataclass(frozen=True)
class Alembic(ToolSource):
    """A project's Alembic environment."""

    name: ClassVar[str] = "alembic"
    folder: Path
    """The directory of its configuration."""
    ini: Path | None
    toml: Path | None
    root: Path
    """Where the harness is run, and perhaps Alembic too."""
    location: Path | None = None
    """The script directory, where the configuration does not name it."""
    _versions: set[tuple[str, str]] = field(default_factory=set, compare=False, repr=False)
    _processes: list[Process] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Find the configuration; ConfigError where there is none, or no Alembic."""
        folder = path if path.is_dir() else path.parent
        location = folder if alembic_scripts(folder) else None
        if location and not (folder / ALEMBIC_INI).is_file():
            above = [one for one in (folder.parent, folder.parent.parent) if recognised(one)]
            folder = above[0] if above else folder
        ini = folder / ALEMBIC_INI if path.is_dir() or path.name == PYPROJECT else path
        toml = folder / PYPROJECT
        found = cls(
            folder,
            ini if ini.is_file() else None,
            toml if has_alembic_table(toml) else None,
            config.root,
            location,
        )
        if found.ini is None and found.toml is None and location is None:
            wanted = f"neither {ALEMBIC_INI} nor [tool.alembic] in a {PYPROJECT}"
            raise ConfigError(f"{path}: {wanted} here")
        if interpreter(found.places, "alembic") is None:
            raise ConfigError(
                f"{path}: Alembic is installed neither beside the harness nor in a .venv of the"
                f" project: {requirements(found.places, 'alembic')}"
            )
        return found

    @cached_property
    def migrations(self) -> tuple[Migration, ...]:
        """The revisions, by their identifiers, each behind those it builds on."""
        return tuple(
            Migration(name, Path(path), Path(path) if reversible else None)
            for name, path, reversible in self._survey["revisions"]
        )

    @property
    def places(self) -> list[Path]:
        """Directories that may be the project's, the likeliest first."""
        own = self.folder.parent if self.location == self.folder else self.folder
        return list(dict.fromkeys((own, self.folder, self.root)))

    @property
    def offline(self) -> Mapping[Path, str]:
        """Revision's file -> its up migration as SQL, as Alembic's offline mode writes it."""
        known = self._survey["offline"]
        return {one.up: known[one.name] for one in self.migrations if known.get(one.name)}

    @property
    def reversible(self) -> bool:
        """Whether every revision has a downgrade that does more than raise."""
        return all(migration.down for migration in self.migrations)

    @property
    def files(self) -> tuple[Path, ...]:
        """The SQL files that the revisions read; the revisions themselves are no SQL."""
        read = (Path(path) for path in self._survey["reads"])
        return tuple(path for path in read if path.suffix == ".sql")

    @property
    def counted(self) -> tuple[Path, ...]:
        """What linters see."""
        return self.files

    @property
    def written(self) -> tuple[Path, ...]:
        """What the project reads and imports, then the revisions."""
        read = [Path(path) for path in self._survey["reads"]]
        ups = [migration.up for migration in self.migrations]
        return tuple(dict.fromkeys([*(path for path in read if path not in ups), *ups]))

    @property
    def bookkeeping(self) -> frozenset[tuple[str, str]]:
        """Schema and name of the version table, once something was applied."""
        return frozenset(self._versions)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The settings that the project demands, and that were made up."""
        made = self._survey["made_up"]
        return (made_up(made),) if made else ()

    def fingerprint(self) -> str:
        """Digest of the project's Python, SQL and configuration, and of what else it reads."""
        read = map(Path, self._ask("survey")["reads"])
        digest = hashlib.sha256()
        for path in sorted({*_tree(self.folder.resolve()), *read}):
            name = os.path.relpath(path, self.folder.resolve())
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Upgrade to all heads, in one process."""
        return self._run(connection, "upgrade", None)

    def rollback(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Downgrade to the base, newest revision first."""
        return self._run(connection, "downgrade", None)

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one revision's upgrade."""
        self._run(connection, "upgrade", [migration])

    def upgrade_several(
        self, connection: psycopg.Connection[Any], migrations: Sequence[Migration]
    ) -> None:
        """Run the upgrades of several revisions in one process, as ``alembic upgrade`` does."""
        self._run(connection, "upgrade", migrations)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Run one revision's downgrade; those that do not build on it stay."""
        self._run(connection, "downgrade", [migration])

    @cached_property
    def _survey(self) -> dict[str, Any]:
        return self._ask("survey")

    def _run(
        self,
        connection: psycopg.Connection[Any],
        what: str,
        migrations: Sequence[Migration] | None,
    ) -> tuple[str, ...]:
        answer = self._ask(
            what,
            revisions=None if migrations is None else [one.name for one in migrations],
            many=migrations is not None and len(self._survey["revisions"]) > _MANY,
            url=url(connection),
            server=conninfo(connection),
        )
        schema, name = answer["table"]
        self._versions.add((schema, name))
        self._settle(connection, sql.Identifier(schema, name), answer["heads"])
        return tuple(answer["done"])

    def _settle(
        self, connection: psycopg.Connection[Any], table: sql.Identifier, heads: list[str]
    ) -> None:
        """See with our own eyes that it was done; a version table that is empty goes."""
        query = sql.SQL("SELECT version_num FROM {} ORDER BY 1").format(table)
        try:
            found = [version for (version,) in connection.execute(query)]
        except psycopg.errors.UndefinedTable:
            found = []
        if sorted(found) != heads:
            raise ConfigError(
                f"{self._label}: env.py ran the migrations, but their result is not in the"
                " database that it was given: does it commit?"
            )
        if not found:
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))

    @property
    def _label(self) -> Path:
        return self.ini or self.toml or self.folder / "env.py"

    def _ask(self, what: str, **details: Any) -> dict[str, Any]:
        """Raises MigrationError for what a revision did, ConfigError for the rest."""
        request = {
            "do": what,
            "ini": str(self.ini) if self.ini else None,
            "toml": str(self.toml) if self.toml else None,
            "location": str(self.location.resolve()) if self.location else None,
            "folders": [str(place) for place in self.places],
            "url": None,
            "server": None,
            "many": False,
            "made_up": {} if what == "survey" else self._survey["made_up"],
            **details,
        }
        answer = self._process().ask(request)
        if failure := answer.get("failure"):
            raise self._error(failure, answer["noise"])
        return answer

    def _process(self) -> Process:
        """The process that is there, else a new one."""
        if not (self._processes and self._processes[-1].usable):
            python = interpreter(self.places, "alembic") or sys.executable
            isolated = ["-P"] if python == sys.executable else []
            command = [python, *isolated, "-c", _START, str(Path(__file__).parent)]
            self._processes[:] = [Process("Alembic", command, self.folder)]
        return self._processes[-1]

    def _error(self, failure: dict[str, Any], noise: str) -> Exception:
        kind, path, line = failure.pop("kind"), failure.pop("path", None), failure.pop("line", 1)
        settings = failure.pop("made_up")
        printed = f"The environment printed:\n{noise}" if noise else ""
        if kind == "migration":
            said = failure.pop("context", "").replace(f"in {self.root}{os.sep}", "in ")
            context = "\n".join(filter(None, (said, printed)))
            return MigrationError(
                Location(Path(path), line), with_remedy(Failure(**failure, context=context))
            )
        where = f"{path}:{line}" if path else str(self._label)
        message = str(failure["message"])
        missing = message.startswith("ModuleNotFoundError")
        hint = requirements(self.places, package_of(message)) if missing else ""
        unset = made_up(settings) if settings else ""
        return ConfigError("\n".join(filter(None, (f"{where}: {message}", hint, unset, printed))))


def recognised(folder: Path) -> bool:
    """Whether a directory has a configuration of Alembic."""
    return (folder / ALEMBIC_INI).is_file() or has_alembic_table(folder / PYPROJECT)


def _tree(folder: Path) -> Iterator[Path]:
    """The files below a directory that count; none of hidden ones and virtual environments."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _foreign(Path(place, name))]
        yield from (Path(place, name) for name in names if name.endswith(_COUNTS))


def _foreign(folder: Path) -> bool:
    named = folder.name.startswith(".") or folder.name in ("__pycache__", "node_modules")
    return named or (folder / "pyvenv.cfg").exists()
