"""What a command is: a body, the options that it takes, errors that end in exit code 2.

A command knows neither Invoke nor argparse: `harness.cli.main` and `harness.tasks` offer the same
commands to both.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from harness.core.errors import HarnessError
from harness.core.results import Run
from harness.core.signals import SIGNALS, interrupt
from harness.core.text import closest, plain
from harness.reports.output import OF_MUTANTS, REPORTS


def _text(help: str) -> Any:
    return field(default=None, metadata={"help": help})


def _texts(help: str) -> Any:
    return field(default_factory=list, metadata={"help": help})


def _flag(help: str) -> Any:
    return field(default=False, metadata={"help": help})


@dataclass(frozen=True)
class Options:
    """What a command line gives; each command takes some of these, and the reports' own."""

    schema: str | None = _text("the file or directory with the schema, or 'none'")
    source: str | None = _text("the tool that keeps the schema, if its files do not show which")
    files: list[str] = _texts("lint only this file or directory; may be repeated")
    tests: list[str] = _texts("a file or directory of tests; may be repeated")
    server: str | None = _text("the URL of a server to use instead of a temporary one")
    bindir: list[str] = _texts(
        "the directory with initdb and postgres; repeat it to run on several servers"
    )
    versions: list[str] = _texts("a major version of PostgreSQL to run on; may be repeated")
    words: list[str] = _texts(
        "'add' and a major version, such as 16; without them, list the versions"
    )
    pgtap: str | None = _text(
        "the assertions: 'builtin' (default), or 'extension' for the server's own pgTAP"
    )
    jobs: str | None = _text("how many files run at once (default: one per core)")
    timeout: str | None = _text("how many seconds a statement may take (default: 60)")
    since: str | None = _text(
        "judge only what changed since this git reference; 'auto' is a pull request's base"
    )
    strict: bool = _flag("fail on advice and undecided results, too")
    k: str | None = _text("run only files, assertions and checks whose name matches")
    tag: list[str] = _texts(
        "run only SQL files with this tag and checks with this marker; may be repeated"
    )
    not_tag: list[str] = _texts(
        "leave out SQL files with this tag and checks with this marker; may be repeated"
    )
    last_failed: bool = _flag("run only what failed last time, or everything if nothing failed")
    failed_first: bool = _flag("run what failed last time before the rest")
    x: bool = _flag("stop after the first file or check that fails")
    shuffle: bool = _flag("run in random order, and print the seed")
    seed: str | None = _text("the seed of the random order and of generated rows")
    tables: list[str] = _texts("only this table; may be repeated")
    places: list[str] = _texts("a source, source@revision, postgresql:// URL or snapshot.json")
    output: str | None = _text("write to this file instead of standard output")
    only: list[str] = _texts(
        "only this check or group: constraints, triggers, sequences, isolation, privileges"
    )
    kind: list[str] = _texts("try only mutants of this kind of object; may be repeated")
    list_: bool = _flag("list the mutants without trying them")
    min_score: str | None = _text("fail if tests notice less than this percentage of mutants")
    compare: str | None = _text(
        "an earlier report of --json; fail on survivors that it does not have"
    )
    shard: str | None = _text("try one part of the mutants, as K/N: 1/4 is the first of four parts")
    scheduler: str | None = _text("the address of dask.distributed's scheduler, as tcp://host:8786")
    merge: list[str] = _texts("merge this --json report of a shard; repeat it for every shard")
    write_tests: str | None = _text("write a test for each proven gap to this directory")
    record: bool = _flag("record the present state; later runs fail if it differs")
    update: bool = _flag("make the newest revision the baseline")
    scaffolded: list[str] = _texts("'tests' or 'access', then tables; without tables, all of them")
    ci: str | None = _text("also write a CI job: 'github' or 'gitlab'")
    pre_commit: bool = _flag("also write the configuration of pre-commit")
    dry_run: bool = _flag("show what would be written, and write nothing")
    examples: str | None = _text("how many rows each property is tried with (default: 1)")
    set: list[str] = _texts("a psql variable for the test files, as NAME=VALUE; may be repeated")
    one_database: bool = _flag("run the SQL files in order in one database, as pg_prove does")
    durations: str | None = _text("list this many of the slowest statements")
    keep_failed: bool = _flag("keep the database of a failed file, for 'harness psql'")
    xunit: str | None = _text("run the test functions in this schema instead of test files")
    match: str | None = _text("with --xunit: only functions that match this regular expression")
    v: bool = _flag("list every result, not only failures")
    quiet: bool = _flag("show only failures and the summary")
    kept: str | None = _text("a part of the name of the kept database, or of its test file")
    drop: bool = _flag("drop all kept databases of this project")
    fresh: bool = _flag("run every step again, even if nothing has changed since it passed")
    fix: bool = _flag("repair the files in place, as far as the linters can")
    sql: bool = _flag("print the SQL that creates the assertions")
    name: str | None = _text("only the assertion with this name")
    ids: list[str] = _texts("a rule, a property, a kind of mutant, an outcome or an exit code")
    shell: list[str] = _texts("bash, zsh or fish")
    reports: Mapping[str, str] = field(default_factory=dict)
    """Report -> the file that it goes to."""
    taken: Callable[[Run], None] | None = None
    """Takes what a run found, where it is one of several that are reported together."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Options:
        """From a value for each option that a command takes."""
        known = {**REPORTS, **OF_MUTANTS}
        reports = {name: given[name] for name in known if given.get(name)}
        others = {name: value for name, value in given.items() if name not in known}
        return cls(**others, reports=reports)


@dataclass(frozen=True, slots=True)
class Option:
    """How a command line asks for an option; ``default`` also tells its type."""

    default: str | bool | list[str] | None
    help: str


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


OPTIONS = {
    **{o.name: Option(_default(o), o.metadata["help"]) for o in fields(Options) if o.metadata},
    **{name: Option(None, help) for name, (_, help) in {**REPORTS, **OF_MUTANTS}.items()},
}
"""Name -> what it is."""


POSITIONAL = ("places", "tables", "files", "scaffolded", "tests", "words", "ids", "shell")
"""Options whose values may stand without a flag."""


def flag(name: str) -> str:
    """How a command line writes an option: ``-x``, ``--last-failed``."""
    return f"-{name}" if len(name) == 1 else f"--{name.rstrip('_').replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the command line; its docstring is its help."""

    name: str
    options: tuple[str, ...]
    body: Callable[[Options], int]

    @property
    def doc(self) -> str:
        """The help: a summary, then examples."""
        return self.body.__doc__ or ""

    @property
    def positional(self) -> str:
        """The option that words without a flag belong to; empty where there is none."""
        return next((name for name in POSITIONAL if name in self.options), "")

    def run(self, given: Mapping[str, Any]) -> int:
        """Run it with a value for each of its options; the exit code."""
        return _guarded(self.body, Options.of(given))


