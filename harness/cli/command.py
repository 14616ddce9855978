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
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from harness.core.errors import HarnessError
from harness.core.text import closest


@dataclass(frozen=True, slots=True)
class Option:
    """A command-line option; ``default`` also tells Invoke its type."""

    default: Any
    help: str


OPTIONS = {
    "schema": Option(None, "where the schema is kept: a directory, a file, or 'none'"),
    "source": Option(None, "the tool that keeps the schema, where its files do not tell"),
    "tests": Option([], "a file or directory of tests; may be repeated"),
    "server": Option(None, "URL of an existing server to use instead of an ephemeral one"),
    "bindir": Option(None, "directory of initdb and postgres to use"),
    "pgtap": Option(None, "'builtin' (default) or 'extension': the server's own pgTAP"),
    "jobs": Option(None, "how many files run at once (default: the cores)"),
    "timeout": Option(None, "seconds that one statement may take (default: 60)"),
    "junit": Option(None, "write a JUnit report, one test case per assertion, to this file"),
    "tap": Option(None, "write TAP to this file, or to standard output ('-')"),
    "json": Option(None, "write one JSON object per result to this file, or to '-'"),
    "sarif": Option(None, "write what was found as SARIF 2.1.0 to this file, or to '-'"),
    "strict": Option(False, "let advice and what is undecided fail the run"),
    "k": Option(None, "run only what matches: names of files, assertions and checks"),
    "tag": Option([], "run only files with this tag, checks with this mark; may be repeated"),
    "not_tag": Option([], "leave out files with this tag; may be repeated"),
    "last_failed": Option(False, "run only what failed last time, or all if nothing did"),
    "failed_first": Option(False, "run what failed last time before the rest"),
    "x": Option(False, "stop at the first file or check that fails"),
    "shuffle": Option(False, "run in a random order, and say which"),
    "seed": Option(None, "the number that random orders and rows come from"),
    "tables": Option([], "a table; may be repeated"),
    "places": Option([], "a source or source@revision, a postgresql:// URL, a snapshot.json"),
    "output": Option(None, "the file to write to instead of standard output"),
    "only": Option([], "a check or a group of them: constraints, sequences, triggers, isolation"),
    "record": Option(False, "write down the properties, to compare later schemas with them"),
    "examples": Option(None, "rows that each property is tried with (default: 1)"),
    "set": Option([], "a psql variable for the test files, as NAME=VALUE; may be repeated"),
    "one_database": Option(False, "run the SQL files in order in one database, as pg_prove does"),
    "durations": Option(None, "name so many of the slowest statements"),
    "keep_failed": Option(False, "keep the database of a failed file, for 'harness psql'"),
    "xunit": Option(None, "run the test functions of this schema, instead of files"),
    "match": Option(None, "with --xunit: only functions that match this regular expression"),
    "v": Option(False, "name every assertion"),
    "kept": Option(None, "a part of the name of the file or the database that was kept"),
    "drop": Option(False, "drop everything that was kept for this project"),
    "fix": Option(False, "repair what can be repaired"),
    "sql": Option(False, "print the SQL that creates them"),
    "name": Option(None, "only the assertion of this name"),
}


Options = dict[str, Any]
"""Name -> value: text, a list of texts or a truth, by the type of the option's default."""


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
        return next((name for name in ("tests", "tables", "places") if name in self.options), "")

    def run(self, options: Options) -> int:
        """Run it; the exit code."""
        return _guarded(self.body, options)


def command(*options: str) -> Callable[[Callable[[Options], int]], Command]:
    """Make ``body(options)`` a command with these options of OPTIONS."""
    return lambda body: Command(body.__name__, options, body)


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """The message for a word that is not one of the known ones."""
    near = closest(word, known)
    hint = f"; did you mean {near}?" if near else "; see --help"
    return f"harness: unknown {what} {word}{hint}"


def _guarded(body: Callable[[Options], int], options: Options) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it cleans up after that too
    try:
        return body(options)
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return 2
    except Exception as error:
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
