"""The pytest plugin: SQL assertion files as items, and fixtures for Python checks.

SQL files take part in a run of plain pytest where ``pyproject.toml`` has a
``[tool.harness]`` table. ``harness test`` runs them by itself, and pytest for the Python
checks alone. Fixtures are there in any case.

::

    __init__.py    options, and what is registered for a run
    run.py         HarnessRun: what one run shares, its instance above all
    workers.py     the same instance for all workers of pytest-xdist
    items.py       an SQL file as a pytest item
    sql_files.py   the SQL files of a run of plain pytest
    checks.py      Python checks as results; running nothing but them
    executor.py    the server as pytest-postgresql knows one
    fixtures.py    database, connect, tap, ... for Python checks
"""

from __future__ import annotations

import pytest

from harness.core import config_reader
from harness.core.errors import HarnessError
from harness.pytest_plugin.fixtures import (
    InstanceOfPostgresql,
    access,
    catalog,
    connect,
    database,
    empty_database,
    harness_database,
    harness_instance,
    rows,
    schema_source,
    snapshot,
    tap,
)
from harness.pytest_plugin.run import PLUGIN, HarnessRun, Prepared
from harness.pytest_plugin.sql_files import SqlFiles
from harness.reports.output import REPORTS, Reports
from harness.sources.finding import SchemaSearch

__all__ = [
    "HarnessRun",
    "Prepared",
    "access",
    "catalog",
    "connect",
    "database",
    "empty_database",
    "harness_database",
    "harness_instance",
    "pytest_addoption",
    "pytest_configure",
    "rows",
    "schema_source",
    "snapshot",
    "tap",
]

OPTIONS = ("schema", "source", "tests", "server", "bindir", "pgtap", "jobs", "timeout")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the settings of ``[tool.harness]`` as options."""
    group = parser.getgroup("harness", "PostgreSQL schema under test (pgtap-harness)")
    for name in OPTIONS:
        action = "append" if name == "tests" else "store"
        group.addoption(
            f"--harness-{name}",
            action=action,
            default=None,
            metavar=name.upper(),
            help=f"{name} of [tool.harness], from the command line",
        )
    for name in REPORTS:
        group.addoption(
            f"--harness-{name}",
            default=None,
            metavar="FILE",
            help=f"write a {name} report with one entry per assertion",
        )


def pytest_configure(config: pytest.Config) -> None:
    """Read the configuration and register what serves the run."""
    plugins = config.pluginmanager.get_plugins()
    prepared = next((p for p in plugins if isinstance(p, Prepared)), None)
    try:
        run = HarnessRun(prepared, True, config, True) if prepared else _from_options(config)
        sql_files = SqlFiles(run, config) if run.active and not run.checks_only else None
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    # Registered now and not as an entry point, so that its fixtures come after
    # pytest-postgresql's and postgresql_proc is ours.
    config.pluginmanager.register(run, PLUGIN)
    if sql_files is not None:
        config.pluginmanager.register(sql_files, f"{PLUGIN}-sql")
        _register_properties(config, run)
    if run.active:
        config.pluginmanager.register(InstanceOfPostgresql(), f"{PLUGIN}-postgresql")


def _register_properties(config: pytest.Config, run: HarnessRun) -> None:
    """Have the properties of the schema be items, where there is a schema to have any."""
    if run.config.schema is not None and run.config.properties.get("enabled", True):
        from harness.pytest_plugin.properties import (
            Properties,  # late: it loads the property checks
        )

        config.pluginmanager.register(Properties(run, config), f"{PLUGIN}-properties")


def _from_options(config: pytest.Config) -> HarnessRun:
    flags = {name: config.getoption(f"harness_{name}") for name in OPTIONS}
    loaded = config_reader.load(config.rootpath, SchemaSearch, **flags)
    named = any(value is not None for value in flags.values())
    places = {name: config.getoption(f"harness_{name}") for name in REPORTS}
    asked = {name: place for name, place in places.items() if place}
    reports = Reports(asked, loaded.github, loaded.github_summary)
    reports.prepare()
    return HarnessRun(Prepared(loaded, None, reports), loaded.configured or named, config, False)
