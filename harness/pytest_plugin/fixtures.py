"""Fixtures for Python checks beside the SQL files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache, partial
from typing import Any

import psycopg
import pytest

from harness.core.errors import HarnessError
from harness.instance import Instance
from harness.postgres.database import Database
from harness.postgres.database.shared import SharedState, server_lock
from harness.postgres.snapshot import Catalog
from harness.pytest_plugin.run import PLUGIN, HarnessRun
from harness.pytest_plugin.tap import Tap
from harness.sources import SchemaSource

Answers = dict[str, dict[str, dict[str, str]]]
"""Role -> identity -> command -> answer."""


class InstanceOfPostgresql:
    """pytest-postgresql's process fixture, on the harness' instance."""

    @pytest.fixture(scope="session")
    def postgresql_proc(self, harness_instance: Instance) -> Any:
        """The executor; ``postgresql`` gives a clone of the template as ever."""
        from harness.pytest_plugin.executor import executor  # late: few checks need it

        return executor(harness_instance.cluster, harness_instance.template.name)


@pytest.fixture(scope="session")
def harness_instance(pytestconfig: pytest.Config) -> Instance:
    """The instance of the run: cluster, template, source."""
    run = pytestconfig.pluginmanager.get_plugin(PLUGIN)
    assert isinstance(run, HarnessRun)
    try:
        return run.instance
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def harness_database(
    request: pytest.FixtureRequest, harness_instance: Instance
) -> Iterator[Database]:
    """A clone of the template for one test, dropped afterwards.

    What the test did to the server beyond its database, such as creating a role, is undone.
    """
    with harness_instance.template.maintenance() as connection:
        with server_lock(connection, exclusive=False):
            with harness_instance.template.cloned() as database:
                yield database
            unchanged = SharedState.of(connection) == harness_instance.server_state
        if not unchanged:
            with server_lock(connection, exclusive=True):
                restored = harness_instance.restore_server()
            request.node.add_report_section("teardown", "harness", "\n".join(restored.notes))


@pytest.fixture
def database(harness_database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection, in autocommit, to a clone of the template for this test alone."""
    with harness_database.connect() as connection:
        yield connection


@pytest.fixture
def connect(harness_database: Database) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """More connections to the test's database: ``connect()``, ``connect(user="alice")``.

    ``connect(role="app", settings={"app.user_id": 1})`` is the session's own user gone on as a
    role, as a backend does; a setting that is a dict is sent as JSON, as claims are.
    """
    with ExitStack() as stack:

        def another(
            role: str | None = None, settings: Mapping[str, Any] | None = None, **parameters: Any
        ) -> psycopg.Connection[Any]:
            connection = harness_database.connect(**parameters)
            stack.callback(connection.close)
            for name, value in {**(settings or {}), **({"role": role} if role else {})}.items():
                text = json.dumps(value) if isinstance(value, dict) else str(value)
                connection.execute("SELECT set_config(%s, %s, false)", [name, text])
            return connection

        yield another


@pytest.fixture
def tap(harness_instance: Instance, database: psycopg.Connection[Any]) -> Tap:
    """The assertions of the library on the test's database: ``tap.has_table("tasks")``."""
    return Tap(database, harness_instance.config.pgtap_schema)


@pytest.fixture
def rows(harness_instance: Instance, database: psycopg.Connection[Any]) -> Callable[..., list[Any]]:
    """Insert valid rows, and what they refer to: ``rows("tasks", n=2, user_id="alice")``.

    Each has ``stored``, the row as text; the rest of a row is chosen from the catalog.
    """
    from harness.rowgen import rows as insert  # late: Hypothesis is slow to load
    from harness.rowgen.storage import keep_out

    keep_out(harness_instance.config)

    def inserted(table: str, n: int = 1, **given: Any) -> list[Any]:
        with database.transaction():
            return insert(database, table, n, **given)

    return inserted


@pytest.fixture(scope="session")
def access(harness_instance: Instance) -> Callable[[str], Answers]:
    """What everybody may do: ``access("tasks")["app"]["one"]["DELETE"] == "own"``.

    Role, identity, command; see docs/access.md for what identities and answers are called.
    Raises KeyError for a relation that is not there.
    """
    from harness.run.access import answers, facts_of  # late: few checks need it

    return cache(partial(answers, facts_of(harness_instance)))


@pytest.fixture(scope="session")
def catalog(harness_instance: Instance) -> Catalog:
    """Everything that the schema contains: ``catalog.objects["table"]``."""
    ignored = (harness_instance.config.pgtap_schema,)
    with harness_instance.template.cloned() as database, database.connect() as connection:
        return Catalog.of(connection, ignored, harness_instance.bookkeeping)


@pytest.fixture
def empty_database(harness_instance: Instance) -> Iterator[psycopg.Connection[Any]]:
    """A connection, in autocommit, to a database without the schema."""
    with harness_instance.empty.cloned() as clone, clone.connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def schema_source(harness_instance: Instance) -> SchemaSource:
    """The schema under test: ``apply(connection)``, ``rollback(connection)``."""
    if harness_instance.source is None:
        pytest.skip("this run has no schema (--schema none)")
    return harness_instance.source


@pytest.fixture
def snapshot(harness_instance: Instance) -> Callable[[psycopg.Connection[Any]], Catalog]:
    """Everything a database contains, to be compared: ``snapshot(connection)``."""
    ignored = (harness_instance.config.pgtap_schema,)
    return lambda connection: Catalog.of(connection, ignored, harness_instance.bookkeeping)
