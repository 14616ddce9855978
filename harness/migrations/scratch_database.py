"""Databases to try steps on, with connections that migrate, look and put rows in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg

from harness.core.errors import HarnessError
from harness.core.findings import Finding
from harness.instance import Instance
from harness.migrations.revision_result import finding
from harness.migrations.step import Step
from harness.postgres.database import Database, Template, template_of
from harness.postgres.database.shared import (
    SharedState,
    created_names,
    restore_server,
    touches_server,
)
from harness.postgres.schema_model import Schema, SchemaSuccession
from harness.postgres.snapshot import Catalog, Succession
from harness.sources import MigrationError, SchemaSource, texts
from harness.sources.base import TimedOut
from harness.sources.running import WatchedConnection, settings_of

Connection = psycopg.Connection[Any]


_WORTH = 8
"""Steps that take longer to be run again than a database to be closed and cloned."""


@cache
def query(name: str) -> bytes:
    """A query of this package."""
    return (files("harness.migrations") / "sql" / f"{name}.sql").read_bytes()


def is_superuser(connection: Connection) -> bool:
    """Whether a session may do what only superusers may; on a named server it may not."""
    return connection.info.parameter_status("is_superuser") == "on"


@dataclass(frozen=True)
class _Reading:
    """What reads a database again and again."""

    catalogs: Succession
    schemas: SchemaSuccession


@dataclass(frozen=True)
class Connections:
    """A database under work: what a migration sets in its session stays in it."""

    database: Database
    work: WatchedConnection
    observer: Connection
    hand: Connection
    instance: Instance
    source: SchemaSource
    _readings: dict[frozenset[tuple[str, str]], _Reading] = field(default_factory=dict)

    @property
    def ignored(self) -> list[str]:
        """The schemas that are no part of the schema under test."""
        return [self.instance.config.pgtap_schema]

    def catalog(self) -> Catalog:
        """What the database contains now."""
        return self._reading.catalogs.catalog()

    def schema(self) -> Schema:
        """The tables as they are now, without those of the schema's tool."""
        return self._reading.schemas.schema()

    @property
    def _reading(self) -> _Reading:
        """What reads: anew from when it is known where the tool takes its notes."""
        notes = self.source.bookkeeping
        if notes not in self._readings:
            names = [".".join(name) for name in notes]
            self._readings[notes] = _Reading(
                Succession(self.observer, self.ignored, notes),
                SchemaSuccession(self.observer, self.ignored, names),
            )
        return self._readings[notes]

    def pulse(self) -> Any:
        """A value that differs from an earlier one after any change to the system catalogs."""
        catalogs = self.observer.execute(query("catalogs")).fetchall()
        parts = (
            f"SELECT count(*), max(xmin::text::bigint) FROM {name}"  # noqa: S608  the server's own
            for (name,) in catalogs
        )
        return self.observer.execute(" UNION ALL ".join(parts).encode(), prepare=True).fetchall()


@dataclass(frozen=True)
class _Replayed:
    """A database on which the first steps have been run, to be cloned."""

    template: Template
    steps: int
    settings: Sequence[tuple[str, str]]
    """What their session had set by then."""


@dataclass
class ScratchDatabase:
    """Gives databases without the schema, one after another, and puts the server back."""

    instance: Instance
    source: SchemaSource
    _replayed: _Replayed | None = None

    def close(self) -> None:
        """Drop what is kept to be cloned."""
        if self._replayed:
            self._replayed.template.drop()
            self._replayed.template.close()
        self._replayed = None

    @contextmanager
    def connections(self, replay: Sequence[Step] = ()) -> Iterator[Connections]:
        """A database on which these steps have been run."""
        cluster = self.instance.cluster
        with self.instance.empty.maintenance() as maintenance:
            before = SharedState.of(maintenance)
            try:
                template, settings, rest = self._base(replay)
                with template.cloned() as database, ExitStack() as stack:
                    opened = WatchedConnection.connect(
                        database.dsn, autocommit=True, **cluster.parameters
                    )
                    work = stack.enter_context(opened)
                    work.limit = self.instance.config.timeout
                    observer = stack.enter_context(database.connect())
                    hand = stack.enter_context(database.connect())
                    hand.prepare_threshold = None  # its tables change under it
                    _set(work, settings)
                    self._up(rest, work)
                    yield Connections(database, work, observer, hand, self.instance, self.source)
            finally:
                named = created_names(texts(self.source))
                restore_server(
                    before, maintenance, cluster.connect, owned=cluster.ephemeral, named=named
                )

    def _base(
        self, replay: Sequence[Step]
    ) -> tuple[Template, Sequence[tuple[str, str]], Sequence[Step]]:
        """What to clone, what its session has set, and which steps are still to be run.

        A long history is run once, and goes on where it ended: each of its faults and each
        second application that changes something asks for a database anew.
        """
        old, last = self.instance.old, self._replayed
        begun = len(old.names) if old is not None and len(replay) >= len(old.names) else 0
        if old is not None and begun:
            base, settings = old.template, old.settings
        else:
            base, settings = self.instance.empty, ()
        worth = len(replay) - begun >= _WORTH and self.instance.cluster.ephemeral
        if not worth or (last and last.steps > len(replay)) or touches_server(texts(self.source)):
            return base, settings, replay[begun:]
        found: list[tuple[str, str]] = []
        if last:
            run = partial(self._run, replay[last.steps :], last.settings)
            template = last.template.extended(lambda work: found.extend(run(work)))
        else:
            run = partial(self._run, replay[begun:], settings)
            template = template_of(base.clone(), lambda work: found.extend(run(work)))
        self._replayed = _Replayed(template, len(replay), found)
        return template, found, ()

    def _up(self, steps: Sequence[Step], work: Connection) -> None:
        """Run steps that are not tried; in one process, where a tool's process runs several."""
        known = {one.name: one for one in self.source.migrations}
        several = getattr(self.source, "upgrade_several", None)
        if several is not None and len(steps) > 1 and known.keys() >= {one.name for one in steps}:
            several(work, [known[one.name] for one in steps])
            return
        for step in steps:
            step.up(work)

    def _run(
        self, steps: Sequence[Step], settings: Sequence[tuple[str, str]], work: Connection
    ) -> list[tuple[str, str]]:
        """Run steps in a session with settings; what it has set at the end."""
        _set(work, settings)
        self._up(steps, work)
        found = settings_of(work)
        work.execute("RESET ALL; RESET SESSION AUTHORIZATION")
        return found


def _set(work: Connection, settings: Sequence[tuple[str, str]]) -> None:
    for name, value in settings:
        work.execute("SELECT set_config(%s, %s, false)", [name, value], prepare=False)


def failed(step: Step, rule: str, said: str, error: HarnessError) -> Finding:
    """The finding for a way that was refused.

    Raises TimedOut where nobody knows whether it would have been.
    """
    if isinstance(error, TimedOut):
        raise error
    path, line = (step.down_path if rule.startswith("down") else step.path), 1
    if isinstance(error, MigrationError):
        path, line = error.location
        found = finding(Path(path), rule, f"{said}: {error.failure}", line)
        return replace(found, evidence=error.statement)
    return finding(path, rule, f"{said}: {error}", line)


def already_there(error: HarnessError) -> bool:
    """Whether a way was refused because something exists by now: 42710, duplicate_object."""
    return isinstance(error, MigrationError) and error.failure.sqlstate == "42710"
