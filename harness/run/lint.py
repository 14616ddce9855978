"""The step ``lint``: a project's files, and what linters find in them.

Nothing here loads a linter or a server: what is remembered needs neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from harness.core.config import Config
from harness.core.errors import ConfigError, HarnessError
from harness.core.files import find
from harness.core.findings import Finding, Findings, Note
from harness.core.results import NOWHERE, SQL, Group, Kind, Location, Outcome, Result
from harness.lint import LINTERS, ON_A_SERVER, Linter, Project, look_at
from harness.run.progress import Progress, step, whole
from harness.sources import SchemaSource, open_source

if TYPE_CHECKING:
    import psycopg

    from harness.instance import Instance, Shared
    from harness.sources.age import Age


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
            clean = Result(Outcome.PASSED, "no findings", Location(path, 0), id="lint")
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
        yield Outcome.ADVICE, tuple(_once(self.findings.advice))
        yield Outcome.UNDECIDED, self.findings.undecided


def _once(advice: Iterable[Finding]) -> Iterator[Finding]:
    """Advice, what a linter says of one file in the same words once, with the number of places."""
    several: dict[tuple[Path, str, str], list[Finding]] = {}
    for one in advice:
        several.setdefault((one.path, one.rule, one.message), []).append(one)
    for first, *more in several.values():
        said = f"{first.message} ({len(more)} more in this file)" if more else first.message
        yield replace(first, message=said)


def lint(
    config: Config,
    progress: Progress,
    fix: bool = False,
    only: Collection[Path] = (),
    shared: Shared | None = None,
) -> None:
    """Lint the schema and the test files, or ``only`` some; with ``fix``, repair what can be.

    Where a linter has to see the schema on a server, it is the one that is ``shared``, or one that
    is started for it. Raises ConfigError.
    """
    with step(progress, "lint"):
        source = open_source(config)
        files = lint_files(config, source)
        if not files and config.schema is None and not only:
            said = "nothing to lint: no schema and no test files; see --schema and --tests"
            raise ConfigError(said)
        every = tuple(dict.fromkeys([*files, *only]))
        database = _Database(config, source, shared)
        scope = _Scope.of(config, source, every, only, database.connection)
        look = look_at(scope.project, scope.linters)
        seen: list[str] = []

        def looking(name: str) -> None:
            progress.expect("lint", len(look.linters), "linter")
            progress.advance("lint", 1 if seen else 0, name)
            seen.append(name)

        look = replace(look, looking=looking)
        with database:
            fixed = tuple(look.fix()) if fix else ()
            found = scope.judged(look.findings())
        for group in Linted(found, scope.project.judged, fixed).groups:
            progress.take(group)


def named(words: Sequence[str]) -> tuple[Path, ...]:
    """The files that words of the command line name, themselves or by a directory.

    Raises ConfigError.
    """
    found: list[Path] = []
    for word in words:
        path = Path(word).resolve()
        if not path.exists():
            raise ConfigError(f"{word}: there is no such file or directory to lint")
        below = find([path])
        if not below and path.is_dir():
            raise ConfigError(f"{word}: there is no SQL file below it to lint")
        found += below or [path]
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Scope:
    """What of a project is judged: all of it, what is new, or the files that were named."""

    project: Project
    age: Age | None
    only: frozenset[Path]

    @classmethod
    def of(
        cls,
        config: Config,
        source: SchemaSource | None,
        files: tuple[Path, ...],
        only: Collection[Path],
        applied: Callable[[], AbstractContextManager[Any]],
    ) -> _Scope:
        """Raises ConfigError for a named file that no linter reads."""
        written = {*source.written, *source.files} if source is not None else set[Path]()
        for path in only:
            if path.suffix not in SQL and path not in written:
                raise ConfigError(f"{path}: neither an SQL file nor one of the schema's")
        age = None
        if config.baseline or config.since_refs:
            from harness.sources.age import age_of

            age = age_of(config, source)
        narrowed: frozenset[Path] | None = None
        if only:
            narrowed = frozenset(only)
        elif age is not None:
            narrowed = frozenset(path for path in {*files, *written} if not age.is_old(path))
        project = Project(config, source, files, applied, narrowed)
        return cls(project, age, frozenset(only))

    @property
    def linters(self) -> Sequence[type[Linter]]:
        """All, but for those on a server where no file of the schema is asked for."""
        source = self.project.source
        schema = {*source.written, *source.files} if source is not None else set[Path]()
        if self.only and not self.only & schema:
            return [one for one in LINTERS if not one.on_a_server]
        return LINTERS

    def judged(self, findings: Findings) -> Findings:
        """What counts of the findings.

        What was found on a server stands where an object was made, and may be the doing of a new
        revision all the same: only what was found before that, too, is old.
        """
        if self.project.narrowed is None:
            return findings
        every = (*findings.found, *findings.advice, *findings.undecided)
        elsewhere = [one for one in every if not self.project.is_judged(one.path)]
        counted = [] if self.only else [one for one in elsewhere if _on_a_server(one)]
        if counted and self.age is not None and self.age.changes is not None:
            counted = _not_before(counted, self._before())
        left_out = Counter(elsewhere) - Counter(counted)

        def kept(several: Iterable[Finding]) -> tuple[Finding, ...]:
            return tuple(one for one in several if not left_out[one])

        return replace(
            findings,
            found=kept(findings.found),
            advice=kept(findings.advice),
            undecided=kept(findings.undecided),
        )

    def _before(self) -> list[Finding]:
        """What is found on a server that has the old revisions only."""
        from harness.sources.age import without

        assert self.age is not None
        names = frozenset(one.name for one in self.age.new)
        config = replace(self.project.config, left_out=self.project.config.left_out | names)
        assert self.project.source is not None
        source = without(self.project.source, names)
        with _Database(config, source) as database:
            project = replace(
                self.project, config=config, source=source, applied=database.connection
            )
            found = look_at(project, ON_A_SERVER).findings()
        return [*found.found, *found.advice, *found.undecided]


def _on_a_server(one: Finding) -> bool:
    """Whether it was found in the schema as a server has it."""
    return one.linter == "catalog" or one.code.startswith("HB")


def _not_before(found: Sequence[Finding], before: Iterable[Finding]) -> list[Finding]:
    """What was not found before, whichever file it stands in now."""
    known = Counter((one.rule, one.severity, one.message) for one in before)
    left = []
    for one in found:
        key = (one.rule, one.severity, one.message)
        if known[key] > 0:
            known[key] -= 1
        else:
            left.append(one)
    return left


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


def lint_files(config: Config, source: SchemaSource | None) -> list[Path]:
    """The schema's files, ``seed.sql`` beside it, and every SQL file below the test paths.

    Of the tests those that are run: what is hidden, or installed by a package manager, is not.
    """
    found = list(source.files) if source else []
    if config.schema is not None and (seed := config.schema.parent / "seed.sql").is_file():
        found.append(seed)
    found += find(config.tests)
    return [path for path in dict.fromkeys(found) if path.suffix in SQL]


@dataclass
class _Database:
    """The schema on a server, which is there once a linter asks for it: one for all of them."""

    config: Config
    source: SchemaSource | None
    shared: Shared | None = None
    """The server to use; None for one of our own."""
    _stack: ExitStack = field(default_factory=ExitStack)
    _instance: Instance | None = None
    _failure: HarnessError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection to a database of its own. Raises MigrationError, ServerError.

        A schema that does not apply is not tried again for the next linter.
        """
        if self._failure is not None:
            raise self._failure
        try:
            template = self._opened().template
        except HarnessError as error:
            self._failure = error
            raise
        with template.cloned() as database, database.connect() as connection:
            yield connection

    def _opened(self) -> Instance:
        from harness.instance import joined, open_instance

        if self._instance is None:
            at = joined(self.config, self.shared) if self.shared else None
            opened = at or open_instance(self.config, source=self.source)
            self._instance = self._stack.enter_context(opened)
        return self._instance
