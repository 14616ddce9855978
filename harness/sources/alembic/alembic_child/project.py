"""The project's Alembic: its revisions, and running them in its own environment."""

from __future__ import annotations

import ast
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from configparser import ConfigParser
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from alembic.config import CommandLine, Config
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, text

from . import examples, flask, reads, redirect
from .neighbours import beside
from .nothing import CalledTooOften, Nothing

_TABLE = text(
    "SELECT n.nspname, c.relname FROM pg_class AS c"
    " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(:name)"
)
_SETTLED = {*sys.stdlib_module_names, "alembic", "sqlalchemy", "mako", "markupsafe", "greenlet"}
_SETTLED |= {"typing_extensions", "psycopg", "psycopg2", "psycopg_binary", "asyncpg", "dateutil"}
_SETTLED |= {"sqlmodel", "pydantic", "pydantic_core", "annotated_types", "typing_inspection"}
_SETTLED |= {"sqlalchemy_utils", "geoalchemy2", "pgvector", "citext", "six", "uuid_utils"}
"""Packages that mean the same whatever the settings and the database are."""
T = TypeVar("T")


class Project:
    """A project's configuration and revisions, and how far a run has come."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.script = ScriptDirectory.from_config(config)
        self.current: Any = None
        """The revision that runs, or ran last."""
        self.finished = False
        """Whether all revisions have run, so that only COMMIT was left."""
        self.done: list[str] = []
        self.heads: Sequence[str] = ()
        self.table: Sequence[str] = ()
        self.rehearsed = False
        self.made_up: dict[str, str] = {}
        """Settings that the project demands and nothing gives, and the values that it got."""
        self.offline: dict[str, str] = {}
        """Revision -> its upgrade as SQL, where Alembic's offline mode can write it."""

    @classmethod
    def open(cls, request: dict[str, Any]) -> Project:
        """The project of a request, in the first of its folders where its scripts are found."""
        problem = None
        for folder in request["folders"]:
            os.chdir(folder)
            try:
                return cls(_config(request))
            except CommandError as error:
                problem = problem or error
        raise problem or CommandError("no folder")

    @classmethod
    def loaded(cls, request: dict[str, Any]) -> Project | None:
        """The project with its revisions loaded, for requests to come.

        None where they import what may have looked at settings or at the database's address: that
        has to be loaded with those of each request.
        """
        environment, before = dict(os.environ), {*sys.modules}
        project = cls.open({**request, "url": None, "server": None})
        _ = project.revisions
        os.environ.clear()
        os.environ.update(environment)
        packages = {name.partition(".")[0] for name in {*sys.modules} - before}
        return project if packages <= _SETTLED else None

    def configure(self, request: dict[str, Any]) -> None:
        """Read the configuration for a request."""
        self.config = _config(request)

    def stamps(self) -> dict[str, int]:
        """When each file of a revision was changed."""
        return {path: Path(path).stat().st_mtime_ns for path in self.paths}

    @property
    def revisions(self) -> list[Script]:
        """All revisions, each behind those it builds on."""
        return self._with_settings(lambda: list(reversed(list(self.script.walk_revisions()))))

    @property
    def paths(self) -> set[str]:
        """The files of all revisions; a file that cannot be loaded is one of them too."""
        folders = [Path(folder) for folder in self.script._version_locations]
        return {os.path.realpath(path) for folder in folders for path in folder.rglob("*.py")}

    def survey(self) -> dict[str, Any]:
        """The revisions, and the files that they and the environment read; without a database."""
        revisions = [
            (script.revision, os.path.realpath(script.path), _reversible(script))
            for script in self.revisions
        ]
        with suppress(Exception):  # no offline mode, no such URL: a run will tell
            self._environment(self._rehearse, as_sql=True)
        if not self.rehearsed:
            self._rehearse_alone()
        known = {"revisions": revisions, "reads": reads.files(), "offline": self.offline}
        return {**known, "made_up": self.made_up}

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Upgrade or downgrade by the revisions of a request; by all for None."""
        up, names = request["do"] == "upgrade", request["revisions"]
        ordered = self.revisions if up else list(reversed(self.revisions))
        wanted = [s for s in ordered if names is None or s.revision in names]

        def steps(heads: Any, context: MigrationContext) -> Iterator[MigrationStep]:
            if self.table:
                raise CommandError("env.py runs its migrations twice: one database is supported")
            yield from self._steps(wanted, up, context)

        self._environment(steps, destination_rev="heads" if up else "base")
        if not self.table:
            raise CommandError("env.py ran no migrations: it never calls context.run_migrations()")
        return {"done": self.done, "heads": sorted(self.heads), "table": list(self.table)}

    def _environment(self, steps: Any, **options: Any) -> None:
        def run() -> None:
            environment = EnvironmentContext(self.config, self.script, fn=steps, **options)
            with flask.context_of(Path(self.script.env_py_location)), environment:
                self.script.run_env()

        self._with_settings(run)

    def _with_settings(self, do: Callable[[], T]) -> T:
        """Do what loads the project's settings; what they miss is made up until a revision runs."""
        url = str(self.config.get_main_option("sqlalchemy.url"))
        begun = len(self.done)
        result: T = beside("unset_settings").with_made_up(
            do,
            lambda: not (self.table or self.rehearsed or begun),
            os.environ,
            url,
            self.made_up,
        )
        return result

    def _steps(
        self, wanted: Iterable[Script], up: bool, context: MigrationContext
    ) -> Iterator[MigrationStep]:
        """Hand out the steps; afterwards, on the same connection, see what Alembic noted."""
        make = MigrationStep.upgrade_from_script if up else MigrationStep.downgrade_from_script
        self.table = _table(context)
        for script in wanted:
            self.current = script
            yield make(self.script.revision_map, script)
            self.done.append(script.revision)
        self.heads, self.finished = context.get_current_heads(), True

    def _rehearse(self, heads: Any, context: MigrationContext) -> Iterable[MigrationStep]:
        """Call every function of every revision, so that they read the files that they read.

        Nothing is sent anywhere; queries give nothing, so a function may well fail.
        """
        self.rehearsed = True
        for script in self.revisions:
            for name in ("upgrade", "downgrade"):
                nothing = context.impl.connection = Nothing()  # type: ignore[assignment]
                context.impl.output_buffer = written = io.StringIO()
                with suppress(Exception, CalledTooOften):
                    getattr(script.module, name)()
                    if name == "upgrade" and not nothing.asked:
                        self.offline[script.revision] = written.getvalue()
        return ()

    def _rehearse_alone(self) -> None:
        """The same without the environment, which has no offline mode."""
        options = {"as_sql": True, "output_buffer": io.StringIO()}
        context = MigrationContext.configure(dialect_name="postgresql", opts=options)
        with Operations.context(context):
            self._rehearse((), context)


