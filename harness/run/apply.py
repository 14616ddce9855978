"""The step ``apply``: the schema on an empty database, and what it created."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.core.errors import ConfigError
from harness.core.results import Location, Outcome, Result
from harness.core.text import count, plural
from harness.run.progress import Progress, whole

if TYPE_CHECKING:
    from pathlib import Path

    from harness.instance import Instance
    from harness.postgres.database import Template
    from harness.postgres.snapshot import Catalog, Difference
    from harness.sources import SchemaSource


def apply(instance: Instance, progress: Progress) -> None:
    """Apply the schema to an empty database and say what it created."""
    source = source_of(instance)
    created = _catalog(instance, instance.template).difference(_catalog(instance, instance.empty))
    judged = source.name == "command"  # it looks at more than the catalog: at roles, for one
    if not source.migrations and not judged and not (created and source.files):
        raise ConfigError(f"{instance.config.schema}: there is no migration here, and no schema")
    number = len(source.migrations) or 1  # some tools do not tell, and apply all of them as one
    applied = f"{count(number, 'migration')} applied"
    kinds = _kinds(created)
    said = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    place = Location(instance.config.schema or instance.config.root, 0)
    result = Result(
        Outcome.PASSED,
        f"{applied}: {said}" if said else applied,
        place,
        id="harness:apply",
        evidence=str(created),
        facts={"migrations": number, "created": kinds},
    )
    group = whole("apply", result)
    told = [
        *_nothing_created(created, source, place),
        *(Result(Outcome.ADVICE, w, place, id="harness:tool-warns") for w in source.warnings),
        *_unread(source, place, instance.config.root),
    ]
    progress.take(replace(group, results=(*group.results, *told)))


def _nothing_created(created: Difference, source: SchemaSource, place: Location) -> list[Result]:
    """That the migrations leave the database as it was: no later step has anything to look at."""
    if created or source.name == "command":
        return []
    title = "nothing was created: the database is as it was before"
    return [Result(Outcome.ADVICE, title, place, id="harness:nothing-created")]


def _unread(source: SchemaSource, place: Location, root: Path) -> list[Result]:
    """What lies beside the migrations and is none to their tool: worth a look."""
    from harness.core.text import relative
    from harness.sources.files import passed_over
    from harness.sources.ordered import Ordered

    if not isinstance(source, Ordered) or source.name == "sqitch":  # which has a plan
        return []
    if source.files == (source.path,):  # a file that was named, whatever lies beside it
        return []
    places = {migration.up.parent for migration in source.migrations}
    roots = [one for one in sorted(places) if not places & {*one.parents}]
    left = [path for one in roots for path in passed_over(one, source.counted, aside=True)]
    if source.name in ("sql_dir", "diesel"):  # which refuse a program that does more than run it
        own = {migration.name for migration in source.migrations}
        left = [path for path in left if path.suffix == ".sql" or path.stem not in own]
    if not left:
        return []
    names = "\n".join(relative(path, root) for path in left)
    files = f"{len(left)} file{'' if len(left) == 1 else 's'}"
    title = f"{files} beside the migrations {'is' if len(left) == 1 else 'are'} not applied"
    return [Result(Outcome.ADVICE, title, place, names, id="harness:not-applied")]


def source_of(instance: Instance) -> SchemaSource:
    """The source of an instance. Raises ConfigError where there is none."""
    if instance.source is None:
        from harness.sources.finding import refuse_none

        raise refuse_none(instance.config)
    return instance.source


def _kinds(created: Difference) -> dict[str, int]:
    """Kind of object -> how many were created, in the plural where they are."""
    counts = Counter(change.kind for change in created.added)
    return {kind if n == 1 else plural(kind): n for kind, n in counts.items() if kind in _SAID}


_SAID = ("schema", "extension", "type", "domain", "sequence", "table", "view", "materialized view",
         "index", "function", "procedure", "trigger", "policy")  # fmt: skip
"""What is counted in a line; --verbose lists all of it."""


def _catalog(instance: Instance, template: Template) -> Catalog:
    """What a template contains, but for the library and the notes of the schema's tool."""
    from harness.postgres.snapshot import Catalog

    tables = instance.source.bookkeeping if instance.source else ()
    with template.cloned() as database, database.connect() as connection:
        return Catalog.of(connection, ignore=(instance.config.pgtap_schema,), tables=tables)
