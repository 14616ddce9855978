"""One request on each line of standard input, one answer on each line of standard output.

Each request is answered by a fork: what takes long to load is loaded once, and what a
project leaves behind (modules, engines, settings) ends with the request. Whatever the
project prints goes to standard error. The end of the input ends us, in the middle of a
request too.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TextIO

from . import failures, reads, redirect
from .project import Project

_LIKELY = ("sqlalchemy.dialects.postgresql", "psycopg", "logging.config")
"""What most projects load, and what neither connects nor starts a thread."""


def main() -> None:
    """Answer until the input ends."""
    for name in _LIKELY:
        if find_spec(name):
            import_module(name)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        ended, alive = os.pipe()
        child = os.fork()
        if child == 0:
            _child(json.loads(line), answers)
        os.close(alive)
        status = _wait(child, ended)
        if status:  # it ended without an answer: os._exit, a crash
            _write(answers, {"ended": os.waitstatus_to_exitcode(status)})


def _wait(child: int, ended: int) -> int:
    """The status of a fork when it ends, which closes its end of a pipe; kill it if nobody asks."""
    poll = select.poll()
    poll.register(0, 0)  # that it is closed; another request is not expected
    poll.register(ended)
    if 0 in (descriptor for descriptor, _ in poll.poll()):
        os.kill(child, signal.SIGKILL)
    os.close(ended)
    return os.waitpid(child, 0)[1]


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
