"""One request on each line of standard input, one answer on each line of standard output.

Each request is answered by a fork: what takes long to load is loaded once, and what a
project leaves behind (modules, engines, settings) ends with the request. Whatever the
project prints goes to standard error. The end of the input ends us, in the middle of a
request too.

Loading the revisions takes a second where there are hundreds of them. Where they import nothing
but libraries that look at no settings, a fork loads them once, without a database, and answers in
our place, by forks of its own.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn, TextIO

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
    keeps, line = True, sys.stdin.readline()
    while line:
        request = json.loads(line)
        if keeps and request.get("many"):
            keeps, line = _kept(line, answers)
        else:
            _answered(request, answers)
            line = sys.stdin.readline()


def _kept(line: str, answers: TextIO) -> tuple[bool, str]:
    """Have requests answered by a fork that has loaded the revisions.

    Whether that may be tried again, and the line of the first request that it did not answer.
    """
    back, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(back)
        _keep(line, answers, there)
    os.close(there)
    with os.fdopen(back, encoding="utf-8") as pipe:
        left = pipe.read()
    keeps = os.waitpid(child, 0)[1] == 0
    if left and keeps:  # of another project, or of files that have changed
        _answered(json.loads(left), answers)
        left = ""
    return keeps, left or sys.stdin.readline()


def _keep(line: str, answers: TextIO, there: int) -> NoReturn:
    """Load the revisions, answer what is asked of them, and hand on the first other request."""
    status = 1
    with suppress(BaseException):
        first = json.loads(line)
        redirect.to_nowhere()
        if (project := Project.loaded(first)) is not None:
            status, files = 0, project.stamps()
            gc.freeze()  # so that forks share what is loaded
            while line:
                request = json.loads(line)
                if not (request.get("many") and _of_one(first, request)):
                    break
                if project.stamps() != files:
                    break
                _answered(request, answers, project, there)
                line = sys.stdin.readline()
    with os.fdopen(there, "w", encoding="utf-8") as pipe:
        pipe.write(line)
    os._exit(status)


def _of_one(first: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether two requests are about one project."""
    return all(first[name] == request[name] for name in ("ini", "toml", "location", "folders"))


def _answered(
    request: dict[str, Any], answers: TextIO, project: Project | None = None, inherited: int = -1
) -> None:
    """Answer one request by a fork."""
    ended, alive = os.pipe()
    child = os.fork()
    if child == 0:
        if inherited >= 0:
            os.close(inherited)
        _child(request, answers, project)
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


def _child(request: dict[str, Any], answers: TextIO, project: Project | None) -> NoReturn:
    """Answer one request and end, without the clean-up that is the host's."""
    _without_input()
    answer = _answer(request, project)
    sys.stdout.flush()
    sys.stderr.flush()
    _write(answers, answer)
    os._exit(0)


def _answer(request: dict[str, Any], project: Project | None) -> dict[str, Any]:
    try:
        redirect.to(request["url"], request["server"])
        reads.watch()
        if project is None:
            project = Project.open(request)
        else:
            project.configure(request)
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
