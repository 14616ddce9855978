"""One look at a project: every linter, what is remembered, what comments accept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from harness.core.errors import HarnessError, SchemaError
from harness.core.findings import Finding, Findings, Note
from harness.core.results import NOWHERE, SQL, Outcome
from harness.lint._identity import contents, text
from harness.lint._memory import Memory
from harness.lint._parse_failures import UNREAD, settle
from harness.lint.allow import allowances, settled
from harness.lint.base import Linter, NotSeen, Project, Unit
from harness.lint.bodies import Bodies
from harness.lint.sqlfluff import SqlFluff
from harness.lint.squawk import Squawk, readable
from harness.postgres.server.cache import Cache
from harness.sources import MigrationError

NOT_APPLIED = "HB00"


@dataclass
class Look:
    """The linters over a project, and what could not be looked at."""

    project: Project
    linters: Sequence[Linter]
    notes: list[Note] = field(default_factory=list)
    unseen: set[str] = field(default_factory=set)
    subjects: list[str] = field(default_factory=list)
    """What was looked at that is no file."""
    looking: Callable[[str], None] = lambda name: None
    """Hears the name of each linter as its turn comes."""
    wrote: bool = False
    """Whether something was found that is remembered from now on."""

    def findings(self) -> Findings:
        """Everything found and not accepted, sorted, each once. Raises ConfigError, ScriptError."""
        memory = Memory(Cache(self.project.config.cache_dir))
        every = set[Finding]()
        with ExitStack() as stack:
            for linter in self._begun(stack, memory):
                self.looking(linter.name)
                every |= {*self._of(linter, memory)}
        if self.wrote:
            memory.prune()
        read = self._read_by(Squawk.name)
        unread = {one.path for one in every if one.rule == UNREAD} - read
        found, advice = settle(every, read | readable(unread))
        paths = dict.fromkeys([*self.project.files, *(one.path for one in found)])
        allowed = [one for path in paths for one in allowances(path, _readable(path))]
        left = sorted(settled(found, allowed, self.unseen))
        return Findings(
            tuple(one for one in left if one.severity in ("error", "warning")),
            len(self.project.files),
            self.project.config.root,
            tuple(sorted([*advice, *(one for one in left if one.severity == "advice")])),
            tuple(one for one in left if one.severity == "undecided"),
            tuple(self.notes),
            tuple(self.subjects),
        )

    def _begun(self, stack: ExitStack, memory: Memory) -> list[Linter]:
        """The linters, after those that look in processes of their own while others look here."""
        beside = [one for one in self.linters if isinstance(one, SqlFluff)]
        for linter in beside:
            stack.enter_context(linter.begun(self._unknown(linter, memory)))
        return [*(one for one in self.linters if one not in beside), *beside]

    def _unknown(self, linter: Linter, memory: Memory) -> list[Unit]:
        return [unit for unit in linter.units() if not memory.knows(unit)]

    def _read_by(self, name: str) -> set[Path]:
        units = (unit for one in self.linters if one.name == name for unit in one.units())
        return {path for unit in units for path in unit.files}

    def fix(self) -> list[Path]:
        """Repair what can be repaired; the files that changed."""
        return [path for linter in self.linters for path in linter.fix()]

    def _of(self, linter: Linter, memory: Memory) -> Iterable[Finding]:
        units = linter.units()
        if not units and linter.reads and self.project.narrowed is None:
            self.notes.append(Note(Outcome.SKIPPED, linter.name, f"no {linter.reads}"))
        recalled = {unit: memory.recall(unit) for unit in units}
        unknown = [unit for unit, found in recalled.items() if found is None]
        if unknown:
            recalled |= zip(unknown, self._looked(linter, unknown, memory), strict=True)
        if units and isinstance(linter, Bodies) and linter.name not in self.unseen:
            self.subjects.append(linter.subject)
        return (finding for found in recalled.values() for finding in found or ())

    def _looked(
        self, linter: Linter, units: Sequence[Unit], memory: Memory
    ) -> Sequence[list[Finding]]:
        try:
            found = linter.lint(units)
        except NotSeen as error:
            self.unseen.add(linter.name)
            return [self._unseen(linter, error.cause), *([] for _ in units[1:])]
        for unit, several in zip(units, found, strict=True):
            memory.keep(unit, several)
        self.wrote = True
        return found

    def _unseen(self, linter: Linter, error: HarnessError) -> list[Finding]:
        """Why a schema was not looked at on a server: a finding where a migration fails."""
        subject = getattr(linter, "subject", "the catalog")
        what = f"{subject} {'is' if subject == 'the catalog' else 'are'} not checked"
        if isinstance(error, MigrationError):
            self.notes.append(Note(Outcome.UNDECIDED, what, "the schema does not apply"))
            return [_not_applied(error)]
        outcome = Outcome.FAILED if isinstance(error, SchemaError) else Outcome.ERROR
        self.notes.append(Note(outcome, what, str(error)))
        return []


def _readable(path: Path) -> str:
    """The text of a file; of a program, in which SQL stands, as far as it can be read."""
    if path == NOWHERE.path:
        return ""
    if path.suffix in SQL:
        return text(path)
    return contents(path).decode("utf-8", "replace")


def _not_applied(error: MigrationError) -> Finding:
    """A schema that does not apply: never remembered, since a server may have been the reason."""
    (path, line), failure = error.location, error.failure
    message = f"the schema does not apply: {failure.sqlstate} {failure.message}"
    return Finding(path, line, 1, "harness", NOT_APPLIED, message, "error")
