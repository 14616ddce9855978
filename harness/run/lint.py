"""The step ``lint``: a project's files, and what linters find in them.

Nothing here loads a linter or a server: what is remembered needs neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.files import find
from harness.core.findings import Finding, Findings, Note
from harness.core.results import NOWHERE, SQL, Group, Kind, Location, Outcome, Result
from harness.lint import Project, look_at
from harness.run.progress import Progress, step, whole
from harness.sources import open_source


@dataclass(frozen=True, slots=True)
class Linted:
    """What linters have found in a project."""

    findings: Findings
    files: tuple[Path, ...]
    fixed: tuple[Path, ...] = ()

    @property
    def groups(self) -> Iterator[Group]:
        """One group for each file, and one for what could not be looked at."""
        found: dict[Path, list[Result]] = {path: [] for path in self.files}
        for outcome, ones in self._by_outcome():
            for one in ones:
                found.setdefault(one.path, []).append(_result(one, outcome))
        for path, results in found.items():
            clean = Result(Outcome.PASSED, "nothing to object to", Location(path, 0), id="lint")
            notes = ("fixed",) if path in self.fixed else ()
            of_it = tuple(results) if any(not r.outcome.ok for r in results) else (clean, *results)
            yield Group(path, of_it, notes=notes, kind=Kind.FINDING, step="lint")
        told = [_not_looked_at(note) for note in self.findings.notes]
        told += [
            Result(Outcome.PASSED, what, NOWHERE, id=f"harness:{what.split()[-1]}")
            for what in self.findings.looked_at
        ]
        for result in told:
            yield whole("lint", result)

    def _by_outcome(self) -> Iterator[tuple[Outcome, tuple[Finding, ...]]]:
        yield Outcome.FAILED, self.findings.found
        yield Outcome.ADVICE, self.findings.advice
        yield Outcome.UNDECIDED, self.findings.undecided


def lint(config: Config, progress: Progress, fix: bool = False) -> None:
    """Lint the schema and the test files; with ``fix``, repair what can be.

    A server is started where a linter has to see the schema on one. Raises ConfigError.
    """
    with step(progress, "lint"):
        files = lint_files(config)
        if not files and config.schema is None:
            said = "nothing to lint: no schema and no test files; see --schema and --tests"
            raise ConfigError(said)
        look = look_at(Project(config, open_source(config), tuple(files), lambda: _applied(config)))
        names = [one.name for one in look.linters]

        def looking(name: str) -> None:
            progress.expect("lint", len(names), "linter")
            progress.advance("lint", 0 if name == names[0] else 1, name)

        look = replace(look, looking=looking)
        fixed = tuple(look.fix()) if fix else ()
        for group in Linted(look.findings(), tuple(files), fixed).groups:
            progress.take(group)


def _not_looked_at(note: Note) -> Result:
    """What was not looked at as a whole."""
    title, _, more = f"{note.what}: {note.why}".partition("\n")
    if note.outcome is Outcome.SKIPPED:
        title, more = f"{note.what} not run: {note.why}", ""
    reason = note.why if note.outcome is Outcome.SKIPPED else ""
    id_ = "harness:bodies" if note.what.startswith("function") else f"harness:{note.what}"
    return Result(note.outcome, title, NOWHERE, more, reason, id=id_)


def _result(one: Finding, outcome: Outcome) -> Result:
    first, *more = one.message.splitlines()
    return Result(
        outcome,
        first,
        Location(one.path, one.line),
        "\n".join(more),
        id=one.rule,
        column=one.column,
        help=one.help,
        facts={"linter": one.linter, "code": one.code, "severity": one.severity},
    )


def lint_files(config: Config) -> list[Path]:
    """The schema's files, ``seed.sql`` beside it, and every SQL file below the test paths.

    Of the tests those that are run: what is hidden, or installed by a package manager, is not.
    """
    source = open_source(config)
    found = list(source.files) if source else []
    if config.schema is not None and (seed := config.schema.parent / "seed.sql").is_file():
        found.append(seed)
    found += find(config.tests)
    return [path for path in dict.fromkeys(found) if path.suffix in SQL]


@contextmanager
def _applied(config: Config) -> Iterator[Any]:
    """A connection to a database with the schema, on a server of our own.

    Raises MigrationError, ServerError.
    """
    from harness.instance import open_instance

    with (
        open_instance(config) as instance,
        instance.template.cloned() as database,
        database.connect() as connection,
    ):
        yield connection
