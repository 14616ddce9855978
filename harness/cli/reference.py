"""The reference page of the commands, from the one list of them.

``python -m harness.cli.reference`` writes it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from harness.cli.command import OPTIONS, Command, flag
from harness.cli.commands import COMMANDS
from harness.cli.main import METAVARS

PAGE = Path("docs/reference/commands.md")

_INTRODUCTION = """\
# Commands

Every command with its options. `harness COMMAND --help` shows the same on a terminal, and
`invoke COMMAND` runs the same commands in a project with a `tasks.py` that says
`from harness.tasks import namespace`.

{table}

**Exit codes.** 0: everything passed. 1: something failed, or no test ran. 2: the harness could not
do its work, so nothing is known about the schema. See [reports and exit codes](../results.md).

**Where settings come from.** An option on the command line wins over the environment
(`HARNESS_SERVER`, `HARNESS_CACHE_DIR`, `HARNESS_TEMP_DIR`), and that over
[`[tool.harness]`](configuration.md) in `pyproject.toml`.

This page is written by `python -m harness.cli.reference`.
"""


def markdown() -> str:
    """The whole page."""
    table = ["| command | what it does |", "|---|---|"]
    for name, command in COMMANDS.items():
        table.append(f"| [`harness {name}`](#harness-{name}) | {_parts(command)[0]} |")
    sections = [_section(command) for command in COMMANDS.values()]
    return "\n".join([_INTRODUCTION.format(table="\n".join(table)), *sections])


def _parts(command: Command) -> tuple[str, str, list[str]]:
    """The summary, further text, and the examples of a command."""
    text, _, examples = inspect.cleandoc(command.doc).partition("\n\nExamples:\n")
    summary, _, more = text.partition("\n\n")
    return summary, more, [line.strip() for line in examples.splitlines()]


def _section(command: Command) -> str:
    summary, more, examples = _parts(command)
    paragraphs = [f"## harness {command.name}", summary]
    if more:
        paragraphs.append(more)
    paragraphs.append("\n".join(["```sh", *examples, "```"]))
    paragraphs.append("\n".join(["| option | meaning |", "|---|---|", *_rows(command)]))
    return "\n\n".join(paragraphs) + "\n"


def _rows(command: Command) -> Iterator[str]:
    if command.positional:
        yield f"| `{METAVARS[command.positional]} …` | {_help(command.positional)} |"
    for name in command.options:
        option = OPTIONS[name]
        value = "" if isinstance(option.default, bool) else f" {name.upper()}"
        yield f"| `{flag(name)}{value}` | {_help(name)} |"


def _help(name: str) -> str:
    return OPTIONS[name].help.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
