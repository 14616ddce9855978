"""The step ``properties``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Group, Outcome
from harness.core.text import matching_nothing, nearest
from harness.instance import Instance, open_instance
from harness.postgres.schema_model import Name, Schema
from harness.postgres.server.cache import Cache, key
from harness.properties.base import Decision, Property, PropertyCheck
from harness.properties.campaign import Campaign
from harness.properties.check_context import Tools
from harness.properties.checks import CHECKS, made
from harness.properties.guards import UNNOTICED, guards
from harness.properties.property_checker import Terms
from harness.properties.record import GUARD, Guard, Record
from harness.properties.results import allowance, of_table, path_of
from harness.properties.shrinking import Examples
from harness.rowgen.storage import keep_out
from harness.run.earlier import Earlier, earlier, known_before
from harness.run.progress import Progress, failed, not_run
from harness.sources import texts_without_downs


@dataclass(frozen=True, slots=True)
class PropertyOptions:
    """What is asked for beyond the configuration."""

    only: Sequence[str] = ()
    """Checks or groups of them; none is all."""
    tables: Sequence[str] = ()
    seed: int = 0
    examples: int = 0
    """Rows that each property is tried with; 0 is what the configuration says."""
    matches: Callable[[Sequence[str]], bool] | None = None
    """Whether a property is wanted, by its table's path and its id; None is all."""
    paths: Collection[str] | None = None
    """The tables that are wanted, as ``properties/tasks``; None is all."""
    touched: Collection[Name] | None = None
    """The tables that something new touches; None is all."""
    shortest: bool = True
    """Whether evidence is made as short as it can be, for who reads it."""


