"""Liquibase: formatted SQL, ``--changeset author:id`` above each change.

Files go in the order in which a changelog beside or above them includes them, else in that of their
names. A file is a revision: its changesets that are for PostgreSQL, and, for the down migration,
their rollbacks from the last to the first. It runs in a transaction unless a changeset says
``runInTransaction:false``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.sources._liquibase_changelogs import changelogs, included
from harness.sources.files import read, sql_files
from harness.sources.recognition import is_liquibase_sql
from harness.sources.sections import Section, Sectioned

_CHANGESET = re.compile(r"\s*--\s*changeset\s+(?P<id>[^:]+:\S+)(?P<options>.*)", re.IGNORECASE)
_OPTION = re.compile(r"(\w+):(\"[^\"]*\"|\S+)")
_ROLLBACK = re.compile(r"\s*--\s*rollback\b(?P<sql>.*)", re.IGNORECASE)
_BLOCK = re.compile(r"\s*/\*\s*liquibase\s+rollback\b", re.IGNORECASE)
_PROPERTY = re.compile(r"\s*--\s*property\b(?P<options>.*)", re.IGNORECASE)
_NONE = re.compile(r"\s*(?:empty|not required|changeset\w*\b.*)?\s*;?\s*", re.IGNORECASE)
"""What a rollback says that does nothing, or that is another changeset."""
_FILLED = re.compile(r"\$\{([\w.-]+)\}")


@dataclass(frozen=True, slots=True)
class Liquibase(Sectioned):
    """A directory of formatted SQL, or of the changelog that includes it; or one file."""

    name: ClassVar[str] = "liquibase"
    notes: ClassVar[str] = "databasechangelog"
    changelog: Path | None = None
    """The one that includes the files; None where their names are their order."""

    @classmethod
    def open(cls, path: Path, config: Config) -> Self:
        """Read the changelog. ConfigError for SQL that no changeset holds."""
        found, changelog = _ordered(path, config.root)
        if odd := next(
            (file for file in found if file.is_file() and not is_liquibase_sql(file)), None
        ):
            raise ConfigError(
                f"{odd}: Liquibase wants '--liquibase formatted sql' as its first line; add it, or"
                f" move the file out of {odd.parent} if it is no changelog"
            )
        return cls(path, tuple(map(cls.migration, found)), changelog)

    @property
    def counted(self) -> tuple[Path, ...]:
        """The files, and the changelog."""
        return (*self.files, self.changelog) if self.changelog else self.files

    @property
    def warnings(self) -> tuple[str, ...]:
        """The files of the directory that no changelog includes: Liquibase passes over them."""
        left = sorted({*sql_files(self.path)} - {*self.files}) if self.path.is_dir() else []
        names = ", ".join(file.name for file in left)
        return (f"no changelog includes {names}, so Liquibase passes over it",) if left else ()

    @classmethod
    def sections(cls, path: Path) -> tuple[Section, Section]:
        """The changesets, and the rollbacks, each at the lines where they stand."""
        lines = read(path)
        changes = list(_changesets(lines))
        up, down = [""] * len(lines), [""] * len(lines)
        values = dict(_properties(lines))
        for change in changes:
            if not change.runs:
                continue
            inside = False
            for number in range(change.start, change.end):
                text = _FILLED.sub(lambda name: values.get(name[1], name[0]), lines[number])
                if inside:
                    before, ends, _ = text.partition("*/")
                    down[number], inside = before, not ends
                elif _BLOCK.match(text):
                    inside = True
                elif found := _ROLLBACK.match(text):
                    down[number] = "" if _NONE.fullmatch(found["sql"]) else found["sql"]
                else:
                    up[number] = change.delimited(text)
        transaction = all(change.transaction for change in changes)
        undone = _last_first(changes, down)
        return (
            Section.of(path, up, 0, len(up), transaction),
            Section.of(path, undone, 0, len(undone), transaction),
        )


@dataclass(frozen=True, slots=True)
class _Changeset:
    """A changeset: what it says of itself, and its lines."""

    options: dict[str, str]
    start: int
    end: int

    @property
    def runs(self) -> bool:
        """Whether Liquibase runs it on PostgreSQL."""
        return _is_ours(self.options) and self.options.get("ignore", "") != "true"

    @property
    def transaction(self) -> bool:
        return self.options.get("runintransaction", "true") != "false"

    def delimited(self, line: str) -> str:
        """The line with a semicolon where it ends with the changeset's own delimiter."""
        end = self.options.get("enddelimiter", ";")
        return line if end == ";" else re.sub(rf"(?:{_pattern(end)})\s*$", ";", line)


def _pattern(delimiter: str) -> str:
    """A delimiter is a regular expression to Liquibase; one that is none is taken as it stands."""
    try:
        re.compile(delimiter)
    except re.error:
        return re.escape(delimiter)
    return delimiter


def _is_ours(options: dict[str, str]) -> bool:
    names = [name.strip() for name in options.get("dbms", "").lower().split(",") if name.strip()]
    wanted = [name for name in names if not name.startswith("!")]
    return "!postgresql" not in names and (not wanted or bool({"postgresql", "all"} & {*wanted}))


def _options(text: str) -> dict[str, str]:
    return {name.lower(): value.strip('"') for name, value in _OPTION.findall(text)}


def _changesets(lines: list[str]) -> Iterator[_Changeset]:
    marks = [(n, found) for n, line in enumerate(lines) if (found := _CHANGESET.match(line))]
    ends = [*(n for n, _ in marks[1:]), len(lines)]
    for (start, found), end in zip(marks, ends, strict=True):
        yield _Changeset(_options(found["options"]), start + 1, end)


def _properties(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if found := _PROPERTY.match(line):
            options = _options(found["options"])
            if _is_ours(options) and "name" in options:
                yield options["name"], options.get("value", "")


def _last_first(changes: list[_Changeset], down: list[str]) -> list[str]:
    """The rollbacks: where only one changeset has some, at their lines, else one behind another."""
    having = [one for one in changes if any(line.strip() for line in down[one.start : one.end])]
    if len(having) < 2:
        return down
    return [line for one in reversed(having) for line in down[one.start : one.end] if line.strip()]


def _ordered(path: Path, root: Path) -> tuple[list[Path], Path | None]:
    """The SQL files in the order that they run in, and the changelog that says so."""
    if path.is_file():
        return ([path], None) if path.suffix == ".sql" else (included(path), path)
    own = {*sql_files(path)}
    for place in (path, *path.parents[:4]):
        if not place.is_relative_to(root):
            break
        for changelog in changelogs(place):
            found = included(changelog)
            if found and (not own or own & {*found}):
                return list(dict.fromkeys(found)), changelog
    return sorted(own), None
