"""The schema as its migrations leave it, stored, so that a run begins with all of its tables.

A big schema takes the server longer to build than a larger directory takes to copy. What is stored
has no rows: whatever would differ from run to run, such as the time at which a row was inserted or
a number drawn at random, is in none of it. A schema whose migrations insert rows is applied in each
run.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg

from harness.core.config import Config
from harness.core.digests import digest, program
from harness.core.errors import ServerError
from harness.core.results import SQL
from harness.postgres.cluster import Cluster
from harness.postgres.cluster.stored import Stored
from harness.postgres.database import Template, build_template, comment, stored_template
from harness.postgres.database.drop import PREFIX
from harness.postgres.database.shared import SharedState, touches_server
from harness.postgres.server.cache import key
from harness.sources import before, open_source, texts
from harness.sources.base import SchemaSource
from harness.sources.old_revisions import digest_of
from harness.sources.ordered import Ordered
from harness.sources.outside import closed
from harness.sources.running import limited

NAME = f"{PREFIX}schema_template"
"""The database that the schema has been applied to."""
_ROWS = """
    SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%%'
        AND n.nspname NOT IN ('information_schema', %s) AND pg_relation_size(c.oid) > 0
    LIMIT 1
"""


def to_store(config: Config, source: SchemaSource | None = None) -> Stored | None:
    """The schema of a project, to be stored; None where that may not be.

    ``source`` is the configured one where it has been opened. Roles that it makes would be in the
    way of whoever applies it again, and a platform gives its superuser a name of its own on each
    server. Raises ConfigError.
    """
    if config.create_roles:
        return None
    source = source or open_source(config)
    if not isinstance(source, Ordered) or source.platform is not None:
        return None
    if any(path.suffix not in SQL for path in source.files) or touches_server(texts(source)):
        return None
    if not closed(config, source):
        return None
    kind = _key(config, source)
    fill = partial(_fill, config, source, kind)
    return Stored(key(config.root), "schema", kind, NAME, fill, waits=True)


def found_on(cluster: Cluster, config: Config, source: SchemaSource | None) -> Template | None:
    """The template that a server has from its start, if it is the one of a source."""
    if cluster.stored != NAME or not isinstance(source, Ordered):
        return None
    template, note = stored_template(cluster, NAME)
    return template if note == _key(config, source) else None


def _key(config: Config, source: SchemaSource) -> str:
    files = digest_of(config, source, source.migrations)
    return digest(program(), config.timeout, config.left_out, files)


def _fill(config: Config, source: SchemaSource, kind: str, cluster: Cluster) -> None:
    """Apply it. Raises HarnessError, also where it leaves what must not be stored."""

    def build(connection: psycopg.Connection[Any]) -> None:
        if config.before:
            before.run(connection, config.before)
        source.prepare(connection)
        with limited(config.timeout):
            source.apply(connection)
        found = connection.execute(_ROWS, [config.pgtap_schema]).fetchone()
        if found is not None:
            raise ServerError(f"{found[0]} has rows, which are made anew in each run")

    with cluster.connect() as connection:
        state = SharedState.of(connection)
        build_template(cluster, build, NAME)
        if SharedState.of(connection) != state:
            raise ServerError("the schema makes what all databases of a server share")
        connection.execute(comment(NAME, kind))
