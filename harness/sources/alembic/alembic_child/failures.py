"""An exception -> where it was raised, and what the server said, as plain values."""

from __future__ import annotations

import os
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from . import reads
from .redirect import AnotherDatabase

if TYPE_CHECKING:
    from .project import Project

_PG8000 = {"C": "sqlstate", "M": "message", "D": "detail", "H": "hint", "W": "context"}


def described(error: BaseException, project: Project | None) -> dict[str, Any]:
    """``kind`` is ``migration`` for what a revision did, else ``config``.

    With ``path`` and ``line`` where there is one, ``message``, and of the server's answer
    ``sqlstate``, ``detail``, ``hint``, ``context``.
    """
    revisions = project.paths if project else ()
    refused = isinstance(error, (AnotherDatabase, CommandError))
    place = None if isinstance(error, AnotherDatabase) else _place(error, revisions)
    if place:
        return {"kind": "migration", **place, **_said(error)}
    at_commit = isinstance(error, DBAPIError) and error.statement is None
    if project and project.current and (at_commit if project.finished else not refused):
        return {"kind": "migration", **_after(project), **_said(error, at_commit)}
    own = None if refused else _place(error, None)
    return {"kind": "config", **(own or {}), **_said(error)}


def _place(error: BaseException, paths: Collection[str] | None) -> dict[str, Any] | None:
    """The innermost line in one of the files; for None, in any of the project's."""
    walked = traceback.walk_tb(error.__traceback__)
    frames = [(frame.f_code.co_filename, line) for frame, line in walked]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno or 1))
    for name, line in reversed(frames):
        path = os.path.realpath(name)
        if (path in paths) if paths is not None else _own(path):
            return {"path": path, "line": line}
    return None


def _own(path: str) -> bool:
    return Path(path).is_file() and not reads.installed(path)


def _after(project: Project) -> dict[str, Any]:
    """What fails between the revisions, or behind them, is said of the last one's end."""
    path = project.current.path
    return {"path": os.path.realpath(path), "line": max(1, Path(path).read_bytes().count(b"\n"))}


def _said(error: BaseException, at_commit: bool = False) -> dict[str, str]:
    found = _server(error)
    if found is None:
        name = (
            ""
            if isinstance(error, (CommandError, AnotherDatabase))
            else f"{type(error).__name__}: "
        )
        return {"message": f"{name}{error}"}
    if place := _read_from(error, found.pop("position", "")):
        found["context"] = "\n".join(filter(None, (found["context"], place)))
    found["statement"] = str(getattr(error, "statement", None) or "")
    found["message"] = f"at COMMIT: {found['message']}" if at_commit else found["message"]
    return found


def _server(error: BaseException) -> dict[str, str] | None:
    """The server's own words, whichever driver they come through; None for another error."""
    original: Any = error.orig if isinstance(error, DBAPIError) else error
    for one in filter(None, (original, getattr(original, "__cause__", None))):
        given = one.args[0] if getattr(one, "args", None) else None
        if isinstance(given, dict) and "C" in given:  # pg8000
            return _texts({theirs: given.get(name) for name, theirs in _PG8000.items()})
        if diag := getattr(one, "diag", None):  # psycopg, psycopg2
            if diag.message_primary:
                return _diagnostics(one, diag)
        elif getattr(one, "sqlstate", None) and hasattr(one, "message"):  # asyncpg
            names = ("sqlstate", "message", "detail", "hint", "context", "position")
            return _texts({name: getattr(one, name, None) for name in names})
    return None


def _diagnostics(error: Any, diag: Any) -> dict[str, str]:
    return _texts(
        {
            "sqlstate": diag.sqlstate,
            "message": diag.message_primary,
            "detail": diag.message_detail,
            "hint": diag.message_hint,
            "context": diag.context,
            "position": diag.statement_position,
            "schema": diag.schema_name,
            "table": diag.table_name,
            "column": diag.column_name,
            "constraint": diag.constraint_name,
        }
    )


def _texts(found: dict[str, Any]) -> dict[str, str]:
    return {name: str(value or "") for name, value in found.items()}


def _read_from(error: BaseException, position: str) -> str:
    """``in FILE:LINE`` where the statement, or a part of it, was read from an SQL file."""
    statement = getattr(error, "statement", None) or ""
    for path in reads.files() if statement.strip() else ():
        if path.endswith(".sql"):
            text = Path(path).read_text("utf-8", errors="replace")
            start = text.find(statement)
            if start >= 0:
                end = start + (int(position) - 1 if position.isdecimal() else 0)
                return f"in {path}:{text.count(chr(10), 0, end) + 1}"
    return ""
