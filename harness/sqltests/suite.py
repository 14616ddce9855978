"""A suite: what is wanted of its files, and running them, several at once.

A file is run as a whole, since its assertions build on each other; what was not asked for is left
out of its result. A file of which nothing is left was not selected. What all others start from is
run first, alone. A file that misses what another one makes is told so; what failed is remembered.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from os.path import relpath
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import CannotRun, ScriptError
from harness.core.results import SQL, Group, Location, Outcome, Result
from harness.instance import Instance
from harness.postgres.database import Database
from harness.postgres.psql import Script
from harness.postgres.server.cache import Cache, key
from harness.postgres.session import Failure
from harness.sqltests.files import NOTE, AssertionFile, Isolation, named_as_setup, says_it_sets_up
from harness.sqltests.runner import RefusedRun, Runner, runner_of

Matches = Callable[[Iterable[str]], bool]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for; nothing asked for is everything wanted."""

    matches: Matches | None = None
    """Whether the names that something goes by, file and description, are asked for."""
    tags: frozenset[str] = frozenset()
    """Files with any of these."""
    not_tags: frozenset[str] = frozenset()
    """But none with any of these."""
    lines: Mapping[Path, frozenset[int]] = field(default_factory=dict)
    """Lines of files of which only the assertions there are wanted."""

    @property
    def narrows(self) -> bool:
        """Whether results are left out, so that a file has to run before we know."""
        return bool(self.matches or self.lines)

    def tagged(self, tags: Iterable[str]) -> bool:
        """Whether something with these tags is wanted."""
        found = frozenset(tags)
        return not found & self.not_tags and (not self.tags or bool(found & self.tags))

    def wanted(self, run: Group) -> Group | None:
        """What is wanted of a file's results; None where nothing is."""
        if self.matches is not None:
            run = _named(run, self.matches)
        if (lines := self.lines.get(run.path)) is not None:
            run = _at(run, lines)
        return run if run.results or run.problems or not self.narrows else None


def _named(run: Group, matches: Matches) -> Group:
    """The results that go by a name; problems where what they cut short may have done so."""
    name = run.path.name
    results = [r for r in run.results if matches((name, r.title))]
    return _with(run, results, any(matches((name, line)) for line in _not_reached(run)))


def _not_reached(run: Group) -> list[str]:
    """The lines of a file from its first problem on."""
    if not run.problems or not run.path.is_file():
        return []
    first = min(p.location.line if p.location.path == run.path else 1 for p in run.problems)
    lines = run.path.read_bytes().decode("utf-8", "replace").split("\n")
    return [line for line in lines[first - 1 :] if line.strip()]


def _with(run: Group, results: list[Result], problems: bool) -> Group:
    return replace(run, results=tuple(results), problems=run.problems if problems else ())


def _at(run: Group, lines: frozenset[int]) -> Group:
    """The results of the statements that stand on these lines."""
    starts = {item.line for item in Script.open(run.path).statements() if item.path == run.path}
    wanted = {max((s for s in starts if s <= line), default=0) for line in lines}
    at = [r for r in run.results if r.location.path == run.path and r.location.line in wanted]
    cut_short = not at and any(p.location.line <= max(lines) for p in run.problems)
    return _with(run, at, cut_short)


def by_tags(files: Iterable[AssertionFile], selection: Selection) -> list[AssertionFile]:
    """The files that the tags leave."""
    return [file for file in files if selection.tagged(file.tags)]


@dataclass(frozen=True, slots=True)
class TestOptions:
    """What a run is asked for beyond its configuration."""

    keyword: str = ""
    """An expression over the names of files, assertions and checks."""
    selection: Selection = field(default_factory=Selection)
    xunit: str = ""
    """A schema whose test functions are run, instead of files."""
    match: str = ""
    """A regular expression for the names of those functions."""
    last_failed: bool = False
    failed_first: bool = False
    stop_early: bool = False
    """Whether the first file that fails ends the run."""
    seed: int | None = None
    """Shuffles files and checks."""
    keep_failed: bool = False
    one_database: bool = False
    """Whether SQL files run one after another, each on what those before it left."""
    properties: bool = False
    """Whether the properties of the schema are tried, too."""
    timed: bool = False
    """Whether anybody looks at the time of a single statement."""


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


def beside(files: Iterable[Path]) -> list[Path]:
    """What may be setups in the directories of files that are named one by one."""
    folders = dict.fromkeys(file.parent for file in files if file.is_file())
    paths = (path for folder in folders for path in folder.iterdir() if path.suffix in SQL)
    return [path for path in paths if may_be_a_setup(path)]


def may_be_a_setup(path: Path) -> bool:
    """Whether a file has the name of a setup or says that it is one, where it can be read."""
    try:
        return named_as_setup(path) or says_it_sets_up(path.read_bytes())
    except OSError:  # who reads it as a test says so
        return False


def set_up(
    instance: Instance,
    setups: Sequence[AssertionFile],
    each: Callable[[Group], None] = lambda run: None,
) -> Instance:
    """The instance that tests start from, once setups have run; ``each`` hears of every one.

    The first that fails is the last that runs.
    """
    if not setups:
        return instance

    def work(database: Database) -> dict[Path, Group]:
        found: dict[Path, Group] = {}
        for file in setups:
            ran = attempt(lambda file: runner.run_in(database, file, needs_tests=False), file)
            found[file.path] = run = replace(ran, notes=(NOTE,))
            each(run)
            if run.failures:
                break
        return found

    runner = runner_of(instance)
    return instance.extended(work, set(chain.from_iterable(file.creates for file in setups)))
