"""SQL files in a run of plain pytest: one item each, run several at once."""

from __future__ import annotations

import base64
import gc
import pickle
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from harness.core.errors import HarnessError
from harness.core.results import CANNOT_RUN, SQL, Group, Kind, Result, place
from harness.core.text import count
from harness.pytest_plugin.checks import Collected, matcher
from harness.pytest_plugin.items import SqlFile, SqlItem
from harness.pytest_plugin.run import HarnessRun
from harness.run.progress import Collector, Strictness
from harness.sqltests import Selection
from harness.sqltests.files import AssertionFile
from harness.sqltests.runner import runner_of
from harness.sqltests.suite import attempt


class SqlFiles:
    """Collects SQL files, runs them in the background, and writes reports of the whole."""

    def __init__(self, run: HarnessRun, config: pytest.Config) -> None:
        self._run, self._root = run, config.rootpath
        self._futures: dict[Path, Future[Group]] = {}
        self._found: dict[Path, Group] = {}
        self._collector = Collector(self._root, Strictness.of(run.config))
        self.checks = Collected(self._root, self._collector.take)
        keyword = config.option.keyword
        lines = _take_lines(config)
        self.selection = Selection(matcher(keyword) if keyword else None, lines=lines)
        self._asserted = self._collects_only = self._nothing = False

    # --- collection --------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect SQL files below the configured places, and those that are named."""
        places = (*self._run.config.tests, *self.selection.lines)
        below = any(place == file_path or place in file_path.parents for place in places)
        if file_path.suffix not in SQL or not below:
            return None
        read = partial(AssertionFile.read, variables=self._run.config.variables)
        return SqlFile.from_parent(parent, path=file_path, read=read, result=self.result)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Iterator[None]:
        """Run SQL files before ``-k`` chooses: only then are the names of assertions known."""
        if not self.selection.narrows:
            return (yield)
        order, found = list(items), [item for item in items if isinstance(item, SqlItem)]
        items[:] = [item for item in items if item not in found]
        result = yield
        left_out = [item for item in found if not self._wanted(item)]
        config.hook.pytest_deselected(items=left_out)
        kept = {*items, *found} - {*left_out}
        items[:] = [item for item in order if item in kept]
        return result

    def _wanted(self, item: SqlItem) -> bool:
        """Run a file for what is wanted of it; whether that is anything."""
        try:
            wanted = self.selection.wanted(self._attempt(item.file))
        except HarnessError:  # which the item says when it runs
            return True
        if wanted is not None:
            self._keep(wanted)
        return wanted is not None

    # --- running -----------------------------------------------------------------------

    def result(self, file: AssertionFile) -> Group:
        """The result of a file: waits where it runs in the background, else runs it."""
        future = self._futures.pop(file.path, None)
        if file.path not in self._found:
            self._keep(future.result() if future else self._attempt(file))
        return self._found[file.path]

    def _keep(self, group: Group) -> None:
        self._found[group.path] = self._collector.take(group)

    def _attempt(self, file: AssertionFile) -> Group:
        """Run a file, unless it has been run: setups are in the instance that the others see."""
        instance = self._run.instance
        return instance.setups.get(file.path) or attempt(runner_of(instance).run, file)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        """Run the selected SQL files on several connections beside pytest's own loop."""
        self._collects_only = session.config.option.collectonly
        files = [item.file for item in session.items if isinstance(item, SqlItem)]
        files = [file for file in files if file.path not in self._found and not file.sets_up]
        if not files or self._collects_only or session.testsfailed or self._run.is_worker:
            return (yield)
        try:
            instance = self._run.instance
        except HarnessError:  # which every item that needs it says
            return (yield)
        runner, jobs = runner_of(instance), min(self._run.config.jobs, len(files))
        _ = instance.baseline
        gc.freeze()  # what pytest has built stays; looking through it again costs every file
        with ThreadPoolExecutor(jobs, "harness") as pool:
            self._futures = {file.path: pool.submit(attempt, runner.run, file) for file in files}
            try:
                return (yield)
            except BaseException:
                self._run.close()  # without a server, statements under way end at once
                raise
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    # --- results -----------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        """Send a file's result along, for the controller of pytest-xdist."""
        report = yield
        if call.when != "call":
            return report
        found = self._found.get(item.path) if isinstance(item, SqlItem) else None
        if self._run.is_worker and found is not None:
            report.harness = _packed(found)  # type: ignore[attr-defined]
        if (result := getattr(item, "harness_result", None)) is not None:
            report.harness_result = _packed(result)  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take results in, wherever they were found."""
        self.checks.pytest_runtest_logreport(report)
        self._asserted |= report.when == "call" and report.passed
        if sent := getattr(report, "harness", None):
            self._keep(pickle.loads(base64.b64decode(sent)))  # noqa: S301  our own worker

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write reports, and fail a run in which nothing was asserted."""
        self.checks.pytest_sessionfinish()
        if self._run.is_worker:
            return
        found = self._collector.run()
        self._run.reports.write(found)
        fine = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        self._nothing = fine and not self._asserted and not self._collects_only
        if found.exit_code == CANNOT_RUN:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        elif self._nothing or (fine and not found.passed):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how much the SQL files asserted, and what else there is to know of them."""
        found = self._collector.run().groups
        files = [group for group in found if group.kind is Kind.ASSERTION]
        if files:
            total = count(sum(len(file.results) for file in files), "assertion")
            terminalreporter.write_line(f"{total} in {count(len(files), 'SQL file')}")
        for line in (f"{file.path.name}: {note}" for file in files for note in file.notes):
            terminalreporter.write_line(line)
        if self._nothing:
            terminalreporter.write_line("nothing was asserted: a run without a test that ran fails")


def _packed(found: Group | Result) -> str:
    """What travels in a report from a worker of pytest-xdist, which takes texts."""
    return base64.b64encode(pickle.dumps(found)).decode()


def _take_lines(config: pytest.Config) -> dict[Path, frozenset[int]]:
    """The lines in arguments such as ``path.sql:12``, of which the paths alone are left."""
    lines: dict[Path, frozenset[int]] = {}
    for index, argument in enumerate(config.args):
        path, line = place(argument)
        if line is not None:
            config.args[index] = path
            resolved = (config.invocation_params.dir / path).resolve()
            lines[resolved] = lines.get(resolved, frozenset()) | {line}
    return lines
