"""The requests that this process is asked, each answered in a fork of its own.

Loading the revisions takes a second where there are hundreds of them. Where they import nothing
but libraries that look at no settings, a fork loads them once, without a database, and answers in
our place, by forks of its own.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn, TextIO

from . import failures, psycopg_for_psycopg2, reads, redirect
from .neighbours import beside
from .project import Project

_LIKELY = ("sqlalchemy.dialects.postgresql", "psycopg", "logging.config")
"""What most projects load, and what neither connects nor starts a thread."""


def main() -> None:
    """Answer until the input ends."""
    for name in _LIKELY:
        if find_spec(name):
            import_module(name)
    psycopg_for_psycopg2.register()
    forks = beside("request_forks")
    answers = forks.answers_of_process()
    keeps, line = True, sys.stdin.readline()
    while line:
        if keeps and json.loads(line).get("many"):
            keeps, line = _kept(line, forks, answers)
        else:
            forks.answer_in_fork(line, _answer, answers)
            line = sys.stdin.readline()


def _kept(line: str, forks: Any, answers: TextIO) -> tuple[bool, str]:
    """Have requests answered by a fork that has loaded the revisions.

    Whether that may be tried again, and the line of the first request that it did not answer.
    """
    back, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(back)
        _keep(line, forks, answers, there)
    os.close(there)
    with os.fdopen(back, encoding="utf-8") as pipe:
        left = pipe.read()
    keeps = os.waitpid(child, 0)[1] == 0
    if left and keeps:  # of another project, or of files that have changed
        forks.answer_in_fork(left, _answer, answers)
        left = ""
    return keeps, left or sys.stdin.readline()


def _keep(line: str, forks: Any, answers: TextIO, there: int) -> NoReturn:
    """Load the revisions, answer what is asked of them, and hand on the first other request."""
    status = 1
    with suppress(BaseException):
        first = json.loads(line)
        redirect.to_nowhere()
        if (project := Project.loaded(first)) is not None:
            status, files = 0, project.stamps()
            gc.freeze()  # so that forks share what is loaded

            def answer(request: dict[str, Any]) -> dict[str, Any]:
                os.close(there)
                return _answer(request, project)

            while line and _is_of(first, json.loads(line)) and project.stamps() == files:
                forks.answer_in_fork(line, answer, answers)
                line = sys.stdin.readline()
    with os.fdopen(there, "w", encoding="utf-8") as pipe:
        pipe.write(line)
    os._exit(status)


def _is_of(first: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether a request is about one of many revisions of the same project as the first."""
    same = all(first[name] == request[name] for name in ("ini", "toml", "location", "folders"))
    return same and request.get("many", False)


def _answer(request: dict[str, Any], project: Project | None = None) -> dict[str, Any]:
    try:
        redirect.to(request["url"], request["server"])
        reads.watch()
        if project is None:
            project = Project.open(request)
        else:
            project.configure(request)
        project.made_up |= request["made_up"]
        return project.survey() if request["do"] == "survey" else project.run(request)
    except BaseException as error:  # SystemExit as well: env.py may call sys.exit
        made_up = sorted(project.made_up) if project else []
        return {"failure": {**failures.described(error, project), "made_up": made_up}}
