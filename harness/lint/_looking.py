"""One look at a project: every linter, what is remembered, what comments accept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.core.errors import ServerError
from harness.core.findings import Finding, Findings
from harness.lint._identity import text
from harness.lint._memory import Memory
from harness.lint._parse_failures import UNREAD, settle
from harness.lint.allow import allowances, settled
from harness.lint.base import Linter, Project, Unit
from harness.lint.squawk import Squawk, readable
from harness.postgres.server.cache import Cache
from harness.sources import MigrationError

NOT_APPLIED = "HB00"


@dataclass
class Look:
    """The linters over a project, and what could not be looked at."""

    project: Project
    linters: Sequence[Linter]
    notes: list[str] = field(default_factory=list)
    unseen: set[str] = field(default_factory=set)
    looking: Callable[[str], None] = lambda name: None
    """Hears the name of each linter as its turn comes."""

    def findings(self) -> Findings:
        """Everything found and not accepted, sorted, each once. Raises ConfigError, ScriptError."""
        memory = Memory(Cache(self.project.config.cache_dir))
        every = set[Finding]()
        for linter in self.linters:
            self.looking(linter.name)
            every |= {*self._of(linter, memory)}
        read = self._read_by(Squawk.name)
        unread = {one.path for one in every if one.rule == UNREAD} - read
        found, advice = settle(every, read | readable(unread))
        paths = dict.fromkeys([*self.project.files, *(one.path for one in found)])
        allowed = [one for path in paths for one in allowances(path, text(path))]
        left = settled(found, allowed, self.unseen)
        files, root = len(self.project.files), self.project.config.root
        return Findings(tuple(sorted(left)), files, root, tuple(advice), tuple(self.notes))

    def _read_by(self, name: str) -> set[Path]:
        units = (unit for one in self.linters if one.name == name for unit in one.units())
        return {path for unit in units for path in unit.files}

    def fix(self) -> list[Path]:
        """Repair what can be repaired; the files that changed."""
        return [path for linter in self.linters for path in linter.fix()]

    def _of(self, linter: Linter, memory: Memory) -> Iterable[Finding]:
        units = linter.units()
        recalled = {unit: memory.recall(unit) for unit in units}
        unknown = [unit for unit, found in recalled.items() if found is None]
        if unknown:
            recalled |= zip(unknown, self._looked(linter, unknown, memory), strict=True)
        return (finding for found in recalled.values() for finding in found or ())

    def _looked(
        self, linter: Linter, units: Sequence[Unit], memory: Memory
    ) -> Sequence[list[Finding]]:
        try:
            found = linter.lint(units)
        except (ServerError, MigrationError) as error:
            why = str(error).splitlines()[0]
            if isinstance(error, MigrationError):
                why = "the schema does not apply"  # a finding says where
            self.notes.append(f"function bodies are not checked: {why}")
            self.unseen.add(linter.name)
            failed = [_not_applied(error)] if isinstance(error, MigrationError) else []
            return [failed, *([] for _ in units[1:])]
        for unit, several in zip(units, found, strict=True):
            memory.keep(unit, several)
        memory.prune()
        return found


def _not_applied(error: MigrationError) -> Finding:
    """A schema that does not apply: never remembered, since a server may have been the reason."""
    (path, line), failure = error.location, error.failure
    message = f"the schema does not apply: {failure.sqlstate} {failure.message}"
    return Finding(path, line, 1, "harness", NOT_APPLIED, message, "error")
