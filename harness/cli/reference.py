"""The reference page of the commands, from the one list of them.

``python -m harness.cli.reference`` writes it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from harness.cli.command import Command, flag
from harness.cli.commands import COMMANDS
from harness.cli.main import METAVARS
from harness.cli.options import OPTIONS

PAGE = Path("docs/reference/commands.md")

_INTRODUCTION = """\
# Commands

This page lists every command with its options. `harness COMMAND --help` shows the same in a
terminal.

{table}

**Exit codes.** 0: nothing failed. 1: something failed, or no test ran. 2: the harness could not do
its work, so nothing is known about the schema. See [reports and exit codes](../results.md).

**Where settings come from.** The first of these that is set applies:

1. an option on the command line,
2. an environment variable (`HARNESS_SERVER`, `HARNESS_CACHE_DIR`, `HARNESS_TEMP_DIR`),
3. [`[tool.harness]`](configuration.md) in `pyproject.toml`.

**Invoke.** If your `tasks.py` contains `from harness.tasks import namespace`, `invoke COMMAND` runs
the same commands.

`python -m harness.cli.reference` writes this page.
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
    """A row for each option; the one whose values may stand without a flag comes first."""
    if first := command.positional:
        words = f"`{METAVARS[first]} …` or `{flag(first)} {first.upper()}`"
        yield f"| {words} | {_help(first)} |"
    for name in (one for one in command.options if one != first):
        option = OPTIONS[name]
        value = "" if isinstance(option.default, bool) else f" {name.upper().rstrip('_')}"
        yield f"| `{flag(name)}{value}` | {_help(name)} |"


def _help(name: str) -> str:
    return OPTIONS[name].help.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
