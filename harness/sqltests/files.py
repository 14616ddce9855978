"""Test files, read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.core.errors import CannotRun, ScriptError
from harness.sqltests.runner import AssertionFile


def read(paths: Sequence[Path], variables: Mapping[str, str]) -> list[AssertionFile]:
    """All files, read to their ends. Raises CannotRun with a line for each that cannot be."""
    files, complaints = [], []
    for path in paths:
        try:
            files.append(AssertionFile.read(path, variables))
        except ScriptError as error:
            complaints.append(str(error))
    if complaints:
        raise CannotRun("\n".join(complaints))
    return files
