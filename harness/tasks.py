"""The commands as Invoke tasks, for a project's ``tasks.py``.

from harness.tasks import namespace
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from typing import Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.program import Program
from invoke.tasks import Task

from harness.cli.command import Command, unknown
from harness.cli.commands import COMMANDS
from harness.cli.options import OPTIONS


class CommandTask(Task[Any]):
    """A task whose options are known before Invoke parses them."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """Give Invoke the options, once those on the command line are known to be ours.

        Invoke itself would end with 1 for a wrong option, which here means that the
        schema failed.
        """
        arguments = super().get_arguments(ignore_unknown_help)
        _refuse_unknown(self.name, arguments, sys.argv[1:])
        return arguments


def task(command: Command) -> CommandTask:
    """A command as a task."""

    def run(context: Context, **options: Any) -> None:
        # Invoke turns Python's caches off, and pytest would rewrite all its plugins every time.
        sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
        if code := command.run(options):
            raise Exit(code=code)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter("context", kind)]
    for name in command.options:
        parameters.append(inspect.Parameter(name, kind, default=OPTIONS[name].default))
    run.__name__, run.__doc__ = command.name, command.doc.replace("      harness ", "      invoke ")
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return CommandTask(
        run,
        help={name: OPTIONS[name].help for name in command.options},
        iterable=[n for n in command.options if isinstance(OPTIONS[n].default, list)],
        auto_shortflags=False,
    )


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
            known = [name for name in takes_value if name.startswith("--")]
            raise Exit(unknown("option", flag, known), code=2)


namespace = Collection(*map(task, COMMANDS.values()))
