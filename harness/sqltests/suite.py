"""Running files: several at once, each isolated, results as they come."""

from __future__ import annotations

import contextlib
import json
import random
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from os.path import relpath
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import CannotRun, ScriptError
from harness.core.results import Group, Location, Outcome, Result
from harness.postgres.database import Database
from harness.postgres.server.cache import Cache, key
from harness.postgres.session import Failure
from harness.sqltests.files import AssertionFile
from harness.sqltests.isolation import Isolation
from harness.sqltests.runner import RefusedRun, Runner
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


_SYNTAX, _NO_SCHEMA = "42601", "3F000"
_UNDEFINED = ("42P01", _NO_SCHEMA, "42883", "42704")
"""Undefined table, schema, function; type, role and other objects."""
_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAMES = re.compile(rf"'?({_NAME}(?:\s*\.\s*{_NAME})*)")
"""``tests.people``, and ``'tests.people'`` where a text is read as a name."""
_WORD = re.compile(_NAME)
_CREATED = re.compile(
    r"\bCREATE\s+(?:[A-Z]+\s+){0,4}?"
    r"(?:TABLE|VIEW|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|SCHEMA|ROLE|USER|GROUP)\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?(?:{_NAME}\s*\.\s*)?(?P<name>{_NAME})",
    re.IGNORECASE,
)
"""``CREATE OR REPLACE FUNCTION tests.people``, and what else a later file may miss."""


def hinted(run: Group, files: Sequence[AssertionFile]) -> Group:
    """The same with a hint at the file that makes what is missing, if one of them does."""
    if not isinstance(run, RefusedRun):
        return run
    refusals = {failure.location: failure for failure in run.refusals}
    others = [f for f in files if f.path != run.path and f.isolation is not Isolation.SHARED]
    problems = (
        _hinted(problem, refusals.get(problem.location), others) for problem in run.problems
    )
    return replace(run, problems=tuple(problems))


def _hinted(problem: Result, failure: Failure | None, others: Sequence[AssertionFile]) -> Result:
    if failure is None:
        return problem
    at = failure.query[failure.position - 1 :] if failure.position else ""
    if failure.sqlstate == _SYNTAX and at.startswith(":"):
        return problem._replace(message="a variable that is not set? --set NAME=VALUE sets one")
    makers = (file for name in _missing(failure, at) for file in others if _makes(file, name))
    maker = next(makers, None)
    if maker is None:
        return problem
    file = relpath(maker.path, problem.location.path.parent)
    hint = (
        f"{file} creates it; no file sees what another leaves, but for a setup:"
        f" write '-- harness: setup' in {file}, or run all in --one-database"
    )
    return problem._replace(message=hint)


def _missing(failure: Failure, at: str) -> Iterator[str]:
    """What may be the name of what does not exist, without its schema."""
    if failure.sqlstate not in _UNDEFINED:
        return
    if found := _NAMES.match(at):
        names = _WORD.findall(found[1])
        yield _plain(names[0] if failure.sqlstate == _NO_SCHEMA else names[-1])
    elif not failure.position:  # DROP TABLE, GRANT: it is somewhere in the statement
        yield from dict.fromkeys(map(_plain, _WORD.findall(failure.query)))


def _plain(name: str) -> str:
    """A name as the catalog has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _makes(file: AssertionFile, name: str) -> bool:
    text = file.script.content.decode("utf-8", "replace")
    return any(_plain(found["name"]) == name for found in _CREATED.finditer(text))


@dataclass(frozen=True, slots=True)
class Memory:
    """The names of what failed: paths of SQL files, node ids of Python checks."""

    path: Path

    @classmethod
    def of(cls, config: Config) -> Memory:
        """The memory of the project that a configuration is for."""
        return cls(Cache(config.cache_dir).root / "failed" / f"{key(config.root)}.json")

    def failed(self) -> frozenset[str]:
        """What failed in the last run; nothing where there was none."""
        try:
            return frozenset(map(str, json.loads(self.path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError):  # never written, or by another version
            return frozenset()

    def remember(self, ran: Iterable[str], failed: Iterable[str]) -> None:
        """Note what failed; what did not run this time keeps its place."""
        still = sorted((self.failed() - frozenset(ran)) | frozenset(failed))
        with contextlib.suppress(OSError):  # a convenience, and no reason to fail
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_text(json.dumps(still), encoding="utf-8")
