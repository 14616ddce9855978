"""Running files: several at once, each isolated, results as they come."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from harness.core.errors import CannotRun, ScriptError
from harness.core.results import Group, Location, Outcome, Result
from harness.postgres.database import Database
from harness.sqltests.runner import AssertionFile, Runner
from harness.sqltests.selection import Selection, by_tags


@dataclass(frozen=True, slots=True)
class Suite:
    """Files that have been chosen, and what is wanted of their results."""

    files: Sequence[AssertionFile]
    selection: Selection
    setups: Sequence[AssertionFile] = ()
    """What runs before all files, and once: they start from what it leaves."""

    @classmethod
    def of(cls, files: Sequence[AssertionFile], selection: Selection) -> Suite:
        """The suite of the files that a selection leaves, and of all setups."""
        tests = [file for file in files if not file.sets_up]
        setups = [file for file in files if file.sets_up]
        return cls(by_tags(tests, selection), selection, setups)

    def shuffled(self, seed: int) -> Suite:
        """The same files in an order that the seed says."""
        files = list(self.files)
        random.Random(seed).shuffle(files)  # noqa: S311  an order, not a secret
        return replace(self, files=files)

    def first(self, first: Callable[[AssertionFile], bool]) -> Suite:
        """The same files, some of them in front."""
        return replace(self, files=sorted(self.files, key=lambda file: not first(file)))

    def run(self, runner: Runner, jobs: int) -> Generator[Group]:
        """Run the files on ``jobs`` connections; each result as soon as it is there.

        Who stops listening ends the run: no more files are begun, and those under way end
        with their server, which is why nobody waits for them here.
        """
        pool = ThreadPoolExecutor(max(1, min(jobs, len(self.files))), "harness")
        try:
            futures = [pool.submit(attempt, runner.run, file) for file in self.files]
            yield from self._wanted(future.result() for future in as_completed(futures))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def run_in(self, runner: Runner, database: Database) -> Generator[Group]:
        """Run all files one after another in one database, setups in their places among them."""
        files = sorted((*self.setups, *self.files), key=lambda file: file.path)
        run = partial(runner.run_in, database)
        yield from self._wanted(attempt(run, file) for file in files)

    def _wanted(self, runs: Iterable[Group]) -> Iterator[Group]:
        return (found for run in runs if (found := self.selection.wanted(run)) is not None)


def attempt(run: Callable[[AssertionFile], Group], file: AssertionFile) -> Group:
    """Run one file; that it could not be run is a result too, so that the others go on."""
    try:
        return run(file)
    except CannotRun as error:
        return refused(file.path, error)


def refused(path: Path, error: CannotRun) -> Group:
    """What a file gives that cannot be run."""
    if isinstance(error, ScriptError):
        problem = Result(Outcome.ERROR, error.message, Location(error.path, error.line))
    else:
        problem = Result(Outcome.ERROR, str(error), Location(path, 1))
    return Group(path, problems=(problem,))