@dataclass(frozen=True)
class PropertyRun:
    """Property checks on an instance. Raises ConfigError for names that nothing has."""

    instance: Instance
    options: PropertyOptions = PropertyOptions()

    @property
    def _config(self) -> Config:
        return self.instance.config

    @cached_property
    def campaign(self) -> Campaign:
        """The campaign over the template's schema."""
        keep_out(self._config)
        settings = self._config.properties
        examples = Examples(
            Cache(self._config.cache_dir).root / "examples" / key(self._config.root)
        )
        every = made(settings.get("tenant", ""))
        if not self._config.elsewhere:
            self._refuse_unknown(every)
        checks = {n: one for n, one in every.items() if self._wanted(n, one.group)}
        tools = Tools(self.instance.template.cloned)
        rows = self.options.examples or settings.get("examples", 1)
        shortest = self.options.shortest
        terms = Terms(checks, tools, self.options.seed, rows, examples, shortest)
        return Campaign(self.schema, terms)

    def _refuse_unknown(self, every: Mapping[str, PropertyCheck]) -> None:
        """Raise ConfigError where ``tenant`` is no column, or ``allow`` fits no property.

        A schema without tables has nothing that they could fit, and no verdict that they change.
        """
        source = self.instance.source
        provided = source.provided if source else frozenset[str]()
        own = [one for one in self.schema if one.name.schema not in provided and one.holds_rows]
        columns = {column.name for one in own for column in one.columns}
        tenant, allowed = self._config.properties.get("tenant"), self._allowed
        if own and tenant and tenant not in columns:
            raise ConfigError(f"tenant: no table has a column {tenant!r}{nearest(tenant, columns)}")
        if own and allowed:
            declared = {p.id for one in every.values() for p in one.properties(self.schema)}
            recorded = {p.id for p in self._record.words} if self._record else set[str]()
            if unknown := matching_nothing(allowed, declared | recorded):
                raise ConfigError(f"allow: {unknown}")

    @cached_property
    def schema(self) -> Schema:
        """The tables of the template."""
        ignore = [self._config.pgtap_schema]
        with self.instance.template.cloned() as database, database.connect() as connection:
            notes = [".".join(name) for name in self.instance.bookkeeping]
            return Schema.read(connection, ignore, notes)

    @cached_property
    def properties(self) -> list[Property]:
        """The properties that are wanted, table by table."""
        tables = [self._named(name) for name in self.options.tables]
        return [p for p in self.campaign.properties(tables) if self._is_wanted(p)]

    def _named(self, name: str) -> Name:
        """The table, view or materialized view of that name. Raises ConfigError."""
        views = [v.name for v in self.schema.materialized if name in (str(v), v.name.name)]
        return views[0] if views else self.schema.table(name).name

    def _is_wanted(self, prop: Property, anywhere: bool = False) -> bool:
        """Whether it was asked for; ``anywhere``, in tables that nothing new touches, too."""
        if prop.check == GUARD:
            return not self.options.only and self._is_chosen(prop, anywhere)
        if prop.check not in self.campaign.terms.checks or self._is_foreign(prop):
            return False
        return self._is_chosen(prop, anywhere)

    def _is_chosen(self, prop: Property, anywhere: bool) -> bool:
        """By its table, or by path and id."""
        tables = self.options.tables
        if tables and not {str(prop.table), prop.table.name} & set(tables):
            return False
        path, matches = str(path_of(prop.table)), self.options.matches
        here = self.options.paths is None or path in self.options.paths
        touched = None if anywhere else self.options.touched
        here = here and (touched is None or prop.table in touched)
        return here and (matches is None or matches((path, prop.id)))

    def _is_foreign(self, prop: Property) -> bool:
        """Whether the platform makes it: of its tables, only triggers are the project's.

        And of these, not those that run the functions of their own schema.
        """
        source, check = self.instance.source, self.campaign.terms.checks[prop.check]
        if source is None or self.options.tables or prop.table.schema not in source.provided:
            return False
        if check.group != "triggers":
            return True
        table = self.schema.by_name.get(prop.table)
        triggers = table.triggers if table is not None else ()
        named = [one for one in triggers if one.name == prop.object] or triggers
        return all(one.function.schema == prop.table.schema for one in named)

    @property
    def tables(self) -> list[Name]:
        """The tables that have properties."""
        return list(dict.fromkeys(prop.table for prop in self.properties))

    def run(self) -> Generator[list[Decision]]:
        """Decide them, table by table, and find those that the catalog makes no more."""
        broken = list(self._record.broken(self._declared)) if self._record else []
        # Whatever is new: where an old file was edited, nothing is, and the record is broken.
        broken = [decision for decision in broken if self._is_wanted(decision.prop, anywhere=True)]
        with closing(self.campaign.run(self.properties, self._config.jobs)) as tables:
            for decisions in tables:
                table = decisions[0].prop.table
                yield decisions + [one for one in broken if one.prop.table == table]
        here = set(self.tables)
        gone = [decision for decision in broken if decision.prop.table not in here]
        for _, lost in groupby(gone, lambda decision: decision.prop.table):
            yield list(lost)

    @property
    def is_broken(self) -> bool:
        """Whether something that is recorded is declared no more."""
        return self._record is not None and any(self._record.broken(self._declared))

    @cached_property
    def _record(self) -> Record | None:
        path = record_path(self._config)
        return Record.read(path) if path else None

    @property
    def _declared(self) -> Record:
        declared = Record.of(self.schema, self.campaign.properties())
        return declared.with_guards(self.guards)

    @property
    def recorded(self) -> Record:
        """What the schema declares now, in words."""
        return Record.of(self.schema, self.properties).with_guards(self.guards)

    @cached_property
    def guards(self) -> tuple[Guard, ...]:
        """What guards rows beside what is tried, with its words."""
        source = self.instance.source
        provided = source.provided if source else frozenset[str]()
        ignore = [self._config.pgtap_schema, *provided]
        with self.instance.template.cloned() as database, database.connect() as connection:
            return tuple(guards(connection, ignore))

    def group(self, decisions: Sequence[Decision]) -> Group:
        """What was decided of a table, as reports have it."""
        return of_table(decisions, self._sources, self._allowed)

    def allows(self, decision: Decision) -> bool:
        """Whether the configuration accepts that a property fails."""
        return bool(allowance(decision, self._allowed))

    @property
    def _allowed(self) -> dict[str, str]:
        return dict(self._config.properties.get("allow", {}))

    @cached_property
    def _sources(self) -> dict[Path, str]:
        return texts_without_downs(self.instance.source)

    def _wanted(self, check: str, group: str) -> bool:
        known = {name for one in CHECKS for name in (one.id, one.group)}
        for name in self.options.only:
            if name not in known:
                raise ConfigError(f"only: there is no check {name!r}{nearest(name, sorted(known))}")
        return not self.options.only or check in self.options.only or group in self.options.only


