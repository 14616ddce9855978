"""goose: one file a migration, ``-- +goose Up`` above ``-- +goose Down``.

Files go in the order of their numbers. Each runs in a transaction, unless it says ``-- +goose
NO TRANSACTION``. goose ends a statement at a ``;`` at the end of a line; one that has such a
line inside must stand between ``StatementBegin`` and ``StatementEnd``, here as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg

from harness.core.config import Config
from harness.core.errors import ConfigError, ScriptError
from harness.postgres.psql import Statement
from harness.postgres.psql.lexer import bare
from harness.sources.files import by_command, folder, numbered, read, sql_files
from harness.sources.recognition import GOOSE_MARKER, GOOSE_PLACES
from harness.sources.sections import Section, Sectioned

_NAME = re.compile(r"0*([1-9]\d*)_.*\.(?:sql|go)")
_VARIABLE = re.compile(
    r"(?<!\$)\$(?:\{(?P<set>\w+)(?::?-(?P<default>[^}]*))?\}|(?P<name>[A-Za-z_]\w*))"
)
"""``$NAME``, ``${NAME}`` and ``${NAME:-default}``, as goose's ENVSUB takes them."""
_BLOCK = "put it between '-- +goose StatementBegin' and '-- +goose StatementEnd'"


@dataclass(frozen=True, slots=True)
class Goose(Sectioned):
    """A directory of goose's SQL migrations, or the project that has it below."""

    name: ClassVar[str] = "goose"
    notes: ClassVar[str] = "goose_db_version"

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the files. ConfigError for migrations in Go, and for files without a number."""
        place = folder(path, *GOOSE_PLACES)
        _no_go(place)
        versions = numbered(sql_files(place), _NAME, "goose")
        return cls(path, tuple(map(cls.migration, sorted(versions, key=versions.__getitem__))))

    @classmethod
    def sections(cls, path: Path) -> tuple[Section, Section | None]:
        """What stands under the two markers; the second may be missing."""
        marks = _Marks(path, read(path))
        up, down = marks.section("up"), marks.section("down")
        if up is None:
            raise ConfigError(
                f"{path}: goose wants a line '-- +goose Up'; add it, or move the file out of"
                f" {path.parent} if it is no migration"
            )
        return up, down

    @property
    def values(self) -> Mapping[str, str]:
        """The variables of the environment that the files may name, where one of them does."""
        texts = [file.read_text("utf-8", "replace") for file in self.files]
        named = {one for text in texts if "ENVSUB" in text.upper() for one in _names(text)}
        return {name: os.environ.get(name, "") for name in sorted(named)}

    def finds_notes(self, connection: psycopg.Connection[Any], home: str) -> bool:
        """Whether it is found without a schema, as goose names it."""
        query = "SELECT %s = ANY (current_schemas(false))"
        return connection.execute(query, [home]).fetchone() == (True,)


@dataclass(slots=True)
class _Marks:
    """goose's annotations of a file, and the lines in blocks."""

    path: Path
    lines: list[str]
    transaction: bool = True
    fills: bool = False
    """Whether variables of the environment stand for their values here."""
    starts: dict[str, int] = field(default_factory=dict)
    inside: set[int] = field(default_factory=set)
    _begun: int = 0

    def __post_init__(self) -> None:
        for number, line in enumerate(self.lines, 1):
            if found := GOOSE_MARKER.match(line):
                self._mark(found["word"].lower(), number)
                continue
            if self.fills and "$" in line:
                self.lines[number - 1] = _VARIABLE.sub(partial(self._value, number), line)
            if not self.starts and line.strip() and not line.lstrip().startswith("--"):
                raise self._error(number, "goose wants no statement above '-- +goose Up'")
        if self._begun:
            raise self._error(self._begun, "StatementBegin without StatementEnd")

    def section(self, way: str) -> Section | None:
        """The lines under ``up`` or ``down``. ScriptError where goose would cut differently."""
        if way not in self.starts:
            return None
        start = self.starts[way]
        end = self.starts["down"] - 1 if way == "up" and "down" in self.starts else len(self.lines)
        section = Section.of(self.path, self.lines, start, end, self.transaction)
        for statement in section.script.statements():
            self._as_goose_cuts(statement)
        return section

    def _mark(self, word: str, number: int) -> None:
        if word in ("up", "down"):
            self._start(word, number)
        elif word in ("statementbegin", "statementend"):
            self._block(word, number)
        elif word == "no transaction":
            self.transaction = False
        elif word in ("envsub on", "envsub off"):
            self.fills = word == "envsub on"
        else:
            raise self._error(number, f"+goose {word}: no annotation of goose's that is served")

    def _start(self, way: str, number: int) -> None:
        if self._begun or way in self.starts or (way == "down") != ("up" in self.starts):
            raise self._error(number, "goose wants one '-- +goose Up', then one '-- +goose Down'")
        self.starts[way] = number

    def _block(self, word: str, number: int) -> None:
        if (word == "statementbegin") == bool(self._begun) or not self.starts:
            raise self._error(number, f"+goose {word} out of place")
        if word == "statementend":
            self.inside.update(range(self._begun, number))
        self._begun = number if word == "statementbegin" else 0

    def _value(self, number: int, variable: re.Match[str]) -> str:
        """What goose puts in; it would put in nothing where neither has a value."""
        name = variable["set"] or variable["name"]
        value = os.environ.get(name) or variable["default"]
        if value is None:
            raise self._error(number, f"ENVSUB: {name} is not set; set it where you run this")
        return value

    def _as_goose_cuts(self, statement: Statement) -> None:
        for number in self._lines_of(statement):
            if _ends(self.lines[number - 1]):
                raise self._error(number, f"goose ends the statement at this ';': {_BLOCK}")
        if statement.line not in self.inside and not bare(statement.sql).endswith(";"):
            raise self._error(statement.line, "goose wants a ';' at the end of a statement")

    def _lines_of(self, statement: Statement) -> Iterator[int]:
        """The lines of a statement, but for its last one and those in blocks."""
        last = statement.breaks[-1][1] if statement.breaks else statement.line
        return (n for n in range(statement.line, last) if n not in self.inside)

    def _error(self, line: int, message: str) -> ScriptError:
        return ScriptError(self.path, line, message)


def _names(text: str) -> list[str]:
    return [found["set"] or found["name"] for found in _VARIABLE.finditer(text)]


def _ends(line: str) -> bool:
    """Whether goose sees the end of a statement: the last word before a comment ends in ``;``."""
    words = line.split()
    comment = next((i for i, word in enumerate(words) if word.startswith("--")), len(words))
    return bool(words[:comment]) and words[:comment][-1].endswith(";")


def _no_go(place: Path) -> None:
    for file in sorted(place.glob("*.go")) if place.is_dir() else ():
        if _NAME.fullmatch(file.name) and not file.name.endswith("_test.go"):
            raise ConfigError(
                f"{file}: a migration in Go, which only goose itself runs;"
                f" {by_command(place, 'go', 'run', './cmd/migrate', 'up')}"
            )
