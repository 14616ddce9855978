"""The requests that this process is asked, each answered in a fork of its own."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from . import failures, reads, redirect
from .project import Project

_LIKELY = ("sqlalchemy.dialects.postgresql", "psycopg", "logging.config")
"""What most projects load, and what neither connects nor starts a thread."""


def main() -> None:
    """Answer until the input ends."""
    for name in _LIKELY:
        if find_spec(name):
            import_module(name)
    forks = _forks()
    answers = forks.answers_of_process()
    for line in sys.stdin:
        forks.answer_in_fork(line, _answer, answers)


def _forks() -> Any:
    """``request_forks.py``, by its path: no package of ours is known here."""
    spec = spec_from_file_location("request_forks", Path(__file__).parents[2] / "request_forks.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    project = None
    try:
        redirect.to(request["url"], request["server"])
        reads.watch()
        project = Project.open(request)
        return project.survey() if request["do"] == "survey" else project.run(request)
    except BaseException as error:  # SystemExit as well: env.py may call sys.exit
        return {"failure": failures.described(error, project)}
