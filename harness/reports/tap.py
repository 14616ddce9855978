"""TAP, as ``prove`` and CI servers read it: one test point per assertion.

The stream is TAP 14 but for its first line: to the ``prove`` of Perl 5.36, Test::Harness
3.44, version 14 is a parse error, and what is written here means the same in version 13.
https://testanything.org/tap-version-14-specification.html
"""

from __future__ import annotations

import json
from typing import TextIO

from harness.reports.failure_text import printable, relative, title
from harness.results import FileRun, Outcome, Result, Run

_DIRECTIVES = {
    Outcome.SKIPPED: "SKIP",
    Outcome.TODO: "TODO",
    Outcome.TODO_PASSED: "TODO",
}


def write(run: Run, stream: TextIO) -> None:
    """Write the results of a run, files in their order."""
    results = [(file, r) for file in run.files for r in (*file.results, *file.problems)]
    stream.write("TAP version 13\n")
    stream.write(f"1..{len(results)}{'' if results else ' # SKIP nothing ran'}\n")
    before = None
    for number, (file, result) in enumerate(results, 1):
        if file is not before:
            stream.write(f"# {title(relative(file.path, run.root))}\n")
        before = file
        stream.write(_point(number, file, result, run))


def _point(number: int, file: FileRun, result: Result, run: Run) -> str:
    failed = result.outcome in (Outcome.FAILED, Outcome.TODO)
    name = title(f"{relative(file.path, run.root)}: {result.description}")
    line = f"{'not ok' if failed else 'ok'} {number} - {_escaped(name)}"
    if directive := _DIRECTIVES.get(result.outcome):
        line += f" # {_escaped(title(f'{directive} {result.directive}'))}"
    return f"{line}\n{_diagnostics(result, run) if failed else ''}"


def _diagnostics(result: Result, run: Run) -> str:
    """A YAML block with the place and what the assertion said.

    Its text is a plain literal block, which is what prove's own YAML reader knows; the
    first line has no spaces before it, since they would say how far the block is indented.
    """
    place = f"{relative(result.location.path, run.root)}:{result.location.line}"
    first = result.description.strip() or "(no description)"
    text = "\n".join(filter(None, (first, result.diagnostics, *result.notices)))
    said = printable(text).splitlines()
    at = json.dumps(printable(place), ensure_ascii=False)
    lines = ["---", f"at: {at}", "message: |", *(f"  {line}" for line in said)]
    return "".join(f"  {line}\n" for line in [*lines, "..."])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")
