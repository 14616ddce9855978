"""The console script ``harness``: the commands, by argparse."""

from __future__ import annotations

import argparse
import atexit
import inspect
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from harness.cli.command import Command, flag, unknown, unwritable
from harness.cli.commands import COMMANDS
from harness.cli.options import OPTIONS

USAGE = """\
usage: harness COMMAND [OPTIONS] [PATH ... | TABLE ... | PLACE ... | ID ...]

Check a PostgreSQL schema before a change to it is merged.

commands:
{commands}

harness COMMAND --help  the options of a command, with examples
harness --version       the version
"""

METAVARS = {
    "scaffolded": "WHAT TABLE",
    "files": "FILE",
    "tests": "PATH",
    "tables": "TABLE",
    "places": "PLACE",
    "words": "add MAJOR",
    "ids": "ID",
    "shell": "SHELL",
}
"""Option that words without a flag belong to -> what they are called in a usage."""


class Parser(argparse.ArgumentParser):
    """argparse's parser, with one line for what is wrong."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.exit(2, f"harness: {message}\n")

    def unknown(self, given: str) -> NoReturn:
        """The same for an option or word that there is not."""
        word = given.split("=")[0]
        what = "option" if word.startswith("-") else "argument"
        self.exit(2, f"{unknown(what, word, self._option_string_actions)}\n")


def program() -> NoReturn:
    """The console script: ``main``, and an end that does not take every module apart first.

    What was registered to run at the end runs. Where the output cannot be written the exit code
    is 2.
    """
    _open_streams()
    try:
        code = main()
        sys.stdout.flush()
    except OSError as error:
        code = unwritable(error)
    atexit._run_exitfuncs()
    with suppress(OSError):  # there is nowhere left to say it
        sys.stderr.flush()
    os._exit(code)


def _open_streams() -> None:
    """Open the standard streams that are closed: or what is opened next takes their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for number, name in enumerate(("stdout", "stderr"), 1):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    name = given[0] if given else ""
    if name in COMMANDS:
        return COMMANDS[name].run(_parsed(COMMANDS[name], given[1:]))
    if name in ("--version", "-V"):
        return _print(f"harness {_version()}")
    if name in ("--help", "-h", "help"):
        return _print(usage())
    print(unknown("command", name, COMMANDS) if name else usage(), file=sys.stderr)
    return 2


def usage() -> str:
    """The commands, a line each."""
    summaries = {c.name: inspect.cleandoc(c.doc).splitlines()[0] for c in COMMANDS.values()}
    lines = [f"  {name:<12} {summary}" for name, summary in summaries.items()]
    return USAGE.format(commands="\n".join(lines)).rstrip()


def parser(command: Command) -> Parser:
    """The parser of one command's options."""
    made = Parser(
        prog=f"harness {command.name}",
        description=inspect.cleandoc(command.doc),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if name := command.positional:
        made.add_argument("arguments", nargs="*", metavar=METAVARS[name], help=OPTIONS[name].help)
    for name in command.options:
        made.add_argument(flag(name), dest=name, help=OPTIONS[name].help, **_action(name))
    return made


def _action(name: str) -> dict[str, Any]:
    default = OPTIONS[name].default
    if isinstance(default, bool):
        return {"action": "store_true"}
    if isinstance(default, list):
        return {"action": "append", "default": [], "metavar": name.upper()}
    return {"default": default, "metavar": name.upper()}


def _parsed(command: Command, argv: list[str]) -> dict[str, Any]:
    """The options; words may stand before, between and after them."""
    made = parser(command)
    known, left = made.parse_known_intermixed_args(argv)
    if left:
        made.unknown(left[0])
    options = vars(known)
    if name := command.positional:
        options[name] = [*options[name], *options.pop("arguments")]
    return options


def _print(text: str) -> int:
    print(text)
    return 0


def _version() -> str:
    from importlib.metadata import version  # late: it takes as long as a test file

    return version("pgtap-harness")


if __name__ == "__main__":
    sys.exit(main())
