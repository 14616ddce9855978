"""Functions as the server has them, and where in the files each of them stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from harness.lint.base import Connection


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure with a body."""

    oid: int
    schema: str
    name: str
    language: str
    body: str
    is_trigger: bool
    definition: str
    """The statement that creates it again."""
    settings: tuple[str, ...]
    """What it sets for itself, as in ``search_path=app``."""
    arguments: tuple[tuple[str, str, str], ...]
    """Name (may be empty), mode (``i o b v t``) and type; the type is empty for a pseudo-type."""
    tables: tuple[str, ...]
    """Of a trigger function, the tables that its triggers are on, as SQL names."""
    transition_tables: frozenset[str]

    @property
    def called(self) -> str:
        """How messages name it."""
        return f"{self.schema}.{self.name}"


def functions(connection: Connection, ignored: Iterable[str]) -> list[Function]:
    """Those of all schemas but ``ignored``, PostgreSQL's own and those of extensions."""
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog")  # so that types are qualified
        rows = cursor.execute(_query().encode(), {"ignored": list(ignored)}).fetchall()
    return [_function(row) for row in rows]


@cache
def _query() -> str:
    return (files("harness.lint") / "sql" / "functions.sql").read_text("utf-8")


def _function(row: Mapping[str, Any]) -> Function:
    types = [
        "" if pseudo else name for name, pseudo in zip(row["types"], row["pseudo"], strict=True)
    ]
    names = row["names"] or [""] * len(types)
    modes = row["modes"] or ["i"] * len(types)
    arguments = tuple(zip(names, modes, types, strict=True))
    tables, transitions = tuple(row["tables"]), frozenset(row["transition_tables"])
    kept = ("oid", "schema", "name", "language", "body", "is_trigger", "definition")
    known = {key: row[key] for key in kept}
    return Function(
        **known,
        settings=tuple(row["settings"]),
        arguments=arguments,
        tables=tables,
        transition_tables=transitions,
    )


@dataclass(frozen=True, slots=True)
class Site:
    """Where a function's body stands: a file, its text, the index of the body's first character.

    Where the body was not found as it is, ``exact`` is False, and ``start`` is where the
    statement that creates the function, or its name, begins.
    """

    path: Path
    text: str
    start: int
    exact: bool
    doubled: str = ""
    """Characters that are written twice: ``'`` in single quotes, ``\\`` and ``%`` in programs."""

    def place(self, body: str, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a character of the body."""
        if not self.exact:
            return self.text.count("\n", 0, self.start) + 1, 1
        within = offset + sum(body.count(character, 0, offset) for character in self.doubled)
        at = self.start + within
        line_start = self.text.rfind("\n", 0, at) + 1
        return self.text.count("\n", 0, at) + 1, at - line_start + 1


def site(function: Function, texts: Mapping[Path, str]) -> Site | None:
    """The last place in the files, in their order, where a function gets its body.

    A program may put the statement together, of a body that stands somewhere, or of a name.
    """
    ways = (_exact, _alone, _statement, _named)
    return next((found for way in ways if (found := way(function, texts))), None)


_CREATE = r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\s"
_ANY = re.compile(_CREATE, re.IGNORECASE)


@lru_cache(maxsize=4096)
def _creations(text: str) -> tuple[int, ...]:
    """Where a file begins to create something: found once, and not for each function again."""
    return tuple(match.start() for match in _ANY.finditer(text))


@cache
def _creating(name: str) -> re.Pattern[str]:
    quoted = re.escape(name).replace('"', '""')
    return re.compile(rf'{_CREATE}\s*(?:[^\s(]+\s*\.\s*)?"?{quoted}"?\s*\(', re.IGNORECASE)


def _created(name: str, text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Each creation of a function in a text, and where the next one of any begins."""
    starts, pattern = _creations(text), _creating(name)
    for start, following in pairwise((*starts, len(text))):
        if match := pattern.match(text, start):
            yield match, following


def _exact(function: Function, texts: Mapping[Path, str]) -> Site | None:
    found, forms = None, _forms(function.body)
    for path, text in texts.items():
        for match, end in _created(function.name, text):
            for form, doubled in forms.items():
                at = _quoted(text, form, match.end(), end)
                if at >= 0:
                    found = Site(path, text, at, True, doubled)
                    break
    return found


def _forms(body: str) -> dict[str, str]:
    """How a body may be written, and the characters that are twice there; the plainest first."""
    forms = {body: ""}
    for doubled in ("'", "\\", "%", "\\%", "'\\", "'%", "'\\%"):
        form = body
        for character in doubled:
            form = form.replace(character, character * 2)
        forms.setdefault(form, doubled)
    return forms


_QUOTES = ("$", "'", '"', "`")
"""What a body stands in: SQL's own, and those of programs."""


def _quoted(text: str, body: str, start: int, end: int) -> int:
    """The index of a body right behind the quote that opens it; -1 where there is none."""
    at = text.find(body, start, end) if body.strip() else -1
    while at >= 0 and text[max(at - 1, 0) : at] not in _QUOTES:
        at = text.find(body, at + 1, end)
    return at


def _alone(function: Function, texts: Mapping[Path, str]) -> Site | None:
    """A body in quotes of its own, without a statement around it."""
    found, forms = None, _forms(function.body)
    for path, text in texts.items():
        for form, doubled in forms.items():
            at = _quoted(text, form, 0, len(text))
            end = at + len(form)
            if at >= 0 and text[end : end + 1] in _QUOTES:
                found = Site(path, text, at, True, doubled)
                break
    return found


def _named(function: Function, texts: Mapping[Path, str]) -> Site | None:
    """The name of the function before its arguments."""
    named = re.compile(rf"(?<!\w){re.escape(function.name)}\s*\(")
    found = None
    for path, text in texts.items():
        if match := named.search(text):
            found = Site(path, text, match.start(), False)
    return found


def _statement(function: Function, texts: Mapping[Path, str]) -> Site | None:
    found = None
    for path, text in texts.items():
        for match, _ in _created(function.name, text):
            found = Site(path, text, match.start(), False)
    return found
