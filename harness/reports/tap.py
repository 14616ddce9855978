"""TAP, as ``prove`` and CI servers read it: one test point per result.

The stream is TAP 14 but for its first line: to the ``prove`` of Perl 5.36, Test::Harness
3.44, version 14 is a parse error, and what is written here means the same in version 13.
https://testanything.org/tap-version-14-specification.html
"""

from __future__ import annotations

import json
from typing import TextIO

from harness.core.results import Group, Outcome, Result, Run
from harness.reports.failure_text import name_of, place, printable, title

_DIRECTIVES = {
    Outcome.SKIPPED: "SKIP",
    Outcome.UNDECIDED: "SKIP",
    Outcome.TODO: "TODO",
    Outcome.TODO_PASSED: "TODO",
}
_NOT_OK = (Outcome.FAILED, Outcome.ERROR, Outcome.TODO)


def write(run: Run, stream: TextIO) -> None:
    """Write the results of a run, groups in their order."""
    results = [(group, result) for group in run.groups for result in group.all]
    stream.write("TAP version 13\n")
    stream.write(f"1..{len(results)}{'' if results else ' # SKIP nothing ran'}\n")
    before = None
    for number, (group, result) in enumerate(results, 1):
        if group is not before:
            stream.write(f"# {title(_name(group, run))}\n")
        before = group
        stream.write(_point(number, group, result, run))


def _name(group: Group, run: Run) -> str:
    return name_of(group, run.root)


def _point(number: int, group: Group, result: Result, run: Run) -> str:
    failed = result.outcome in _NOT_OK
    own = result.id if group.step in ("lint", "migrations") else ""
    name = title(": ".join(filter(None, (_name(group, run), own, result.title))))
    line = f"{'not ok' if failed else 'ok'} {number} - {_escaped(name)}"
    if directive := _DIRECTIVES.get(result.outcome):
        word = "undecided: " if result.outcome is Outcome.UNDECIDED else ""
        line += f" # {_escaped(title(f'{directive} {word}{result.reason}'))}"
    advice = result.outcome is Outcome.ADVICE
    return f"{line}\n{_diagnostics(result, run) if failed or advice else ''}"


def _diagnostics(result: Result, run: Run) -> str:
    """A YAML block with the place and what the result said.

    Its text is a plain literal block, which is what prove's own YAML reader knows; the
    first line has no spaces before it, since they would say how far the block is indented.
    """
    first = result.title.strip() or "(no description)"
    text = "\n".join(filter(None, (first, result.message, *result.notices, result.evidence)))
    said = printable(text).splitlines()
    at = json.dumps(printable(place(result, run.root)), ensure_ascii=False)
    lines = ["---", f"at: {at}", "message: |", *(f"  {line}" for line in said)]
    return "".join(f"  {line}\n" for line in [*lines, "..."])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")
