"""Where a schema can be found to be compared: a source, a server, a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict

from harness.core.config import Config
from harness.core.errors import ConfigError, ServerError
from harness.core.files import of_json
from harness.core.text import nearest, without_any_password, without_password
from harness.instance import Instance
from harness.migrations.scratch_database import ScratchDatabase
from harness.migrations.step import Step, steps_of
from harness.pgtap.library import preload
from harness.postgres.cluster import open_cluster
from harness.postgres.cluster.cluster import NO_SURPRISES, refuse_unquoted
from harness.postgres.cluster.superuser import call_superuser
from harness.postgres.database import build_template
from harness.postgres.snapshot import Catalog
from harness.postgres.snapshot.queries import kinds
from harness.sources import SchemaSource, before, open_source
from harness.sources.base import Platform
from harness.sources.command import Command

_SERVERS = ("postgresql://", "postgres://")
_NOTES = Command(Path(), Path(), (), (), "").bookkeeping
"""Tables that tools keep for themselves; a server that one of them migrates has them."""
OLDEST = 14
"""The major version of PostgreSQL that has the fewest kinds of objects."""
_SQITCH = "sqitch"
"""The schema that sqitch keeps for itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """What has a schema; ``name`` is how it is shown, without a password."""

    kind: Literal["source", "server", "snapshot"]
    name: str
    source: SchemaSource | None = None
    steps: tuple[Step, ...] | None = None
    """Those that are run of a source; None for all, as the tool does it."""
    conninfo: dict[str, Any] = field(default_factory=dict, repr=False)
    """Of a server; it may hold a password and is not for printing."""


def place_of(config: Config, word: str) -> Place:
    """What a word of the command line names. Raises ConfigError."""
    if word.startswith(_SERVERS):
        return _server(word)
    path = Path(word)
    if path.suffix == ".json" and not path.is_dir():
        return Place("snapshot", word)
    revision = ""
    if not path.exists():
        before, _, revision = word.rpartition("@")
        path = Path(before)
    if not (path.name and path.exists()):
        raise ConfigError(
            f"{without_any_password(word)}: no such file or directory; a place is a source, perhaps"
            " @REVISION, a postgresql:// URL or a snapshot.json"
        )
    source = _source(config, path.resolve())
    return Place("source", word, source, _up_to(source, revision) if revision else None)


def _source(config: Config, path: Path) -> SchemaSource:
    """The source at a path; what is configured of a tool is of the configured schema."""
    own = config if path == config.schema else replace(config, source=None)
    source = open_source(replace(own, schema=path, schemaless=False))
    assert source is not None
    return source


def _up_to(source: SchemaSource, revision: str) -> tuple[Step, ...]:
    """The steps up to a revision, by its name or an unambiguous beginning of it."""
    names = [one.name for one in source.migrations]
    found = [name for name in names if name == revision] or [
        name for name in names if name.startswith(revision)
    ]
    if len(found) != 1:
        known = ", ".join(found) if found else ""
        hint = f"; it could be {known}" if known else nearest(revision, names)
        raise ConfigError(f"revision {revision}: {'ambiguous' if found else 'there is none'}{hint}")
    return steps_of(source)[: names.index(found[0]) + 1]


def _server(url: str) -> Place:
    refuse_unquoted(url)
    try:
        given = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        raise ConfigError(
            "not a connection URL: write postgresql://user@host:port/database"
        ) from None
    if not given.get("host") or not given.get("dbname"):
        raise ConfigError("name host and database: postgresql://user@host:port/database")
    user = f"{given['user']}@" if given.get("user") else ""
    name = f"postgresql://{user}{given['host']}:{given.get('port', 5432)}/{given['dbname']}"
    defaults = {**NO_SURPRISES, "port": 5432, "connect_timeout": 10}
    return Place("server", name, conninfo={**defaults, **given})


@dataclass
class Reading:
    """Reads places; a server of our own is started for the first source."""

    config: Config
    stack: ExitStack
    _instance: Instance | None = None
    _platform: Platform | None = None
    """That of one of the sources: its role is no superuser, so ours must not be called so."""
    _notes: set[tuple[str, str]] = field(default_factory=lambda: set(_NOTES))

    def catalogs(self, places: Sequence[Place]) -> list[Catalog]:
        """What is in each place, without the notes of any tool, in the order of the places."""
        ways = {"source": self._of_source, "server": self._of_server, "snapshot": self._of_snapshot}
        named = (place.source.platform for place in places if place.source is not None)
        self._platform = next(filter(None, named), None)
        # Sources first: some tools' notes are known when they have been written.
        found = {n: ways[p.kind](p) for n, p in sorted(enumerate(places), key=_sources_first)}
        return [found[number] for number in range(len(places))]

    def _of_source(self, place: Place) -> Catalog:
        assert place.source is not None
        if self._instance is None:
            cluster = self.stack.enter_context(open_cluster(self.config, preload(self.config)))
            if self._platform is not None:
                call_superuser(cluster, self._platform.superuser)
            self._instance = Instance(self.config, cluster, None)
            # One that does not have the library on its search_path.
            self._instance.empty = template = build_template(
                cluster, lambda connection: before.run(connection, self.config.before)
            )
            self.stack.callback(template.close)
        with ScratchDatabase(self._instance, place.source).connections(place.steps or ()) as opened:
            if place.steps is None:
                place.source.apply(opened.work)
            self._notes |= place.source.bookkeeping
            return Catalog.of(opened.observer, opened.ignored, self._notes)

    def _of_server(self, place: Place) -> Catalog:
        try:
            with psycopg.connect(**place.conninfo, autocommit=True) as connection:
                connection.execute("SET default_transaction_read_only = on")
                ignored = (self.config.pgtap_schema, _SQITCH)
                found = Catalog.of(connection, ignored, self._notes)
                return _without_library(found, self.config.pgtap_schema)
        except psycopg.Error as error:
            said = without_password(str(error).strip(), place.conninfo.get("password"))
            raise ServerError(f"{place.name}: {said}") from None

    def _of_snapshot(self, place: Place) -> Catalog:
        try:
            text = Path(place.name).read_text("utf-8")
            objects = of_json(text)
        except OSError as error:
            raise ConfigError(f"{place.name}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise ConfigError(f"{place.name}: no snapshot: {error}") from None
        if not _is_snapshot(objects):
            raise ConfigError(f"{place.name}: no snapshot; 'harness snapshot' writes one")
        return Catalog.from_json(text)


def _without_library(catalog: Catalog, schema: str) -> Catalog:
    """The catalog without what puts the assertions on the search path of a database of ours."""
    settings = dict(catalog.objects["setting"])
    if settings.get("search_path") == f'"$user", public, {schema}':
        del settings["search_path"]
    return Catalog({**catalog.objects, "setting": settings})


def _sources_first(numbered: tuple[int, Place]) -> tuple[bool, int]:
    number, place = numbered
    return place.kind != "source", number


def _is_snapshot(value: Any) -> bool:
    """Whether a value is kind -> identity -> definition, with the kinds that each server has.

    Kinds that one side lacks are not compared: without any, nothing would ever differ.
    """
    if not isinstance(value, dict) or not value.keys() >= {*kinds(OLDEST)}:
        return False
    return all(
        isinstance(kind, dict) and all(isinstance(text, str) for text in kind.values())
        for kind in value.values()
    )
