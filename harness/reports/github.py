"""What GitHub Actions shows: annotations in the changed files, and a summary of the job."""

from __future__ import annotations

import html
import re
from typing import Any, TextIO

from harness.core.results import Group, Kind, Outcome, Result, Run
from harness.core.text import relative, without_surrogates
from harness.reports import failure_text, summaries
from harness.reports.failure_text import explained, name_of, title

# What Markdown reads as more than itself in a cell: an underscore does not within a word.
_MARKUP = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
_ANNOTATED = {
    Outcome.FAILED: "error",
    Outcome.ERROR: "error",
    Outcome.TODO_PASSED: "warning",
    Outcome.ADVICE: "notice",
}
_COLUMNS = {
    "passed": (Outcome.PASSED, Outcome.TODO_PASSED, Outcome.ADVICE),
    "failed": (Outcome.FAILED, Outcome.ERROR),
    "undecided": (Outcome.UNDECIDED,),
    "skipped": (Outcome.SKIPPED,),
    "todo": (Outcome.TODO,),
}
_MARKS = {"✓": "✅", "✗": "❌", "!": "⚠️", "–": "➖"}
_FILES = (Kind.ASSERTION, Kind.CHECK)
MOST = 900_000
"""Bytes of what failed; GitHub shows no summary of more than 1 MiB."""


def annotate(run: Run, stream: TextIO) -> None:
    """Write a workflow command for each failure, each TODO that passes, and each advice."""
    for group in run.groups:
        for result in group.all:
            if kind := _ANNOTATED.get(result.outcome):
                stream.write(_command(kind, result, run, group.version))


def _command(kind: str, result: Result, run: Run, version: str) -> str:
    first, *rest = result.title.splitlines() or [""]
    own = "" if "::" in result.id or result.id == first else result.id
    name = title(": ".join(filter(None, (version, own, first))))
    path, line = result.location
    properties = {}
    if path.name:
        properties["file"] = title(relative(path, run.root))
        properties |= {"line": str(line)} if line else {}
        properties |= {"col": str(result.column)} if result.column else {}
    properties["title"] = name
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    remark = explained(result) if result.outcome is Outcome.TODO_PASSED else ""
    parts = (*rest, remark, result.message, *result.notices, result.evidence, result.help)
    message = "\n".join(filter(None, parts)) or name
    return f"::{kind} {said}::{_data(without_surrogates(message))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(run: Run, stream: TextIO) -> None:
    """Write Markdown: a table of the steps, what failed, the test files, who may do what."""
    stream.write(f"### {'Passed' if run.passed else 'Failed'}: database\n\n")
    stream.write(_versions(run) if run.versions else _steps(run))
    left, unsaid = MOST, 0
    for text in (_details(group, run) for group in run.groups if not group.passed):
        left -= len(text.encode())
        unsaid += left < 0
        stream.write(text if left >= 0 else "")
    if unsaid:
        stream.write(f"\nand {unsaid} more that failed, for which there is no room here\n")
    files = [group for group in run.groups if group.kind in _FILES]
    if files:
        stream.write(f"\n| file | {' | '.join(_COLUMNS)} | seconds |\n")
        stream.write(f"|---|{'---:|' * (len(_COLUMNS) + 1)}\n")
        stream.writelines(_row(group, run) for group in files if group.results or group.problems)
    stream.write(_grids(run, left))


def _steps(run: Run) -> str:
    head = "| | step | found | seconds |\n|---|---|---|---:|\n"
    return head + "".join(_step(step, run) for step in run.steps)


def _versions(run: Run) -> str:
    """A column for each server."""
    text = f"| step | {' | '.join(run.versions)} |\n|---|{'---|' * len(run.versions)}\n"
    for step in run.steps:
        cells = [
            f"{_MARKS[summaries.mark(one.of(step))[0]]} {_cell(summaries.of_step(one, step))}"
            if step in one.steps
            else ""
            for one in run.versions.values()
        ]
        text += f"| {step} | {' | '.join(cells)} |\n"
    return text


def _step(step: str, run: Run) -> str:
    found = run.of(step)
    mark = _MARKS[summaries.mark(found)[0]]
    said = _cell(summaries.of_step(run, step))
    return f"| {mark} | {step} | {said} | {found.seconds:.2f} |\n"


def _row(group: Group, run: Run) -> str:
    outcomes = [result.outcome for result in group.all]
    counts = [sum(map(outcomes.count, wanted)) for wanted in _COLUMNS.values()]
    name = _cell(name_of(group, run.root))
    mark = "" if group.passed else "❌ "
    return f"| {mark}{name} | {' | '.join(map(str, counts))} | {group.seconds:.2f} |\n"


def _cell(text: str) -> str:
    """Text for a cell of a table, where Markdown would see emphasis, links and columns."""
    return _MARKUP.sub(r"\\\g<0>", html.escape(" ".join(text.split())))


def _grids(run: Run, room: int) -> str:
    """Who may do what, a table for each role and relation, folded; nothing where there is no room.

    They come from results of access, whose ``facts["grid"]`` is a heading and lines of cells.
    """
    found: list[Any] = [r.facts["grid"] for g in run.groups for r in g.all if "grid" in r.facts]
    text = ""
    for grid in found:
        heading, *lines = grid
        text += f"\n| {' | '.join(map(_cell, heading))} |\n|{'---|' * len(heading)}\n"
        text += "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)
    if not text or len(text.encode()) > room:
        return ""
    return f"\n<details><summary>access: who may do what</summary>\n{text}\n</details>\n"


def _details(group: Group, run: Run) -> str:
    name = title(name_of(group, run.root))
    step = "" if group.step == "test" else f"{group.step}: "
    said = html.escape(failure_text.of_file(group, run.root))
    summary = html.escape(step + name if group.kind is not Kind.STEP else group.step)
    return f"\n<details open><summary>{summary}</summary>\n\n<pre>{said}</pre>\n</details>\n"
