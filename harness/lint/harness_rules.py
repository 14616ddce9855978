"""Our own checks: what is wrong with a migration or an assertion file as the harness runs it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from harness.core.findings import Finding
from harness.lint._file_rules import ASSERTION_CHECKS, MIGRATION_CHECKS, Told
from harness.lint._history_rules import HISTORY_CHECKS
from harness.lint._identity import contents, digest, text
from harness.lint.base import Project, Unit


class HarnessRules:
    """Checks of single files, and of how the migrations follow each other."""

    name: ClassVar[str] = "harness"
    reads: ClassVar[str] = ""
    on_a_server: ClassVar[bool] = False

    def __init__(self, project: Project) -> None:
        self._project = project

    def units(self) -> Sequence[Unit]:
        """Each file by itself, then all migrations together by their names."""
        units = [Unit((path,), self._key(path)) for path in self._project.judged]
        return [*units, self._history] if self._history.files else units

    def lint(self, units: Sequence[Unit]) -> list[list[Finding]]:
        """What the checks object to."""
        return [self._of_history() if u == self._history else self._of(u.files[0]) for u in units]

    def fix(self) -> list[Path]:
        """Nothing: what is missing only its author knows."""
        return []

    def _key(self, path: Path) -> str:
        kind = "test" if self._project.is_test(path) else "migration"
        return digest("own", kind, str(path.name), contents(path))

    @property
    def _history(self) -> Unit:
        """The migrations; their names are all that counts, so the paths are the key."""
        several = self._project.source.migrations if self._project.source else ()
        files = tuple(path for one in several for path in (one.up, one.down) if path)
        ways = [f"{one.name}\0{one.up}\0{one.down}" for one in several]
        return Unit(tuple(dict.fromkeys(files)), digest("history", *ways))

    def _of_history(self) -> list[Finding]:
        assert self._project.source is not None
        migrations = self._project.source.migrations
        return [self._finding(told) for check in HISTORY_CHECKS for told in check(migrations)]

    def _of(self, path: Path) -> list[Finding]:
        is_test, script = self._project.is_test(path), text(path)
        checks = ASSERTION_CHECKS if is_test else MIGRATION_CHECKS
        found = [told for check in checks for told in check(script)]
        return [self._finding((path, *told)) for told in found]

    def _finding(self, told: tuple[Path, *Told]) -> Finding:
        path, line, code, message = told
        return Finding(path, line, 1, self.name, code, message)