def properties(
    instance: Instance, progress: Progress, options: PropertyOptions | None = None
) -> None:
    """Hold the properties of the schema against generated rows.

    A schema without any fails where they were asked for (``wish``), and is told of elsewhere.
    Where revisions are old, those of the tables that something new touches are tried.
    """
    with earlier(instance) as found:
        _properties(instance, progress, options, found)


def _properties(
    instance: Instance, progress: Progress, options: PropertyOptions | None, past: Earlier | None
) -> None:
    wanted = options or PropertyOptions()
    if past is not None and not wanted.tables:
        wanted = replace(wanted, touched=past.touched)
    property_run = PropertyRun(instance, wanted)
    if not property_run.properties and not property_run.is_broken and wanted.touched is not None:
        progress.take(not_run("properties", "nothing that is new touches a table"))
        return
    if not property_run.properties and not property_run.is_broken:
        nothing = "nothing of the kind is declared, and that is not a pass"
        asked = options is not None
        why = "the schema declares nothing to try"
        group = failed("properties", nothing) if asked else not_run("properties", why)
        progress.take(group)
        return
    progress.expect("properties", len(property_run.tables), "table")
    groups = list[Group]()
    with closing(property_run.run()) as tables:
        for decisions in tables:
            group = property_run.group(decisions)
            if past is not None and not group.passed:
                group = _without_earlier(group, past)
            groups.append(group)
            progress.advance("properties", doing=group.path.name)
            progress.take(group)
    if nothing_decided(groups):
        progress.take(failed("properties", NOTHING_DECIDED))


def _without_earlier(group: Group, past: Earlier) -> Group:
    """A table's results, with what failed before the change, too, as something to be expected.

    With a baseline alone, its file says what is known.
    """
    if past.age.changes is None or past.before is None:
        return group
    before = PropertyRun(past.before, PropertyOptions(paths=(str(group.path),)))
    failed_before = {
        (one.id, one.title)
        for decisions in before.run()
        for one in before.group(decisions).results
        if one.outcome is Outcome.FAILED
    }
    return known_before(group, failed_before, past.age.changes.since)


NOTHING_DECIDED = "nothing was decided, and that is not a pass"


def nothing_decided(groups: Iterable[Group]) -> bool:
    """Whether every property that was tried is undecided."""
    outcomes = {result.outcome for group in groups for result in group.results}
    return outcomes == {Outcome.UNDECIDED}


def record_path(config: Config) -> Path | None:
    """The file of the record, if one is configured."""
    name = config.properties.get("record")
    return config.root / name if name else None


def unnoticed(config: Config) -> list[str]:
    """What is not looked at without a record, in a line; none where there is one."""
    return [] if record_path(config) or config.elsewhere else [UNNOTICED]


def record(config: Config) -> str:
    """Write down the properties that there are now; what is to be said of it.

    Raises ConfigError where nobody has said where.
    """
    path = record_path(config)
    if path is None:
        raise ConfigError(
            'record: say where, with record = "properties.json" in [tool.harness.properties]'
        )
    with open_instance(config) as instance:
        now = PropertyRun(instance).recorded
    now.write(path)
    return f"recorded {len(now.words)} properties in {path}"
