"""One request on each line of standard input, one answer on each line of standard output.

Each request is answered by a fork: SQLAlchemy is loaded once, and what a project leaves
behind (modules, engines, settings) ends with the request. Whatever the project prints goes
to standard error. The end of the input ends us.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

from . import failures, reads, redirect
from .project import Project


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _child(json.loads(line), answers)
        _, status = os.waitpid(child, 0)
        if status:  # it ended without an answer: os._exit, a crash
            _write(answers, {"ended": os.waitstatus_to_exitcode(status)})


def _child(request: dict[str, Any], answers: TextIO) -> None:
    """Answer one request and end, without the clean-up that is the host's."""
    _without_input()
    answer = _answer(request)
    sys.stdout.flush()
    sys.stderr.flush()
    _write(answers, answer)
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    project = None
    try:
        redirect.to(request["url"], request["server"])
        reads.watch()
        project = Project.open(request)
        return project.survey() if request["do"] == "survey" else project.run(request)
    except BaseException as error:  # SystemExit as well: env.py may call sys.exit
        return {"failure": failures.described(error, project)}


def _write(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _without_input() -> None:
    """The requests are not for the project to read."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  a descriptor
