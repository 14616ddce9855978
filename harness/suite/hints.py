"""What to do about a file that stops: for what another makes, or for a variable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from os.path import relpath

from harness.assertions.isolation import Isolation
from harness.assertions.runner import AssertionFile
from harness.results import Group, Result

_MISSING = re.compile(
    r"(?:42P01|3F000|42883|42704): \w+ "
    r"(?:\"(?P<quoted>[^\"]+)\"|(?P<plain>[^\"(\s]+)\(.*\)) does not exist"
)


_UNSET = '42601: syntax error at or near ":"'


def hinted(run: Group, files: Sequence[AssertionFile]) -> Group:
    """The same with a hint at the file that makes what is missing, if one of them does."""
    if not run.problems:
        return run
    others = [f for f in files if f.path != run.path and f.isolation is not Isolation.SHARED]
    problems = (_hinted(problem, others) for problem in run.problems)
    return replace(run, problems=tuple(problems))


def _hinted(problem: Result, others: Sequence[AssertionFile]) -> Result:
    if problem.title.startswith(_UNSET):
        return problem._replace(message="a variable that is not set? --set NAME=VALUE sets one")
    name = _missing(problem)
    maker = next((file for file in others if name and _makes(file, name)), None)
    if maker is None:
        return problem
    file = relpath(maker.path, problem.location.path.parent)
    hint = (
        f"{file} creates it; no file sees what another leaves, but for a setup:"
        f" write '-- harness: setup' in {file}, or run all in --one-database"
    )
    return problem._replace(message=hint)


def _missing(problem: Result) -> str:
    """The name of what does not exist, without its schema."""
    found = _MISSING.match(problem.title)
    return (found["quoted"] or found["plain"]).rpartition(".")[2] if found else ""


def _makes(file: AssertionFile, name: str) -> bool:
    text = file.script.content.decode("utf-8", "replace")
    what = r"\bCREATE\s+(?:[A-Z]+\s+){1,6}(?:\"?\w+\"?\.)?"
    return bool(re.search(rf"{what}\"?{re.escape(name)}(?![\w$])", text, re.IGNORECASE))
