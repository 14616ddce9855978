"""One run of the tests: SQL files, then Python checks, then reports and an exit code.

The instance is ended while the results are shown.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from harness import suite
from harness.assertions.runner import AssertionFile
from harness.config import TESTS_CONVENTIONS, Config, nearest
from harness.instance import Instance
from harness.places import SQL
from harness.psql import forget_kept
from harness.reports.live import Live, summary
from harness.results import FileRun, Kind, Run
from harness.suite import Suite, setups, xunit
from harness.suite.hints import hinted
from harness.suite.memory import Memory
from harness.suite.wanted import Wanted

if TYPE_CHECKING:
    from harness.plugin.checks import Collected
    from harness.proving import Proving

PASSED, FAILED, CANNOT_RUN = 0, 1, 2


@dataclass
class Testing:
    """A run that is under way on an instance; ``end`` is called when nothing needs it any more."""

    config: Config
    wanted: Wanted
    instance: Instance
    end: Callable[[], None]
    _files: list[FileRun] = field(default_factory=list)
    _kept: dict[Path, str] = field(default_factory=dict)
    _stopped: bool = False
    _tags: set[str] = field(default_factory=set)
    """Those that files have, and the marks of checks."""
    _not_run: int = 0
    """Files that a setup which failed was for."""

    def run(self) -> int:
        """Run everything; the exit code. Raises HarnessError where nothing can be run."""
        started = time.monotonic()
        self.wanted.reports.prepare()
        if self.wanted.keep_failed:
            forget_kept(self.config)
        if complaint := self._nothing_to_run():
            print(f"harness: {complaint}", file=sys.stderr)
            return FAILED
        checks = self._run_all()
        with _background(self.end):
            self._remember(checks)
            run = Run(tuple(sorted(self._files, key=_order)), self.config.root)
            return self._report(Run(run.files, run.root, time.monotonic() - started))

    # --- what there is to run ----------------------------------------------------------

    def _nothing_to_run(self) -> str:
        if self.wanted.xunit:
            return ""
        if not self.config.tests:
            places = ", ".join(TESTS_CONVENTIONS)
            return f"no tests: none of {places} exists; name them with --tests"
        empty = [place for place in self.config.tests if not suite.find([place], [*SQL, ".py"])]
        return f"no tests in {', '.join(map(str, empty))}" if empty else ""

    @cached_property
    def _sql(self) -> list[Path]:
        return suite.find(self.config.tests)

    @cached_property
    def _python(self) -> list[Path]:
        """Python files, any of which may have checks: pytest knows which are."""
        return [] if self.wanted.xunit else suite.find(self.config.tests, [".py"])

    @cached_property
    def _failed_before(self) -> frozenset[str]:
        if not (self.wanted.last_failed or self.wanted.failed_first):
            return frozenset()
        failed, root = Memory.of(self.config).failed(), self.config.root
        return frozenset(name for name in failed if _is_still_there(name, root))

    def _suite(self) -> Suite:
        """The SQL files in the order in which they are run."""
        paths = self._paths
        every = self._read()
        self._tags.update(*(file.tags for file in every))
        files = [file for file in every if file.sets_up or file.path in paths]
        found = Suite.of(files, self.wanted.selection)
        if self.wanted.seed is not None:
            found = found.shuffled(self.wanted.seed)
        if self.wanted.failed_first:
            found = found.first(lambda file: str(file.path) in self._failed_before)
        return found

    def _read(self) -> list[AssertionFile]:
        if self.wanted.xunit:
            return [xunit.file(self.wanted.xunit, self.wanted.match)]
        paths = sorted({*self._sql, *setups.beside(self.config.tests)})
        return suite.read(paths, self.config.variables)

    @property
    def _paths(self) -> frozenset[Path]:
        """What is to be run of the files that are read."""
        if self.wanted.xunit:
            return frozenset([Path(self.wanted.xunit)])
        only = self.wanted.last_failed and self._failed_before
        return frozenset(path for path in self._sql if not only or str(path) in only)

    # --- running -----------------------------------------------------------------------

    def _run_all(self) -> Collected | None:
        chosen = self._suite()
        self.instance.prepare()
        checks = [path for path in self._python if "test" in path.stem]
        proving = self._proving()
        total = len(proving.tables if proving else ()) + len(checks)
        total += len(chosen.setups) + len(chosen.files)
        live = Live(self._stream, self.config.root, total, self.wanted.verbose)
        with closing(live):
            prepared = self.instance
            if self.wanted.one_database:
                self._run_in_one(chosen, live)
            else:
                prepared = self._set_up(chosen, live)
                if not self._stopped:
                    self._run_sql(chosen, prepared, live)
            if proving and not self._stopped:
                self._run_properties(proving, live)
            return None if self._stopped or not self._python else self._run_python(prepared, live)

    def _set_up(self, chosen: Suite, live: Live) -> Instance:
        """The instance that tests start from; a setup that fails ends the run."""

        def take(run: FileRun) -> None:
            wanted = run if run.failures else chosen.selection.wanted(run)
            if not run.results and not run.problems:
                live.setup(run)
            elif wanted:
                self._take(wanted, live)
            if run.failures:
                self._stopped, self._not_run = True, len(chosen.files)

        return setups.set_up(self.instance, chosen.setups, take)

    def _run_in_one(self, chosen: Suite, live: Live) -> None:
        """Run the SQL files as psql would: in one database, in their order."""
        runner, database = self.instance.runner(self.wanted.timed), self.instance.template.clone()
        with closing(chosen.run_in(runner, database)) as results:
            self._take_all(results, live)
        failed = next((file.path for file in self._files if not file.passed), None)
        if failed and self.wanted.keep_failed:
            self._kept = {failed: self.instance.keep(failed, database)}
        else:
            database.drop()
        files = (*chosen.setups, *chosen.files)
        self.instance.restore_server(frozenset().union(*(file.creates for file in files)))

    def _take_all(self, results: Iterable[FileRun], live: Live) -> None:
        for result in results:
            self._take(self._located(result), live)
            if self._stopped:
                break

    def _run_sql(self, chosen: Suite, instance: Instance, live: Live) -> None:
        runner = instance.runner(self.wanted.timed, self.wanted.keep_failed)
        with closing(chosen.run(runner, self.config.jobs)) as results:
            self._take_all((hinted(result, chosen.files) for result in results), live)
        self._kept = {path: instance.keep(path, database) for path, database in runner.failed}

    def _proving(self) -> Proving | None:
        """The promises that are wanted; None where none of them is."""
        enabled = self.config.properties.get("enabled", True)
        if not (self.wanted.properties and enabled and self.config.schema):
            return None
        from harness.proving import Proving, Wish  # late: Hypothesis is slow to load

        selection, before = self.wanted.selection, self._failed_before
        tables = frozenset(before) if self.wanted.last_failed and before else None
        return Proving(self.instance, Wish(matches=selection.matches, paths=tables))

    def _run_properties(self, proving: Proving, live: Live) -> None:
        with closing(proving.run()) as tables:
            for decisions in tables:
                self._take(proving.file_run(decisions), live)
                if self._stopped:
                    return

    def _run_python(self, instance: Instance, live: Live) -> Collected | None:
        from harness.plugin.checks import Checks, Order  # late: pytest is slow to load
        from harness.plugin.run import Prepared

        arguments = self._pytest_arguments()
        if arguments is None:
            return None
        order = Order(self.wanted.selection.tagged, self.wanted.seed, self._tags)
        prepared = Prepared(self.config, instance)
        return Checks(prepared, arguments, order, lambda run: self._take(run, live)).run()

    def _pytest_arguments(self) -> tuple[str, ...] | None:
        """For pytest; None where none of its checks is wanted."""
        wanted = self.wanted
        options = ["-k", wanted.keyword] if wanted.keyword else []
        options += ["-x"] * wanted.stop_early + ["--ff"] * wanted.failed_first
        if wanted.last_failed and self._failed_before:
            names = sorted(name for name in self._failed_before if "::" in name)
            again = [f"{self.config.root}/{name}" for name in names]
            return (*again, *options) if again else None
        places = [p for p in self.config.tests if p.is_dir() or p.suffix == ".py"]
        return (*map(str, places), *options) if places else None

    def _located(self, result: FileRun) -> FileRun:
        if not self.wanted.xunit:
            return result
        sources = suite.find([self.config.schema] if self.config.schema else [])
        return xunit.located(result, sources)

    def _take(self, result: FileRun, live: Live) -> None:
        self._files.append(result)
        self._stopped |= self.wanted.stop_early and not result.passed
        live.file(result)

    # --- afterwards --------------------------------------------------------------------

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self.wanted.reports.stdout_is_taken else sys.stdout

    def _remember(self, checks: Collected | None) -> None:
        sql = [file for file in self._files if file.kind is not Kind.CHECK]
        ran = {str(file.path) for file in sql} | (checks.ran if checks else set())
        failed = {str(file.path) for file in sql if not file.passed}
        Memory.of(self.config).remember(ran, failed | (checks.failed if checks else set()))

    def _unknown_tags(self) -> str:
        """What is wrong with a tag that nothing has; nothing where not everything was looked at.

        ``--not-tag`` may name what no file has: what leaves nothing out hides nothing.
        """
        if self._stopped or self.wanted.last_failed:
            return ""
        unknown = sorted(self.wanted.selection.tags - self._tags)
        return (
            f"tag: nothing has {unknown[0]!r}{nearest(unknown[0], self._tags)}" if unknown else ""
        )

    def _report(self, run: Run) -> int:
        self.wanted.reports.write(run)
        if unknown := self._unknown_tags():
            print(f"harness: {unknown}", file=sys.stderr)
            return CANNOT_RUN
        summary(run, self._stream, self.wanted.durations)
        if self._not_run:
            files = "file was" if self._not_run == 1 else "files were"
            print(f"{self._not_run} SQL {files} not run: the setup failed", file=self._stream)
        for path, dsn in self._kept.items():
            print(f"kept: {dsn}\n  harness psql --kept {path.stem}", file=self._stream)
        if self.wanted.seed is not None:
            print(f"shuffled: --shuffle --seed {self.wanted.seed}", file=self._stream)
        if any(not file.served for file in run.files):
            return CANNOT_RUN
        if not run.asserted:
            what = "every test was skipped" if run.files else "nothing was selected"
            print(f"nothing was asserted: {what}, and that is not a pass", file=self._stream)
        return PASSED if run.passed else FAILED


def _is_still_there(name: str, root: Path) -> bool:
    """Whether there is what failed before; a table is looked for later."""
    return name.startswith("properties/") or (root / name.partition("::")[0]).exists()


def _order(file: FileRun) -> tuple[int, Path]:
    """SQL files first, then promises, then Python's, each by path."""
    return (Kind.ASSERTION, Kind.PROMISE, Kind.CHECK).index(file.kind), file.path


@contextmanager
def _background(work: Callable[[], None]) -> Iterator[None]:
    """Work that goes on beside the block; its errors come out at the end of it."""
    with ThreadPoolExecutor(1, "harness-background") as pool:
        future = pool.submit(work)
        yield
        future.result()