class _Attributes(dict[str, Any]):
    """``attributes["connection"]`` for an environment that insists on being given one.

    ``get("connection")`` gives None, so that all others take the way that they take in
    production.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def __missing__(self, key: str) -> Any:
        if key != "connection":
            raise KeyError(key)
        self[key] = create_engine(self._url).connect()
        return self[key]


def _config(request: dict[str, Any]) -> Config:
    files = {"file_": request["ini"], "toml_file": request["toml"]}
    down = request["do"] == "downgrade"
    sys.argv[:] = ["alembic", *(("downgrade", "base") if down else ("upgrade", "heads"))]
    options = CommandLine().parser.parse_args(sys.argv[1:])
    given = {name: value for name, value in files.items() if value}
    config = Config(cmd_opts=options, output_buffer=io.StringIO(), **given)
    if request["location"] and not config.get_main_option("script_location"):
        config.set_main_option("script_location", request["location"].replace("%", "%%"))
    _point(config, request)
    return config


def _point(config: Config, request: dict[str, Any]) -> None:
    """Have the configuration name our database, under the driver that the project names."""
    url = request["url"] or _NOWHERE
    file, key = config.file_config, "sqlalchemy.url"
    main = config.config_ini_section
    sections = {main, *(name for name in file.sections() if file.has_option(name, key))}
    examples.load()
    for name, value in request["made_up"].items():
        os.environ.setdefault(name, value.replace(_NOWHERE, url))
    scheme = _named(file, main) or ("postgresql" if _usual_driver() else redirect.driver(""))
    for name in _VARIABLES:
        os.environ.setdefault(name, f"{scheme}://{url}")
    for name in sections:
        address = f"{redirect.driver(_named(file, name) or _scheme())}://{url}"
        config.set_section_option(name, key, address.replace("%", "%%"))
    config.attributes = _Attributes(f"{redirect.driver('')}://{url}")


_NOWHERE = "nowhere.invalid/nowhere"
"""The place in the URL where there is no database."""
_VARIABLES = ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_DATABASE_URL", "DATABASE_URI")
"""Where projects look for the URL; what is set already has been redirected."""


def _usual_driver() -> bool:
    """Whether a URL that names no driver can be used, or is rewritten for asyncpg."""
    return any(map(find_spec, ("psycopg2", "asyncpg")))


def _named(file: ConfigParser, section: str) -> str:
    """The scheme of the URL in the ini, where it names a driver."""
    raw = file.get(section, "sqlalchemy.url", raw=True, fallback="")
    found = re.match(r"postgres\w*\+\w+(?=://)", raw)
    return found[0] if found else ""


def _scheme() -> str:
    """The scheme of the URL in DATABASE_URL, else in another variable."""
    named = redirect.named_schemes()
    return named.get("DATABASE_URL") or next(iter(named.values()), "")


def _table(context: MigrationContext) -> Sequence[str]:
    """Schema and name of the version table, as the connection finds it."""
    names = filter(None, (context.version_table_schema, context.version_table))
    quote = context.dialect.identifier_preparer.quote_identifier
    assert context.connection is not None
    row = context.connection.execute(_TABLE, {"name": ".".join(map(quote, names))}).one()
    return (row[0], row[1])


def _reversible(script: Script) -> bool:
    """Whether there is a downgrade, and it does not begin by raising."""
    for node in ast.parse(Path(script.path).read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name == "downgrade":
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            return not (body and isinstance(body[0], ast.Raise))
    return hasattr(script.module, "downgrade")
