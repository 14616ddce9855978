"""One JSON object per line and result, for tools.

::

    file, line     where the assertion stands, the path relative to the run's root
    kind           "assertion", "check" (Python) or "problem", which stands for none
    outcome        "passed", "failed", "skipped", "todo" or "todo passed"
    description    what was asserted
    diagnostics    what it said, empty for a pass
    directive      the reason of a SKIP or TODO
    seconds        the time of its statement
    notices        of a failure, the last messages of the server
"""

from __future__ import annotations

import json
from typing import TextIO

from harness.reports.failure_text import relative
from harness.results import FileRun, Result, Run


def write(run: Run, stream: TextIO) -> None:
    """Write the results of a run, file by file."""
    for file in run.files:
        kind = "check" if file.path.suffix == ".py" else "assertion"
        for result in file.results:
            _line(result, kind, file, run, stream)
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
    stream.write(json.dumps(fields, ensure_ascii=False) + "\n")
