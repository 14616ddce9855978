"""The steps: each tells a Progress what it does and finds."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Location, Outcome, Result
from harness.run.progress import Progress, failed, not_run, step, whole

if TYPE_CHECKING:  # an unchanged project is linted without a server, nor what connects to one
    from harness.instance import Instance
    from harness.postgres.database import Template
    from harness.postgres.snapshot import Catalog, Difference
    from harness.run.proving import Wish


def lint(config: Config, progress: Progress, fix: bool = False) -> None:
    """Lint the schema and the test files, on a server of its own where one is needed."""
    from harness.run import linting

    def looking(name: str, number: int) -> None:
        progress.expect("lint", number, "linter")
        progress.advance("lint", 0 if name == linters[0] else 1, name)

    from harness.lint import LINTERS

    linters = [one.name for one in LINTERS]
    with step(progress, "lint"):
        linted = linting.lint(config, lambda: linting.applied(config), fix, looking)
        if linted is None:
            progress.take(not_run("lint", "no SQL files"))
            return
        for group in linted.groups:
            progress.take(group)


def apply(instance: Instance, progress: Progress) -> None:
    """Apply the schema to an empty database and say what it created."""
    from harness.run.migrating import source_of

    source = source_of(instance)
    created = _catalog(instance, instance.template).difference(_catalog(instance, instance.empty))
    judged = source.name == "command"  # it looks at more than the catalog: at roles, for one
    if not source.migrations and not created and not judged:
        raise ConfigError(f"{instance.config.schema}: there is no migration here, and no schema")
    number = len(source.migrations) or 1  # some tools do not tell, and apply all of them as one
    applied = f"{number} migration{'' if number == 1 else 's'} applied"
    kinds = _kinds(created)
    said = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    place = Location(instance.config.schema or instance.config.root, 0)
    result = Result(
        Outcome.PASSED,
        f"{applied}: {said}" if said else applied,
        place,
        id="harness:apply",
        evidence=str(created),
        facts={"migrations": number, "created": kinds},
    )
    progress.take(whole("apply", result))


def migrations(instance: Instance, progress: Progress) -> None:
    """Try every migration: up, down, up, twice, with rows, while a second session works."""
    from harness.run import migrating

    progress.expect("migrations", migrating.revisions(instance), "revision")
    untried, passed = 0, True
    with closing(migrating.tried(instance)) as groups:  # type: ignore[type-var]
        for group in groups:
            progress.advance("migrations", doing=group.name)
            progress.take(group)
            untried += any(one.outcome is Outcome.SKIPPED for one in group.results)
            passed = passed and group.passed
    if untried and passed:  # what kept them from being run was accepted
        said = f"{untried} revision{' was' if untried == 1 else 's were'} not run"
        progress.take(failed("migrations", f"{said}, and that is not a pass"))


def properties(instance: Instance, progress: Progress, wish: Wish | None = None) -> None:
    """Hold the properties of the schema against generated rows.

    A schema without any fails where they were asked for (``wish``), and is told of elsewhere.
    """
    from harness.run.proving import Proving, Wish

    proving = Proving(instance, wish or Wish())
    if not proving.promises and not proving.is_broken:
        nothing = "nothing of the kind is promised, and that is not a pass"
        asked = wish is not None
        group = (
            failed("properties", nothing) if asked else not_run("properties", "nothing is promised")
        )
        progress.take(group)
        return
    progress.expect("properties", len(proving.tables), "table")
    decided = False
    with closing(proving.run()) as tables:
        for decisions in tables:
            group = proving.group(decisions)
            decided |= any(r.outcome is not Outcome.UNDECIDED for r in group.results)
            progress.advance("properties", doing=group.path.name)
            progress.take(group)
    if not decided:
        progress.take(failed("properties", "nothing was decided, and that is not a pass"))


def _kinds(created: Difference) -> dict[str, int]:
    """Kind of object -> how many were created, in the plural where they are."""
    counts = Counter(change.kind for change in created.added)
    return {kind if n == 1 else _plural(kind): n for kind, n in counts.items() if kind in _SAID}


def _plural(kind: str) -> str:
    return {"index": "indexes", "policy": "policies"}.get(kind, f"{kind}s")


_SAID = ("schema", "extension", "type", "domain", "sequence", "table", "view", "materialized view",
         "index", "function", "procedure", "trigger", "policy")  # fmt: skip
"""What is counted in a line; --verbose lists all of it."""


def _catalog(instance: Instance, template: Template) -> Catalog:
    """What a template contains, but for the library and the notes of the schema's tool."""
    from harness.postgres.snapshot import Catalog

    tables = instance.source.bookkeeping if instance.source else ()
    with template.cloned() as database, database.connect() as connection:
        return Catalog.of(connection, ignore=(instance.config.pgtap_schema,), tables=tables)
