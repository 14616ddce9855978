"""The schema as the old revisions leave it, stored, so that a run begins with what is new.

Each run would apply a long history several times: for the linters, for the tests, and for each of
the passes over the new revisions. What old revisions come to is the same as long as their files
are. An entry serves for a day, since revisions may read the clock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import psycopg

from harness.core.config import Config
from harness.postgres.cluster import Cluster
from harness.postgres.cluster.stored import Stored
from harness.postgres.database import Template, build_template, comment, stored_template
from harness.postgres.database.drop import PREFIX
from harness.postgres.database.shared import touches_server
from harness.postgres.server.cache import key
from harness.sources import before, texts
from harness.sources.age import age_of
from harness.sources.base import Migration, SchemaSource
from harness.sources.ordered import Ordered
from harness.sources.outside import closed
from harness.sources.running import settings_of

NAME = f"{PREFIX}old_template"
"""The database that they have been applied to."""
WORTH = 8
"""Revisions that take longer to apply than a larger directory to copy."""
_FORMAT = 1
"""Raise it when something else is stored than before."""


@dataclass(frozen=True, slots=True)
class OldRevisions:
    """What a server has of them."""

    template: Template
    names: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    """What their session had set at the end."""

    @classmethod
    def on(
        cls, cluster: Cluster, config: Config, source: SchemaSource | None
    ) -> OldRevisions | None:
        """Those of a cluster, if they are the first ones of a source."""
        if cluster.stored != NAME or source is None:
            return None
        template, text = stored_template(cluster, NAME)
        note = json.loads(text)
        names = note["names"]
        first = source.migrations[: len(names)]
        if [one.name for one in first] != names or digest_of(config, source, first) != note[
            "digest"
        ]:
            return None
        settings = tuple((name, value) for name, value in note["settings"])
        return cls(template, tuple(names), settings)

    def resume(self, connection: psycopg.Connection[Any]) -> None:
        """Give a session what theirs had set."""
        for name, value in self.settings:
            connection.execute("SELECT set_config(%s, %s, false)", [name, value], prepare=False)


def to_store(config: Config, source: SchemaSource | None) -> Stored | None:
    """The old revisions of a project, to be stored; None where there are few, or they may not be.

    Roles that they make would be in the way of whoever applies them again, and a platform gives its
    superuser a name of its own on each server.
    """
    if config.server or not isinstance(source, Ordered) or source.platform is not None:
        return None
    age = age_of(config, source)
    old = {one.name for one in age.old} if age is not None else set[str]()
    first = tuple(takewhile(lambda one: one.name in old, source.migrations))
    if len(first) < WORTH or touches_server(texts(source)) or not closed(config, source):
        return None
    digest = digest_of(config, source, first)
    fill = partial(_fill, config, source, first, digest)
    return Stored(key(config.root), "old", digest, NAME, fill)


def _fill(
    config: Config, source: SchemaSource, first: Sequence[Migration], digest: str, cluster: Cluster
) -> None:
    """Apply them. Raises HarnessError."""
    settings: list[tuple[str, str]] = []

    def build(connection: psycopg.Connection[Any]) -> None:
        if config.before:
            before.run(connection, config.before)
        source.prepare(connection)
        for one in first:
            source.upgrade(connection, one)
        settings[:] = settings_of(connection)

    attempt = partial(build_template, cluster, build, NAME)
    if config.create_roles:
        before.with_roles(attempt, lambda: cluster.connect(), [])
    else:
        attempt()
    names = [one.name for one in first]
    note = json.dumps({"names": names, "settings": settings, "digest": digest})
    with cluster.connect() as connection:
        connection.execute(comment(NAME, note))


def digest_of(config: Config, source: SchemaSource, first: Sequence[Migration]) -> str:
    """What differs when the revisions, or what they are applied to, differ."""
    assert isinstance(source, Ordered)
    kind = repr(replace(source, migrations=()))
    own = {path for one in source.migrations for path in (one.up, one.down) if path}
    paths = [path for one in first for path in (one.up, one.down) if path]
    paths += [*config.before, *sorted({*source.counted} - own)]
    day = datetime.now(UTC).date()
    asked = (
        config.settings, config.create_roles, config.pgtap_schema, sorted(source.bookkeeping),
        sorted(source.values.items()),
    )  # fmt: skip
    digest = hashlib.sha256(repr((_FORMAT, day, kind, asked)).encode())
    for path in paths:
        digest.update(f"{path}\0".encode() + _contents(path) + b"\0")
    return digest.hexdigest()


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # whoever applies it says so
        return b""
