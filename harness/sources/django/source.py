"""Django: the migrations of every installed app, in the order of their dependencies.

The project's own code runs in a process of its own, with our database as its only one. Each
migration is run as ``migrate`` runs it, and undone as ``migrate APP NAME`` undoes it; what
``sqlmigrate`` writes of it is what linters see.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Location
from harness.postgres.session import Failure
from harness.sources.base import Migration, MigrationError, ToolSource
from harness.sources.command import reachable, url
from harness.sources.interpreter import interpreter, made_up, package_of, requirements
from harness.sources.project_process import Process
from harness.sources.recognition import MANAGE
from harness.sources.remedies import with_remedy

_NOTES = frozenset({("public", "django_migrations")})


@dataclass(frozen=True)
class Django(ToolSource):
    """A Django project: its ``manage.py``."""

    name: ClassVar[str] = "django"
    script: Path
    root: Path
    python: str
    config: Config = field(default_factory=Config, compare=False, repr=False)
    _surveyed: list[dict[str, Any]] = field(default_factory=list, compare=False, repr=False)
    _processes: list[Process] = field(default_factory=list, compare=False, repr=False)
    _made_up: set[str] = field(default_factory=set, compare=False, repr=False)
    """Settings that the project demands and that were made up."""

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Find the script; ConfigError where Django is not installed."""
        script = path / MANAGE if path.is_dir() else path
        places = (script.parent, script.parent.parent, config.root)
        python = interpreter(places, "django")
        if python is None:
            raise ConfigError(
                f"{script}: Django is installed neither beside the harness nor in a .venv of the"
                f" project: {requirements(places, 'django')}"
            )
        return cls(script, config.root, python, config)

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """The project's and its packages' migrations, by app and name."""
        return tuple(
            Migration(
                one["name"], Path(one["path"]), Path(one["path"]) if one["reversible"] else None
            )
            for one in self._survey
        )

    @property
    def reversible(self) -> bool:
        """Whether every migration can be undone."""
        return all(one["reversible"] for one in self._survey)

    @property
    def files(self) -> tuple[Path, ...]:
        """None: migrations are Python; what they write is ``offline``."""
        return ()

    @property
    def counted(self) -> tuple[Path, ...]:
        """None, as linters see it."""
        return ()

    @property
    def written(self) -> tuple[Path, ...]:
        """The project's own migrations."""
        return tuple(dict.fromkeys(Path(one["path"]) for one in self._survey if one["own"]))

    @property
    def bookkeeping(self) -> frozenset[tuple[str, str]]:
        """Django's table of what was applied."""
        return _NOTES

    @property
    def offline(self) -> Mapping[Path, str]:
        """The project's own migrations -> what ``sqlmigrate`` writes."""
        return {Path(one["path"]): one["sql"] for one in self._survey if one["own"] and one["sql"]}

    @property
    def warnings(self) -> tuple[str, ...]:
        """The settings that the project demands, and that were made up for what has run."""
        return (made_up(self._made_up),) if self._made_up else ()

    def fingerprint(self) -> str:
        """Digest of the project's Python."""
        digest = hashlib.sha256(self.name.encode())
        for path in self._python:
            name = path.relative_to(self.script.parent)
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Run ``migrate``."""
        return tuple(self._ask(connection, "upgrade")["done"])

    def rollback(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Undo every migration, newest first."""
        return tuple(self._ask(connection, "downgrade")["done"])

    def upgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Apply one migration."""
        self._ask(connection, "upgrade", [migration])

    def upgrade_several(
        self, connection: psycopg.Connection[Any], migrations: Sequence[Migration]
    ) -> None:
        """Apply several migrations in one process."""
        self._ask(connection, "upgrade", migrations)

    def downgrade(self, connection: psycopg.Connection[Any], migration: Migration) -> None:
        """Undo one migration."""
        self._ask(connection, "downgrade", [migration])

    @cached_property
    def _python(self) -> list[Path]:
        found = self.script.parent.rglob("*.py")
        skipped = {"node_modules", ".venv", "venv", "env", "__pycache__", "site-packages"}
        return sorted(path for path in found if not skipped & {*path.parts})

    @property
    def _survey(self) -> list[dict[str, Any]]:
        """What there is; sqlmigrate wants a server, so one is asked that has nothing."""
        if not self._surveyed:
            from harness.postgres.cluster import open_cluster

            own = replace(self.config, server=None)
            with open_cluster(own) as cluster, cluster.connect() as connection:
                self._surveyed.extend(self._ask(connection, "survey")["migrations"])
        return self._surveyed

    def _ask(
        self,
        connection: psycopg.Connection[Any],
        what: str,
        migrations: Sequence[Migration] | None = None,
    ) -> dict[str, Any]:
        """The answer of a process. Raises MigrationError for what a migration did."""
        info = reachable(connection)
        server = {"NAME": info.dbname, "USER": info.user, "PASSWORD": info.password}
        server |= {"HOST": info.host, "PORT": str(info.port)}
        names = None if migrations is None else [one.name for one in migrations]
        request = {"do": what, "names": names, "script": str(self.script.resolve()),
                   "url": url(info), "server": server}  # fmt: skip
        answer = self._process().ask(request)
        if failure := answer.get("failure"):
            raise self._error(failure)
        self._made_up.update(answer["made_up"])
        return answer

    def _process(self) -> Process:
        """The process that is there, else a new one."""
        if not (self._processes and self._processes[-1].usable):
            command = [self.python, str(Path(__file__).with_name("child.py"))]
            environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
            self._processes[:] = [Process("Django", command, self.script.parent, environment)]
        return self._processes[-1]

    def _error(self, failure: dict[str, Any]) -> Exception:
        location = Location(Path(failure["path"]), failure["line"])
        if failure["server"]:
            return MigrationError(location, with_remedy(Failure(**failure["said"])))
        message = str(failure["said"]["message"])
        places = (self.script.parent, self.script.parent.parent, self.root)
        absent = message.startswith(("ModuleNotFoundError", "ImportError", "ImproperlyConfigured"))
        hint = (
            f"\n{requirements(places, package_of(message))}"
            if absent and "odule" in message
            else ""
        )
        unset = f"\n{made_up(failure['made_up'])}" if failure["made_up"] else ""
        return ConfigError(f"{location}: {message}{hint}{unset}")
