"""The commands, as Invoke tasks: each body is one call.

``tasks.py`` of a repository re-exports ``namespace``; the console script ``harness`` is
Invoke's own Program over the same namespace, so that it also works where there is no
``tasks.py``. Exit codes: 0 passed, 1 failed, 2 could not run.
"""

from __future__ import annotations

import difflib
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.parser.argument import Argument
from invoke.program import Program
from invoke.tasks import Task

from harness import config as configuration
from harness.config import Config
from harness.errors import HarnessError


@dataclass(frozen=True, slots=True)
class Option:
    """A command-line option; ``default`` also tells Invoke its type."""

    default: Any
    help: str


OPTIONS = {
    "schema": Option(None, "where the schema is kept: a directory, a file, or 'none'"),
    "tests": Option([], "a file or directory of tests; may be repeated"),
    "server": Option(None, "URL of an existing server to use instead of an ephemeral one"),
    "bindir": Option(None, "directory of initdb and postgres to use"),
    "pgtap": Option(None, "'builtin' (default) or 'extension': the server's own pgTAP"),
    "jobs": Option(None, "how many files run at once (default: the cores)"),
    "timeout": Option(None, "seconds that one statement may take (default: 60)"),
    "junit": Option(None, "write a JUnit report, one test case per assertion, to this file"),
    "k": Option(None, "run only the tests whose names match this expression"),
    "v": Option(False, "say more"),
    "fix": Option(False, "repair what can be repaired"),
    "sql": Option(False, "print the SQL that creates them"),
    "name": Option(None, "only the assertion of this name"),
}
SERVER = ("schema", "server", "bindir", "pgtap", "timeout")
SETTINGS = ("schema", "tests", "server", "bindir", "pgtap", "jobs", "timeout")


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


def _config(options: dict[str, Any]) -> Config:
    given = {name: options.get(name) for name in SETTINGS}
    return configuration.load(**{name: value for name, value in given.items() if value})


@command("schema", "tests", "jobs", "fix")
def lint(options: dict[str, Any]) -> int:
    """Lint the schema and the test files with sqlfluff.

    Examples:
      invoke lint
      invoke lint --fix
    """
    from harness import gate
    from harness.reports import terminal

    return terminal.step("lint", gate.timed(lambda: gate.lint(_config(options), options["fix"])))


@command(*SERVER)
def apply(options: dict[str, Any]) -> int:
    """Apply the schema to an ephemeral instance and list what it created.

    Examples:
      invoke apply
      invoke apply --schema sql/migrations --server postgresql://postgres@localhost/postgres
    """
    from harness import gate
    from harness.instance import open_instance
    from harness.reports import terminal

    with open_instance(_config(options)) as instance:
        return terminal.step("apply", gate.timed(lambda: gate.apply(instance)))


@command(*SETTINGS, "junit", "k", "v")
def test(options: dict[str, Any]) -> int:
    """Run the SQL assertion files and the Python checks.

    Examples:
      invoke test
      invoke test --tests pgtap_tests/us1_isolation.sql -v
      invoke test -k 'identifiers or timestamps' --junit report.xml
    """
    return _pytest(_config(options), None, options)


@command(*SETTINGS, "junit", "k", "v")
def gate(options: dict[str, Any]) -> int:
    """Lint, apply, rollback and re-apply, test: one table, one exit code.

    Examples:
      invoke gate
      invoke gate --junit report.xml
    """
    from harness.gate import Gate
    from harness.reports import terminal

    config = _config(options)
    steps = Gate(config, lambda instance: _pytest(config, instance, options))
    try:
        return terminal.table(steps.run)
    finally:
        steps.close()


_ALREADY_IMPORTED = "ignore:Module already imported so cannot be rewritten"


@command("sql", "name")
def assertions(options: dict[str, Any]) -> int:
    """List the built-in assertions, or print the SQL that creates them.

    Examples:
      invoke assertions
      invoke assertions --sql
      invoke assertions --sql --name fk_ok
    """
    from harness.assertions import reference

    print(reference.listing(options["name"], options["sql"]))
    return 0


def _pytest(config: Config, instance: Any, options: dict[str, Any]) -> int:
    """Run pytest over the test paths; its exit code in the harness' terms."""
    import pytest

    from harness.plugin import Prepared

    if not config.tests:
        places = ", ".join(configuration.TESTS_CONVENTIONS)
        print(f"harness: no tests: none of {places} exists; name them with --tests")
        return 1
    junit = Path(options["junit"]).resolve() if options["junit"] else None
    selection = ["-k", options["k"]] if options["k"] else []
    arguments = [*map(str, config.tests), *selection, *(["-v"] if options["v"] else [])]
    arguments += ["--no-header", "--rootdir", str(config.root), "-W", _ALREADY_IMPORTED]
    # Invoke turns Python's caches off, and pytest would rewrite all its plugins every time.
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
    code = pytest.main(arguments, [Prepared(config, instance, junit)])
    return {0: 0, 1: 1, 5: 1}.get(int(code), 2)


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


def _refuse(flag: str, known: list[str]) -> NoReturn:
    near = difflib.get_close_matches(flag, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else "; see --help"
    raise Exit(f"harness: unknown option {flag}{hint}", code=2)


class Harness(Program):
    """Invoke's Program, with our exit code where the command line is wrong."""

    def parse_tasks(self) -> None:
        """Parse the tasks and their options."""
        try:
            super().parse_tasks()
        except ParseError as error:
            raise Exit(f"harness: {error}", code=2) from None


namespace = Collection(lint, apply, test, gate, assertions)


def main() -> None:
    """Run the console script ``harness``."""
    Harness(
        name="harness", binary="harness", namespace=namespace, version=version("pgtap-harness")
    ).run()
