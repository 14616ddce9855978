"""The pytest plugin: SQL assertion files as items, and fixtures for Python checks.

It takes part in a run of plain pytest where ``pyproject.toml`` has a ``[tool.harness]``
table, and in every ``harness test``. Fixtures are there in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness import config as configuration
from harness.assertions.runner import AssertionFile
from harness.catalog import Catalog
from harness.config import Config
from harness.database import Database
from harness.errors import HarnessError
from harness.instance import Instance, open_instance
from harness.reports import failure_text, junit
from harness.reports.junit import Check
from harness.results import FileRun, Run
from harness.sources import SchemaSource

OPTIONS = ("schema", "tests", "server", "bindir", "pgtap", "jobs", "timeout")
PLUGIN = "harness-run"


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


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Handed to ``pytest.main`` by the harness itself, in place of options."""

    config: Config
    instance: Instance | None = None
    junit: Path | None = None


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


class HarnessRun:
    """One run of pytest: its instance, started when first needed, and its SQL files."""

    def __init__(self, prepared: Prepared, active: bool) -> None:
        self.config, self.active, self._junit = prepared.config, active, prepared.junit
        self._stack = ExitStack()
        self._instance = prepared.instance
        self._futures: dict[Path, Future[FileRun]] = {}
        self.files: dict[Path, FileRun] = {}
        self.checks: list[Check] = []
        self.passed = 0

    @property
    def instance(self) -> Instance:
        """The instance; ends the whole run with one message where there is none."""
        if self._instance is None:
            try:
                self._instance = self._stack.enter_context(open_instance(self.config))
                _ = self._instance.template
            except HarnessError as error:
                pytest.exit(str(error), returncode=error.exit_code)
        return self._instance

    def collects(self, path: Path) -> bool:
        """Whether a file is one of ours: an SQL file below a configured place."""
        places = self.config.tests
        return (
            self.active
            and path.suffix == ".sql"
            and any(place == path or place in path.parents for place in places)
        )

    def result(self, file: AssertionFile) -> FileRun:
        """The result of a file: waits where it runs in the background, else runs it."""
        future = self._futures.pop(file.script.path, None)
        found = future.result() if future else self.instance.runner().run(file)
        self.files[file.script.path] = found
        return found

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect SQL files below the configured places."""
        return SqlFile.from_parent(parent, path=file_path) if self.collects(file_path) else None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        """Run the selected SQL files on several connections beside pytest's own loop."""
        files = [item.file for item in session.items if isinstance(item, SqlItem)]
        if not files or session.config.option.collectonly or session.testsfailed:
            return (yield)
        runner, jobs = self.instance.runner(), min(self.config.jobs, len(files))
        _ = self.instance.baseline
        with ThreadPoolExecutor(jobs, "harness") as pool:
            self._futures = {f.script.path: pool.submit(runner.run, f) for f in files}
            try:
                return (yield)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what passed, and note Python checks for the JUnit report."""
        decisive = report.when == "call" or report.outcome != "passed"
        self.passed += report.when == "call" and report.passed
        if decisive and not report.location[0].endswith(".sql"):
            file, _, name = report.location
            text = report.longreprtext
            self.checks.append(Check(file, name, report.duration, report.outcome, text))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop the server, write reports, and fail a run in which nothing was asserted."""
        self._stack.close()
        if self._junit is not None:
            with self._junit.open("w", encoding="utf-8") as stream:
                junit.write(self.run, self.checks, session.config.rootpath, stream)
        if self.active and session.exitstatus == pytest.ExitCode.OK and not self.passed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @property
    def run(self) -> Run:
        """The SQL files so far, in the order of their paths."""
        return Run(tuple(self.files[path] for path in sorted(self.files)))

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int
    ) -> None:
        """Say how much the SQL files asserted."""
        if self.files:
            total, files = sum(len(file.results) for file in self.run.files), len(self.files)
            noun = "file" if files == 1 else "files"
            terminalreporter.write_line(f"{total} assertions in {files} SQL {noun}")
        if exitstatus == pytest.ExitCode.TESTS_FAILED and not terminalreporter.stats.get("failed"):
            terminalreporter.write_line("nothing was asserted: a run without a test that ran fails")


class SqlFile(pytest.File):
    """An SQL assertion file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item: a script is run from its first line to its last.

        A script that cannot be served is an error of collection: nothing runs, exit code 2.
        """
        try:
            file = AssertionFile.read(self.path)
        except HarnessError as error:
            raise self.CollectError(str(error)) from None
        yield SqlItem.from_parent(self, name=self.path.stem, file=file)


class SqlFailed(Exception):  # noqa: N818  not an error of the harness
    """A file with failed assertions or problems."""

    def __init__(self, file: FileRun) -> None:
        super().__init__(f"{len(file.failures)} failed")
        self.file = file


class SqlItem(pytest.Item):
    """One SQL assertion file as a test."""

    def __init__(self, *, file: AssertionFile, **parent: Any) -> None:
        super().__init__(**parent)
        self.file = file

    def runtest(self) -> None:
        """Take the file's result."""
        plugin = self.config.pluginmanager.get_plugin(PLUGIN)
        assert isinstance(plugin, HarnessRun)
        file = plugin.result(self.file)
        if file.all_skipped and file.results:
            pytest.skip(file.results[0].directive or "every assertion is skipped")
        if not file.passed:
            raise SqlFailed(file)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show each failure with its line of the file."""
        if isinstance(excinfo.value, SqlFailed):
            return failure_text.of_file(excinfo.value.file, self.config.invocation_params.dir)
        if isinstance(excinfo.value, HarnessError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the item by its file."""
        return self.path, None, self.name


class InstanceOfPostgresql:
    """pytest-postgresql's process fixture, on the harness' instance."""

    @pytest.fixture(scope="session")
    def postgresql_proc(self, harness_instance: Instance) -> Any:
        """The executor; ``postgresql`` gives a clone of the template as ever."""
        return harness_instance.cluster.executor_for(harness_instance.template.name)


@pytest.fixture(scope="session")
def harness_instance(pytestconfig: pytest.Config) -> Instance:
    """The instance of the run: cluster, template, source."""
    plugin = pytestconfig.pluginmanager.get_plugin(PLUGIN)
    assert isinstance(plugin, HarnessRun)
    return plugin.instance


@pytest.fixture
def harness_database(harness_instance: Instance) -> Iterator[Database]:
    """A clone of the template for one test, dropped afterwards."""
    with harness_instance.template.cloned() as database:
        yield database


@pytest.fixture
def database(harness_database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection, in autocommit, to a clone of the template for this test alone."""
    with harness_database.connect() as connection:
        yield connection


@pytest.fixture
def connect(harness_database: Database) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """More connections to the test's database: ``connect()``, ``connect(user="alice")``."""
    with ExitStack() as stack:

        def another(**parameters: Any) -> psycopg.Connection[Any]:
            connection = harness_database.connect(**parameters)
            stack.callback(connection.close)
            return connection

        yield another


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
    return lambda connection: Catalog.of(connection, ignore=ignored)
