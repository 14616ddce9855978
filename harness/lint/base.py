"""Linter: what the harness asks of a tool that reads SQL without running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.config import Config


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something a linter objects to, at a line and column that count from 1."""

    path: Path
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.rule} {self.message}"


class Linter(Protocol):
    """A tool that reads files and has findings."""

    def __init__(self, config: Config) -> None:
        """Read the tool's own configuration from the project. Raises ConfigError."""

    def lint(self, files: Sequence[Path]) -> list[Finding]:
        """What the tool objects to, in the order of the files."""

    def fix(self, files: Sequence[Path]) -> list[Path]:
        """Repair what the tool can repair; the files that changed."""
