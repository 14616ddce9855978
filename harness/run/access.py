"""The step ``access``: who may do what, tried in a clone of the template."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from harness.access.grid import is_shown, text
from harness.access.record import Record
from harness.access.results import groups
from harness.access.survey import Facts, NotSuperuser, survey
from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Group, Outcome
from harness.instance import Instance, open_instance
from harness.postgres.schema_model import Name, Schema
from harness.properties.source_location import of_table
from harness.rowgen.storage import keep_out
from harness.run.earlier import Earlier, earlier, known_before
from harness.run.progress import Progress, failed, not_run

_TIMID = "no record is configured: nobody notices if access changes"


def access(
    instance: Instance,
    progress: Progress,
    tables: Sequence[str] | None = None,
    remarks: list[str] | None = None,
) -> None:
    """Try what every role may do. ``tables`` is None where it was not asked for by itself.

    A schema without roles and policies says nothing then, and fails where it was asked. Where
    revisions are old, the relations are tried that somebody may reach otherwise by what is new,
    unless a record says what is expected. Of a change since a reference, what failed before it,
    too, is known.
    """
    with earlier(instance) as past:
        unchanged = past is not None and not past.age.new and record_path(instance.config) is None
        if unchanged and not tables:
            if tables is not None:
                progress.take(not_run("access", "no revision is new"))
            return
        _access(instance, progress, tables, remarks, past)


def _access(
    instance: Instance,
    progress: Progress,
    tables: Sequence[str] | None,
    remarks: list[str] | None,
    past: Earlier | None,
) -> None:
    reached = None
    if past is not None and not tables and record_path(instance.config) is None:
        reached = past.reached
    if reached is not None and not reached:
        if tables is not None:
            progress.take(not_run("access", "nothing that is new changes who reaches a relation"))
        return
    try:
        facts = facts_of(instance, tables or (), reached)
    except NotSuperuser as error:
        if tables is not None:
            raise
        progress.take(not_run("access", error.reason))
        return
    if not facts.catalog.tried:
        if facts.catalog.policies or tables is not None:
            nothing = "no role is granted anything, and no policy names one: nothing to try"
            progress.take(failed("access", nothing))
        return
    progress.expect("access", len(facts.catalog.relations), "relation")
    place = partial(of_table, sources=_sources(instance))
    path = record_path(instance.config)
    record = Record.read(path) if path is not None and not tables else None
    for group in _judged(groups(facts, place, record), past, record):
        progress.take(group)
    if remarks is not None:
        shown = [text(grid) for grid in facts.grids if is_shown(grid)]
        remarks += [*shown, *([_TIMID] if path is None and not instance.config.elsewhere else [])]


def _judged(found: Iterable[Group], past: Earlier | None, record: Record | None) -> Iterator[Group]:
    """Groups, with what failed before the change, too, as known.

    With a baseline alone, its file says what is known.
    """
    changes = past.age.changes if past is not None else None
    if past is None or past.before is None or changes is None:
        yield from found
        return
    failed: set[tuple[str, str]] | None = None
    for group in found:
        if group.passed:
            yield group
            continue
        if failed is None:
            before = groups(facts_of(past.before, (), past.reached), lambda _: None, record)
            results = (one for earlier_group in before for one in earlier_group.results)
            failed = {(one.id, one.title) for one in results if one.outcome is Outcome.FAILED}
        yield known_before(group, failed, changes.since)


def facts_of(
    instance: Instance, tables: Sequence[str] = (), reached: Collection[Name] | None = None
) -> Facts:
    """The facts of an instance's schema, or of some relations.

    Raises ConfigError for a table that is not there.
    """
    config, source = instance.config, instance.source
    keep_out(config)
    with instance.template.cloned() as database:
        if tables:
            with database.connect() as connection:
                schema = Schema.read(connection, [config.pgtap_schema])
            tables = [str(schema.table(name)) for name in tables]
        elif reached is not None:
            tables = [*map(str, reached)]
        provided = source.provided if source is not None else frozenset[str]()
        tenant = config.properties.get("tenant", "")
        return survey(database, [config.pgtap_schema], provided, tables, tenant)


def answers(facts: Facts, relation: str) -> dict[str, dict[str, dict[str, str]]]:
    """Role -> identity -> command -> answer of a relation, ``"schema.name"`` or ``"name"``.

    Raises KeyError where there is none of that name.
    """
    found = [g for g in facts.grids if relation in (str(g.relation), g.relation.name.name)]
    if not found:
        raise KeyError(relation)
    return {
        grid.role: {
            identity: {command: cell.answer for command, cell in row.items()}
            for identity, row in grid.cells.items()
        }
        for grid in found
    }


def record_path(config: Config) -> Path | None:
    """The file of the record, if one is configured."""
    name = config.access.get("record")
    return config.root / name if name else None


def record(config: Config) -> str:
    """Write down what everybody may do; what is to be said of it.

    Raises ConfigError where nobody has said where.
    """
    path = record_path(config)
    if path is None:
        raise ConfigError('record: say where, with record = "access.json" in [tool.harness.access]')
    with open_instance(config) as instance:
        now = Record.of(facts_of(instance))
    now.write(path)
    return f"recorded {len(now.facts)} facts in {path}"


def _sources(instance: Instance) -> dict[Path, str]:
    """What makes the schema, without what unmakes it."""
    source = instance.source
    if source is None:
        return {}
    ups = {migration.up for migration in source.migrations}
    downs = {one.down for one in source.migrations if one.down} - ups
    return {p: p.read_text("utf-8", "replace") for p in source.files if p not in downs}
