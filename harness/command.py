"""What a command is: options that are refused by name, and errors that end in exit code 2."""

from __future__ import annotations

import difflib
import inspect
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.parser.argument import Argument
from invoke.program import Program
from invoke.tasks import Task

from harness.errors import HarnessError


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
    "k": Option(None, "run only what matches: names of files, assertions and checks"),
    "tag": Option([], "run only files with this tag, checks with this mark; may be repeated"),
    "not_tag": Option([], "leave out files with this tag; may be repeated"),
    "last_failed": Option(False, "run only what failed last time, or all if nothing did"),
    "failed_first": Option(False, "run what failed last time before the rest"),
    "x": Option(False, "stop at the first file or check that fails"),
    "shuffle": Option(False, "run in a random order, and say which"),
    "seed": Option(None, "the number of the order that --shuffle takes"),
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


class Command(Task[Any]):
    """A task whose options come from OPTIONS and whose errors end in exit code 2."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """Give Invoke the options, once those on the command line are known to be ours.

        Invoke itself would end with 1 for a wrong option, which here means that the
        schema failed.
        """
        arguments = super().get_arguments(ignore_unknown_help)
        _refuse_unknown(self.name, arguments, sys.argv[1:])
        return arguments


def command(*names: str) -> Callable[[Callable[..., int]], Command]:
    """Make ``body(context, options)`` a command with these options of OPTIONS."""

    def decorate(body: Callable[[dict[str, Any]], int]) -> Command:
        def run(context: Context, **options: Any) -> None:
            code = _guarded(body, options)
            if code:
                raise Exit(code=code)

        run.__name__, run.__doc__ = body.__name__, body.__doc__
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
            + [
                inspect.Parameter(
                    name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=OPTIONS[name].default
                )
                for name in names
            ]
        )
        return Command(
            run,
            help={name: OPTIONS[name].help for name in names},
            iterable=[name for name in names if isinstance(OPTIONS[name].default, list)],
            auto_shortflags=False,
        )

    return decorate


def _guarded(body: Callable[[dict[str, Any]], int], options: dict[str, Any]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it cleans up after that too
    try:
        return body(options)
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except Exception:  # a bug of ours, and still not a verdict on the schema
        traceback.print_exc()
        return 2


# --- the command line ----------------------------------------------------------------------


def _refuse_unknown(task: str, arguments: Sequence[Argument], argv: list[str]) -> None:
    """Exit with 2 for an option after a task's name that the task does not have."""
    if task not in argv:
        return
    takes_value = {f"{'-' * min(len(n), 2)}{n}": a.takes_value for a in arguments for n in a.names}
    takes_value |= {flag: a.takes_value for flag, a in Program().initial_context.flags.items()}
    tokens = iter(argv[argv.index(task) + 1 :])
    for token in tokens:
        flag = token.partition("=")[0]
        if not token.startswith("-"):
            return
        if flag in takes_value:
            if takes_value[flag] and "=" not in token:
                next(tokens, None)
        elif token.startswith("--") or token[:2] not in takes_value:
            _refuse(flag, [name for name in takes_value if name.startswith("--")])


def _paths_as_tests(argv: list[str]) -> list[str]:
    """``harness test a.sql:7 -v`` as Invoke understands it: ``test --tests a.sql:7 -v``."""
    named = next((name for name in ("test", "lint", "gate") if name in argv[1:2]), None)
    written, tokens = argv[:2], iter(argv[2:])
    for token in tokens if named else argv[2:]:
        if named and not token.startswith("-"):
            written += ["--tests", token]
            continue
        written.append(token)
        option = OPTIONS.get(token.lstrip("-").replace("-", "_"))
        if named and option is not None and not isinstance(option.default, bool):
            written += [value for value in [next(tokens, None)] if value is not None]
    return written


def _refuse(flag: str, known: list[str]) -> NoReturn:
    near = difflib.get_close_matches(flag, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else "; see --help"
    raise Exit(f"harness: unknown option {flag}{hint}", code=2)


class Harness(Program):
    """Invoke's Program, with paths after a command, and with our exit code for wrong usage."""

    def run(self, argv: list[str] | None = None, exit: bool = True) -> None:
        """Run a command; ``argv`` is the command line with the program's name."""
        super().run(_paths_as_tests(sys.argv if argv is None else argv), exit)

    def print_version(self) -> None:
        """Print the version, which is only looked up here: that takes as long as a test file."""
        from importlib.metadata import version

        print(f"harness {version('pgtap-harness')}")

    def parse_tasks(self) -> None:
        """Parse the tasks and their options."""
        try:
            super().parse_tasks()
        except ParseError as error:
            raise Exit(f"harness: {error}", code=2) from None
