"""One JSON object per line and result, for tools.

::

    version        of this format: 1; fields may be added to it, none is taken away
    step           "lint", "apply", "migrations", "properties", "access" or "test"
    server         "PostgreSQL 16" in a run on several versions, else null
    id             what it is called from run to run: a rule, a property, a node id, a test
    kind           "assertion", "check" (Python), "property" (of a table), "finding" (of a linter),
                   "revision", "step" (as a whole), or "problem", which stands for none of these
    outcome        "passed", "failed", "error" (could not be tried), "advice", "undecided",
                   "skipped", "todo" or "todo passed"
    title          what was tried, or what is wrong
    file, line, column   where it stands, the path relative to the run's root; null where that is
                   not known
    message        what there is to say of it, empty for most passes
    evidence       what shows it, such as a script for psql
    reason         why it is skipped, undecided, or expected to fail
    help           what explains it
    seconds        what it took
    notices        of a failure, the last messages of the server
    facts          what else is known of its kind, as an object
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TextIO

from harness.core.results import Group, Result, Run
from harness.core.text import relative

VERSION = 1

# What JSON could hold as it is, but no stream does, or ends a line for some who read it.
_ESCAPED = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def write(run: Run, stream: TextIO) -> None:
    """Write the results of a run, group by group."""
    for group in run.groups:
        seen: Counter[str] = Counter()
        for result in group.results:
            _line(result, group.kind.value, group, run, seen, stream)
        for problem in group.problems:
            _line(problem, "problem", group, run, seen, stream)


def _line(
    result: Result, kind: str, group: Group, run: Run, seen: Counter[str], stream: TextIO
) -> None:
    path, line = result.location
    fields = {
        "version": VERSION,
        "step": group.step,
        "server": group.version or None,
        "id": _id(result, group, run, seen),
        "kind": kind,
        "outcome": result.outcome.value,
        "title": result.title,
        "file": relative(path, run.root) if path.name else None,
        "line": line or None,
        "column": result.column or None,
        "message": result.message,
        "evidence": result.evidence,
        "reason": result.reason,
        "help": result.help,
        "seconds": round(result.seconds, 6),
        "notices": result.notices,
        "facts": result.facts,
    }
    text = json.dumps(fields, ensure_ascii=False, default=str)
    stream.write(_ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def _id(result: Result, group: Group, run: Run, seen: Counter[str]) -> str:
    """Its own id; a title that a file has several times is numbered from the second on."""
    id_ = group.id_of(result, run.root)
    if result.id:
        return id_
    seen[id_] += 1
    return id_ if seen[id_] == 1 else f"{id_}#{seen[id_]}"
