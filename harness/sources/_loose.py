"""SQL that makes tables and that no tool keeps: one file somewhere, or numbered files.

Where projects have such files for a container's first start (``docker/postgres/init.sql``), for
Spring (``src/main/resources/schema.sql``) or to be run by hand (``backend/schema.sql``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from harness.sources import recognition
from harness.sources._index_file import proposal
from harness.sources.files import sql_files

_OTHERS = r"mysql|maria(?:db)?|sqlite3?|mssql|sqlserver|oracle|h2|hsqldb|derby|clickhouse|db2"
_FOREIGN = re.compile(rf"(?:.*[-_.])?(?:{_OTHERS})(?:[-_.].*)?\.sql", re.IGNORECASE)
_OURS = re.compile(r"(?:.*[-_.])?(?:pg|psql|postgres(?:ql)?)(?:[-_.].*)?\.sql", re.IGNORECASE)
_WORD = "schema|init(?:ial)?(?:db)?|structure|ddl|tables?|create(?:db|tables?)?|setup|db|database"
_SCHEMA = re.compile(
    rf"(?:.*[-_. ])?(?:{_WORD})(?:[-_. ](?:{_WORD}|pg|psql|postgres(?:ql)?|script))*\.sql",
    re.IGNORECASE,
)
"""Names that say that a file is a schema."""
_MAKES = re.compile(rb"\bCREATE\s+(?:UNLOGGED\s+)?TABLE\b", re.IGNORECASE)
_OBJECTS = re.compile(
    rb"^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|MATERIALIZED\s+|UNLOGGED\s+)?"
    rb"(?:TABLE|VIEW|FUNCTION|PROCEDURE|TRIGGER|TYPE|DOMAIN|INDEX|POLICY|SEQUENCE)\b",
    re.IGNORECASE | re.MULTILINE,
)
_ASIDE = re.compile(
    r"(?:.*[-_.])?(?:seeds?|data|tests?|drop|down|reset|example|queries)(?:[-_.].*)?"
)
_NUMBER = re.compile(r"[VRv]?\d")
_NAMED = 5
"""Files that a message names at most."""


def loose(folders: Iterable[tuple[Path, list[Path]]]) -> list[Path]:
    """What may be the schema: files that are called so, else the only one that makes tables.

    ``folders`` are directories and their SQL files. Numbered files of a directory are a schema
    together.
    """
    sets: list[Path] = []
    found: list[Path] = []
    for place, files in folders:
        ours = [one for one in files if not _FOREIGN.fullmatch(one.name)]
        makers = [one for one in ours if _MAKES.search(one.read_bytes())]
        if not makers or recognition.queries(place):
            continue
        if len(ours) > 1 and all(_NUMBER.match(one.name) for one in files):
            sets.append(place)
        else:
            found += _best(makers)
    named = [one for one in found if _SCHEMA.fullmatch(one.name)]
    return [*sets, *named] or (found if len(found) == 1 else [])


def makes_objects(file: Path) -> bool:
    """Whether a file makes what a schema consists of, and is called neither a seed nor a test."""
    foreign = _FOREIGN.fullmatch(file.name) or _ASIDE.fullmatch(file.stem.lower())
    return not foreign and bool(_OBJECTS.search(file.read_bytes()))


def makes_tables(path: Path) -> bool:
    """Whether a file, or one of the files of a directory, makes a table."""
    return any(_MAKES.search(file.read_bytes()) for file in sql_files(path))


def beside(path: Path, counted: Iterable[Path]) -> tuple[str, ...]:
    """What is said of a single file, where others beside it make objects and are not applied."""
    if _OURS.fullmatch(path.name):  # ``schema-postgresql.sql`` among those for other databases
        return ()
    known = {file.resolve() for file in counted}
    others = [one for one in sql_files(path.parent) if one.resolve() not in known]
    left = [one for one in others if makes_objects(one)]
    if not left:
        return ()
    more = " and more" if len(left) > _NAMED else ""
    names = ", ".join(one.name for one in left[:_NAMED]) + more
    make = "make" if len(left) > 1 else "makes"
    remedy = proposal(path.parent, [path, *left], os.path.relpath(path.parent))
    said = f"{path.name} alone is applied, and {names} beside it {make} objects, too"
    return (f"{said}; where they belong together, {remedy}",)


def _best(files: list[Path]) -> list[Path]:
    """The one for PostgreSQL, where files beside it are for any database."""
    ours = [one for one in files if _OURS.fullmatch(one.name)]
    return ours if len(ours) == 1 else files
