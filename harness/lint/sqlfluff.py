r"""The sqlfluff linter over psql scripts, configured in ``pyproject.toml`` as ever.

sqlfluff reads SQL and not psql's commands, nor does its dialect know savepoints; a line
such as ``\set x 1`` or ``SAVEPOINT s;`` is shown to it as a comment and given back
unchanged. Where the project has no opinion on
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

_UNREAD = re.compile(
    r"^(\\.*|(?:SAVEPOINT|RELEASE|ROLLBACK(?: WORK| TRANSACTION)? TO)\b[^;\n]*;[ \t]*)$",
    re.MULTILINE | re.IGNORECASE,
)
_HIDDEN = re.compile(r"^-- not read: (.*)$", re.MULTILINE)


PRESET = ("AL03", "AM04")
"""Not findings in assertion files: ``SELECT plan(1)`` and ``SELECT * FROM finish()``."""


class SqlFluff:
    """The sqlfluff linter."""

    def __init__(self, config: Config) -> None:
        self._config = config
        _linter(config, config.root)

    def lint(self, files: Sequence[Path]) -> list[Finding]:
        """Violations of all files, several files at once."""
        return [finding for found in self._each(_findings, files) for finding in found]

    def fix(self, files: Sequence[Path]) -> list[Path]:
        """Rewrite files as sqlfluff fixes them."""
        return [path for path in self._each(_fixed, files) if path is not None]

    def _each(self, task: Any, files: Sequence[Path]) -> list[Any]:
        work = partial(task, self._config)
        jobs = min(self._config.jobs, len(files))
        if jobs <= 1:
            return [work(file) for file in files]
        with ProcessPoolExecutor(jobs) as pool:
            return list(pool.map(work, files))


def _linter(config: Config, path: Path) -> Any:
    """The linter itself, configured for a file by the project. Raises ConfigError."""
    from sqlfluff.core import FluffConfig, Linter, SQLFluffUserError

    try:
        plain = FluffConfig.from_path(str(path), require_dialect=False)
        overrides: dict[str, Any] = {} if plain.get("dialect") else {"dialect": "postgres"}
        if any(place == path or place in path.parents for place in config.tests):
            excluded = filter(None, [plain.get("exclude_rules"), *PRESET])
            overrides["exclude_rules"] = ",".join(excluded)
        configured = FluffConfig.from_path(str(path), overrides=overrides)
    except SQLFluffUserError as error:
        raise ConfigError(f"sqlfluff: {error}") from None
    return Linter(config=configured)


def _findings(config: Config, path: Path) -> list[Finding]:
    linted = _linter(config, path).lint_string(_hidden(_read(path)), fname=str(path))
    return sorted(
        Finding(path, v.line_no, v.line_pos, v.rule_code(), v.desc())
        for v in linted.get_violations()
    )


def _fixed(config: Config, path: Path) -> Path | None:
    text = _read(path)
    linted = _linter(config, path).lint_string(_hidden(text), fname=str(path), fix=True)
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
    return _UNREAD.sub(r"-- not read: \1", text)
