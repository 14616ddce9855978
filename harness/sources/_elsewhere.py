"""A relation that a migration misses, and that another file of the project creates: what to do."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path

from harness.postgres.session import Failure
from harness.sources._lookalikes import FilesBelow

_MISSING = re.compile(r"[\"«»„“]\s?(?:(?P<schema>\w+)\.)?(?P<name>\w+)\s?[\"«»“”]")
"""The relation of 42P01, between the marks of whatever language the server speaks."""
_ASIDE = re.compile(r"(?:.*[-_.])?(?:tests?|specs?|seeds?|fixtures?|archive|old)(?:[-_.].*)?")
_MOST = 500
"""Files that are looked into at most."""
_LARGEST = 1 << 20


def with_maker(failure: Failure, migration: Path) -> Failure:
    """The failure; with the file of the project that creates what it misses, if one does."""
    message, project = failure.message, Path.cwd()
    missing = _MISSING.search(message)
    inside = migration.resolve().is_relative_to(project)
    if failure.sqlstate != "42P01" or failure.hint or missing is None or not inside:
        return failure
    schema = rf'(?:"?{re.escape(missing["schema"] or "public")}"?\s*\.\s*)?'
    pattern = re.compile(
        r"^\s*CREATE\s+(?:UNLOGGED\s+)?(?:TABLE|(?:OR\s+REPLACE\s+)?(?:MATERIALIZED\s+)?VIEW)\s+"
        rf'(?:IF\s+NOT\s+EXISTS\s+)?{schema}"?{re.escape(missing["name"])}"?(?![\w$.])',
        re.IGNORECASE | re.MULTILINE,
    )
    for path in islice(_candidates(project, migration.resolve().parent), _MOST):
        if pattern.search(path.read_text("utf-8", "replace")):
            shown = path.relative_to(project).as_posix()
            return replace(
                failure,
                hint=f"{shown} creates it, and has not run; if it is no migration, --schema {shown}"
                " applies it alone, or a copy of it as the first migration comes before the others",
            )
    return failure


def _candidates(project: Path, migrations: Path) -> list[Path]:
    """SQL files of a project that are neither migrations nor there for something else."""
    found = []
    for path in FilesBelow(project).all():
        inside = path.relative_to(project)
        aside = any(
            map(_ASIDE.fullmatch, (part.lower() for part in (*inside.parts[:-1], path.stem)))
        )
        if path.suffix != ".sql" or aside or path.resolve().is_relative_to(migrations):
            continue
        if os.access(path, os.R_OK, effective_ids=True) and path.stat().st_size <= _LARGEST:
            found.append(path)
    return found
