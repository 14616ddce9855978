"""What to do about a file that stops: for what another makes, or for a variable.

What is missing is read where the server says that the statement is wrong, and never in its
message, which is in whatever language the server speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from os.path import relpath

from harness.core.results import Group, Result
from harness.postgres.session import Failure
from harness.sqltests.isolation import Isolation
from harness.sqltests.runner import AssertionFile, RefusedRun

_SYNTAX, _NO_SCHEMA = "42601", "3F000"
_UNDEFINED = ("42P01", _NO_SCHEMA, "42883", "42704")
"""Undefined table, schema, function; type, role and other objects."""
_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAMES = re.compile(rf"'?({_NAME}(?:\s*\.\s*{_NAME})*)")
"""``tests.people``, and ``'tests.people'`` where a text is read as a name."""
_WORD = re.compile(_NAME)
_CREATED = re.compile(
    r"\bCREATE\s+(?:[A-Z]+\s+){0,4}?"
    r"(?:TABLE|VIEW|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|SCHEMA|ROLE|USER|GROUP)\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?(?:{_NAME}\s*\.\s*)?(?P<name>{_NAME})",
    re.IGNORECASE,
)
"""``CREATE OR REPLACE FUNCTION tests.people``, and what else a later file may miss."""


def hinted(run: Group, files: Sequence[AssertionFile]) -> Group:
    """The same with a hint at the file that makes what is missing, if one of them does."""
    if not isinstance(run, RefusedRun):
        return run
    refusals = {failure.location: failure for failure in run.refusals}
    others = [f for f in files if f.path != run.path and f.isolation is not Isolation.SHARED]
    problems = (
        _hinted(problem, refusals.get(problem.location), others) for problem in run.problems
    )
    return replace(run, problems=tuple(problems))


def _hinted(problem: Result, failure: Failure | None, others: Sequence[AssertionFile]) -> Result:
    if failure is None:
        return problem
    at = failure.query[failure.position - 1 :] if failure.position else ""
    if failure.sqlstate == _SYNTAX and at.startswith(":"):
        return problem._replace(message="a variable that is not set? --set NAME=VALUE sets one")
    makers = (file for name in _missing(failure, at) for file in others if _makes(file, name))
    maker = next(makers, None)
    if maker is None:
        return problem
    file = relpath(maker.path, problem.location.path.parent)
    hint = (
        f"{file} creates it; no file sees what another leaves, but for a setup:"
        f" write '-- harness: setup' in {file}, or run all in --one-database"
    )
    return problem._replace(message=hint)


def _missing(failure: Failure, at: str) -> Iterator[str]:
    """What may be the name of what does not exist, without its schema."""
    if failure.sqlstate not in _UNDEFINED:
        return
    if found := _NAMES.match(at):
        names = _WORD.findall(found[1])
        yield _plain(names[0] if failure.sqlstate == _NO_SCHEMA else names[-1])
    elif not failure.position:  # DROP TABLE, GRANT: it is somewhere in the statement
        yield from dict.fromkeys(map(_plain, _WORD.findall(failure.query)))


def _plain(name: str) -> str:
    """A name as the catalog has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _makes(file: AssertionFile, name: str) -> bool:
    text = file.script.content.decode("utf-8", "replace")
    return any(_plain(found["name"]) == name for found in _CREATED.finditer(text))
