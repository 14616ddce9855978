"""Setups: files of a suite that all others start from, run before them and in one database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from harness.core.results import SQL, Group
from harness.instance import Instance
from harness.postgres.database import Database
from harness.sqltests.files import NOTE, AssertionFile, named_as_setup, says_it_sets_up
from harness.sqltests.runner import runner_of
from harness.sqltests.suite import attempt


def beside(files: Iterable[Path]) -> list[Path]:
    """What may be setups in the directories of files that are named one by one."""
    folders = dict.fromkeys(file.parent for file in files if file.is_file())
    paths = (path for folder in folders for path in folder.iterdir() if path.suffix in SQL)
    return [path for path in paths if may_be_one(path)]


def may_be_one(path: Path) -> bool:
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
