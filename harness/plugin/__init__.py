"""The pytest plugin: SQL assertion files as items, and fixtures for Python checks.

It takes part in a run of plain pytest where ``pyproject.toml`` has a ``[tool.harness]``
table, and in every ``harness test``. Fixtures are there in any case.

::

    __init__.py   options, and what is registered for a run
    run.py        HarnessRun: one run, its instance and its SQL files
    items.py      an SQL file as a pytest item
    fixtures.py   database, connect, snapshot, ... for Python checks
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import config as configuration
from harness.errors import HarnessError
from harness.plugin.fixtures import (
    InstanceOfPostgresql,
    connect,
    database,
    empty_database,
    harness_database,
    harness_instance,
    schema_source,
    snapshot,
)
from harness.plugin.run import PLUGIN, HarnessRun, Prepared

__all__ = [
    "HarnessRun",
    "Prepared",
    "connect",
    "database",
    "empty_database",
    "harness_database",
    "harness_instance",
    "pytest_addoption",
    "pytest_configure",
    "schema_source",
    "snapshot",
]

OPTIONS = ("schema", "tests", "server", "bindir", "pgtap", "jobs", "timeout")


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
    group.addoption(
        "--harness-junit",
        default=None,
        metavar="FILE",
        help="write a JUnit report with one test case per assertion",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read the configuration and register what serves the run."""
    plugins = config.pluginmanager.get_plugins()
    prepared = next((p for p in plugins if isinstance(p, Prepared)), None)
    try:
        run = HarnessRun(prepared, True) if prepared else _from_options(config)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    # Registered now and not as an entry point, so that its fixtures come after
    # pytest-postgresql's and postgresql_proc is ours.
    config.pluginmanager.register(run, PLUGIN)
    if run.active:
        config.pluginmanager.register(InstanceOfPostgresql(), f"{PLUGIN}-postgresql")


def _from_options(config: pytest.Config) -> HarnessRun:
    flags = {name: config.getoption(f"harness_{name}") for name in OPTIONS}
    loaded = configuration.load(config.rootpath, **flags)
    junit_file = config.getoption("harness_junit")
    named = any(value is not None for value in flags.values())
    prepared = Prepared(loaded, None, Path(junit_file).resolve() if junit_file else None)
    return HarnessRun(prepared, loaded.configured or named)
