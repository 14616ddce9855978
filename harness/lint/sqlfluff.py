r"""The sqlfluff linter over psql scripts, configured in ``pyproject.toml`` as ever.

sqlfluff reads SQL and not psql's commands, so a line such as ``\set x 1`` is shown to it
as a comment of one line and given back unchanged. Where the project has no opinion on
the dialect it is postgres.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from harness.config import Config
from harness.errors import ConfigError, ScriptError
from harness.lint.base import Finding

_COMMAND = re.compile(r"^(\\.*)$", re.MULTILINE)
_HIDDEN = re.compile(r"^-- psql: (\\.*)$", re.MULTILINE)


class SqlFluff:
    """The sqlfluff linter."""

    def __init__(self, config: Config) -> None:
        self._root, self._jobs = config.root, config.jobs
        _linter(self._root)

    def lint(self, files: Sequence[Path]) -> list[Finding]:
        """Violations of all files, several files at once."""
        return [finding for found in self._each(_findings, files) for finding in found]

    def fix(self, files: Sequence[Path]) -> list[Path]:
        """Rewrite files as sqlfluff fixes them."""
        return [path for path in self._each(_fixed, files) if path is not None]

    def _each(self, task: Any, files: Sequence[Path]) -> list[Any]:
        work = partial(task, self._root)
        jobs = min(self._jobs, len(files))
        if jobs <= 1:
            return [work(file) for file in files]
        with ProcessPoolExecutor(jobs) as pool:
            return list(pool.map(work, files))


def _linter(root: Path) -> Any:
    """The linter itself, with the project's configuration. Raises ConfigError."""
    from sqlfluff.core import FluffConfig, Linter, SQLFluffUserError

    try:
        config = FluffConfig.from_path(str(root), require_dialect=False)
        if not config.get("dialect"):
            config = FluffConfig.from_path(str(root), overrides={"dialect": "postgres"})
    except SQLFluffUserError as error:
        raise ConfigError(f"sqlfluff: {error}") from None
    return Linter(config=config)


def _findings(root: Path, path: Path) -> list[Finding]:
    linted = _linter(root).lint_string(_hidden(_read(path)), fname=str(path))
    return sorted(
        Finding(path, v.line_no, v.line_pos, v.rule_code(), v.desc())
        for v in linted.get_violations()
    )


def _fixed(root: Path, path: Path) -> Path | None:
    text = _read(path)
    linted = _linter(root).lint_string(_hidden(text), fname=str(path), fix=True)
    fixed = _HIDDEN.sub(r"\1", linted.fix_string()[0])
    if fixed == text:
        return None
    path.write_text(fixed, encoding="utf-8")
    return path


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ScriptError(path, line, "not valid UTF-8") from None


def _hidden(text: str) -> str:
    return _COMMAND.sub(r"-- psql: \1", text)