def command(*options: str) -> Callable[[Callable[[Options], int]], Command]:
    """Make ``body(options)`` a command with these options of OPTIONS."""
    return lambda body: Command(body.__name__, options, body)


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """The message for a word that is not one of the known ones."""
    near = closest(word, known)
    hint = f"; did you mean {near}?" if near else "; see --help"
    return f"harness: unknown {what} {word}{hint}"


def _guarded(body: Callable[[Options], int], options: Options) -> int:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, interrupt)
    try:
        return body(options)
    except HarnessError as error:
        print(f"harness: {plain(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return 2
    except Exception as error:
        from harness.run.progress import shown  # late: it loads more than a completion needs

        if (known := shown(error)) is not None:
            print(f"harness: {plain(str(known))}", file=sys.stderr)
            return known.exit_code
        if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ENOSPC):
            return unwritable(error)
        traceback.print_exc()  # a bug of ours, and still not a verdict on the schema
        return 2


def unwritable(error: OSError) -> int:
    """Say that the output cannot be written, which nobody tries again; the exit code."""
    if not isinstance(error, BrokenPipeError):  # whoever read our output has had enough
        with suppress(OSError):  # nor can this be, perhaps
            print(f"harness: cannot write the output: {error.strerror}", file=sys.stderr)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 2
