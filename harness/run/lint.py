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
from harness.core.findings import Finding, Findings
from harness.core.results import NOWHERE, Group, Kind, Location, Outcome, Result
from harness.lint import Project, look_at
from harness.run.progress import Progress, not_run, step
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
        for note in self.findings.notes:
            result = Result(Outcome.UNDECIDED, note, NOWHERE, id="harness:bodies")
            yield Group(NOWHERE.path, (result,), kind=Kind.STEP, step="lint", name="lint")

    def _by_outcome(self) -> tuple[tuple[Outcome, tuple[Finding, ...]], ...]:
        return (Outcome.FAILED, self.findings.found), (Outcome.ADVICE, self.findings.advice)


def lint(config: Config, progress: Progress, fix: bool = False) -> None:
    """Lint the schema and the test files; with ``fix``, repair what can be.

    A server is started where a linter has to see the schema on one. Raises ConfigError.
    """
    with step(progress, "lint"):
        files = lint_files(config)
        if not files and config.schema is not None:  # they are a tool's own, and none of them SQL
            progress.take(not_run("lint", "no SQL files"))
            return
        if not files:
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
    """The schema's files, ``seed.sql`` beside it, and every SQL file below the test paths."""
    source = open_source(config)
    found = list(source.files) if source else []
    if config.schema is not None and (seed := config.schema.parent / "seed.sql").is_file():
        found.append(seed)
    for place in config.tests:
        found += [place] if place.is_file() else sorted(place.rglob("*.sql"))
    return [path for path in dict.fromkeys(found) if path.suffix == ".sql"]


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
