"""What GitHub Actions shows: annotations in the changed files, and a summary of the job."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TextIO

from harness.reports import failure_text
from harness.reports.failure_text import encodable, relative, title
from harness.results import FileRun, Outcome, Result, Run

# What Markdown reads as more than itself in a cell: an underscore does not within a word.
_MARKUP = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
_COLUMNS = {
    "passed": (Outcome.PASSED, Outcome.TODO_PASSED),
    "failed": (Outcome.FAILED,),
    "skipped": (Outcome.SKIPPED,),
    "todo": (Outcome.TODO,),
}


def annotate(run: Run, stream: TextIO) -> None:
    """Write a workflow command for each failure, and for each TODO that passes."""
    for file in run.files:
        for failure in file.failures:
            stream.write(_command("error", failure, failure.diagnostics, run))
        for result in file.todo_passed:
            text = f"passes although it is TODO: {result.directive}"
            stream.write(_command("warning", result, text, run))


def _command(kind: str, result: Result, text: str, run: Run) -> str:
    first, *rest = result.description.splitlines() or [""]
    first = title(first)
    properties = {
        "file": relative(result.location.path, run.root),
        "line": str(result.location.line),
        "title": first,
    }
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = "\n".join([*rest, *text.splitlines(), *result.notices]) or first
    return f"::{kind} {said}::{_data(encodable(message))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(run: Run, stream: TextIO) -> None:
    """Write a Markdown table of the files, and each file's failures below it."""
    stream.write(f"### {'Passed' if run.passed else 'Failed'}: database tests\n\n")
    stream.write(f"| file | {' | '.join(_COLUMNS)} | seconds |\n")
    stream.write(f"|---|{'---:|' * (len(_COLUMNS) + 1)}\n")
    stream.writelines(_row(file, run) for file in run.files)
    for file in run.files:
        stream.writelines(_details(file, run))


def _row(file: FileRun, run: Run) -> str:
    outcomes = [result.outcome for result in (*file.results, *file.problems)]
    counts = [sum(map(outcomes.count, wanted)) for wanted in _COLUMNS.values()]
    name = _cell(relative(file.path, run.root))
    mark = "" if file.passed else "❌ "
    return f"| {mark}{name} | {' | '.join(map(str, counts))} | {file.seconds:.2f} |\n"


def _cell(text: str) -> str:
    """Text for a cell of a table, where Markdown would see emphasis, links and columns."""
    return _MARKUP.sub(r"\\\g<0>", html.escape(" ".join(text.split())))


def _details(file: FileRun, run: Run) -> Iterator[str]:
    if not file.passed:
        name = title(relative(file.path, run.root))
        yield f"\n<details><summary>{html.escape(name)}</summary>\n\n<pre>"
        yield html.escape(failure_text.of_file(file, run.root))
        yield "</pre>\n</details>\n"
