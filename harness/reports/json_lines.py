"""One JSON object per line and result, for tools.

::

    file, line     where the assertion stands, the path relative to the run's root
    kind           "assertion", "check" (Python), "promise" (of a table), or "problem", which
                   stands for none
    outcome        "passed", "failed", "skipped", "todo" or "todo passed"
    description    what was asserted
    diagnostics    what it said, empty for a pass
    directive      the reason of a SKIP or TODO
    seconds        the time of its statement
    notices        of a failure, the last messages of the server
"""

from __future__ import annotations

import json
import re
from typing import TextIO

from harness.reports.failure_text import relative
from harness.results import FileRun, Result, Run

# What JSON could hold as it is, but no stream does, or ends a line for some who read it.
_ESCAPED = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def write(run: Run, stream: TextIO) -> None:
    """Write the results of a run, file by file."""
    for file in run.files:
        for result in file.results:
            _line(result, file.kind.value, file, run, stream)
        for problem in file.problems:
            _line(problem, "problem", file, run, stream)


def _line(result: Result, kind: str, file: FileRun, run: Run, stream: TextIO) -> None:
    fields = {
        "file": relative(result.location.path, run.root),
        "line": result.location.line,
        "kind": kind,
        "outcome": result.outcome.value,
        "description": result.description,
        "diagnostics": result.diagnostics,
        "directive": result.directive,
        "seconds": round(result.seconds, 6),
        "notices": result.notices,
    }
    text = json.dumps(fields, ensure_ascii=False)
    stream.write(_ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
