"""HarnessRun: one run of pytest, its instance and its SQL files."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.assertions.runner import AssertionFile
from harness.config import Config
from harness.errors import CannotRun, HarnessError
from harness.instance import Instance, open_instance
from harness.plugin.items import SqlFile, SqlItem
from harness.reports import junit
from harness.reports.junit import Check
from harness.results import FileRun, Run

PLUGIN = "harness-run"
"""The name under which a run is registered with pytest."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Handed to ``pytest.main`` by the harness itself, in place of options."""

    config: Config
    instance: Instance | None = None
    junit: Path | None = None


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
        self._could_not_run = False

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
        try:
            found = future.result() if future else self.instance.runner().run(file)
        except CannotRun:
            self._could_not_run = True
            raise
        self.files[file.script.path] = found
        return found

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect SQL files below the configured places."""
        if not self.collects(file_path):
            return None
        return SqlFile.from_parent(parent, path=file_path, result=self.result)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        """Run the selected SQL files on several connections beside pytest's own loop."""
        files = [item.file for item in session.items if isinstance(item, SqlItem)]
        if not files or session.config.option.collectonly or session.testsfailed:
            return (yield)
        runner, jobs = self.instance.runner(), min(self.config.jobs, len(files))
        _ = self.instance.baseline
        gc.freeze()  # what pytest has built stays; looking through it again costs every file
        with ThreadPoolExecutor(jobs, "harness") as pool:
            self._futures = {f.script.path: pool.submit(runner.run, f) for f in files}
            try:
                return (yield)
            except BaseException:
                self._stack.close()  # without a server, statements under way end at once
                raise
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
        if self._could_not_run:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        elif session.exitstatus == pytest.ExitCode.OK and self._asserted_nothing(session):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _asserted_nothing(self, session: pytest.Session) -> bool:
        return self.active and not self.passed and not session.config.option.collectonly

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
