"""The baseline: up to which revision a history is as it is, and what is known of its objects."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Group, Outcome
from harness.instance import Instance, Shared, joined, open_instance
from harness.run import known
from harness.run.progress import Progress
from harness.run.subprocesses import beside
from harness.sources import SchemaSource, open_source
from harness.sources.age import age_of

_SETTING = re.compile(
    r'^(?P<key>[ \t]*baseline[ \t]*=[ \t]*)(?:"[^"\n]*"|\'[^\'\n]*\')', re.MULTILINE
)
_TABLE = re.compile(r"^\[tool\.harness\][ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass
class _Gathered:
    """Takes what steps find, and shows nothing."""

    groups: list[Group] = field(default_factory=list)

    def begin(self, step: str) -> None:
        """Nothing."""

    def expect(self, step: str, total: int, noun: str) -> None:
        """Nothing."""

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        """Nothing."""

    def take(self, group: Group) -> None:
        """Keep it. Raises ConfigError where something could not be tried."""
        for one in group.all:
            if one.outcome is Outcome.ERROR:
                raise ConfigError(f"baseline: {one.title}; repair that first")
        self.groups.append(group)

    def end(self, step: str, seconds: float) -> None:
        """Nothing."""


def baseline(config: Config, update: bool = False) -> str:
    """Write down what is known at the baseline; what is to be said of it.

    With ``update`` the last revision becomes the baseline. Raises HarnessError, and MigrationError
    where the schema does not apply.
    """
    source = open_source(config)
    if source is None or not source.migrations:
        raise ConfigError("baseline: there are no revisions here that a tool tells one by one")
    moved = update or not config.baseline
    revision = last_revision(source) if moved else _configured(config, source)
    written = write(config, source, revision)
    said = [written]
    if moved and config.baseline != revision:
        said.append(_set(config.root / "pyproject.toml", revision))
    return "\n".join(said)


def last_revision(source: SchemaSource) -> str:
    """The name of the newest revision."""
    return source.migrations[-1].name


def write(config: Config, source: SchemaSource, revision: str) -> str:
    """Write the file of what is known when a revision is the last one; what is to be said."""
    file = known_at(config, source, revision)
    file.write(config.root / known.NAME)
    return f"{known.NAME}: {file.said}"


def known_at(config: Config, source: SchemaSource, revision: str) -> known.File:
    """What is known when a revision is the last one."""
    names = [one.name for one in source.migrations]
    until = names.index(revision) + 1
    later = frozenset(names[until:])
    then = replace(config, baseline=revision, since=None, since_refs=(), left_out=later)
    with open_instance(replace(then, baseline=None)) as instance:
        instance.prepare()  # what does not apply is said as it is
        groups = [*linted(then, instance), *of_objects(instance)]
    return known.File.of(groups, config.root, names[:until])


def linted(config: Config, instance: Instance) -> list[Group]:
    """What linters find, those on a server on that of the instance."""
    from harness.run.lint import lint

    gathered = _Gathered()
    with beside(partial(lint, config, shared=instance.shared), gathered) as ended:
        ended()
    return gathered.groups


def tried(config: Config, instance: Instance) -> list[Group]:
    """What is found when every revision is tried, as far as a gate would."""
    from harness.run.migrations import migrations, why_not

    gathered = _Gathered()
    if not why_not(instance):
        with open_instance(config) as own:
            migrations(own, gathered)
    return gathered.groups


def of_objects(instance: Instance) -> list[Group]:
    """What is found of properties and access, of whatever the instance's schema has."""
    from harness.run.access import access

    gathered, config = _Gathered(), instance.config
    if config.properties.get("enabled", True):
        _properties(instance, gathered)
    if config.access.get("enabled", True):
        access(instance, gathered)
    return gathered.groups


def _properties(instance: Instance, gathered: _Gathered) -> None:
    """Decide all properties in several processes: threads would share one interpreter lock."""
    from harness.properties.results import path_of
    from harness.run.properties import PropertyRun

    paths = [str(path_of(table)) for table in PropertyRun(instance).tables]
    jobs = max(1, min(instance.config.jobs, len(paths)))
    config = replace(instance.config, jobs=1)
    with ExitStack() as stack:
        waiting = [
            stack.enter_context(beside(partial(_share, config, instance.shared, share), gathered))
            for share in (frozenset(paths[n::jobs]) for n in range(jobs))
            if share
        ]
        for wait in waiting:
            wait()


def _share(config: Config, shared: Shared, paths: frozenset[str], progress: Progress) -> None:
    """Decide the properties of some tables. Nobody reads the evidence: any will do."""
    from harness.run.properties import PropertyOptions, properties

    with joined(config, shared) as instance:
        properties(instance, progress, PropertyOptions(paths=paths, shortest=False))


def _configured(config: Config, source: SchemaSource) -> str:
    age = age_of(replace(config, since_refs=()), source)
    assert age is not None
    return age.baseline


def _set(path: Path, revision: str) -> str:
    """Put the revision into the configuration, where a line there says another."""
    line = f'baseline = "{revision}"'
    text = path.read_text("utf-8") if path.is_file() else ""
    table = _TABLE.search(text)
    end = text.find("\n[", table.end()) if table else -1
    inside = text[table.end() : end if end >= 0 else len(text)] if table else ""
    if table and (found := _SETTING.search(inside)):
        at = table.end() + found.start()
        changed = text[:at] + found["key"] + f'"{revision}"' + text[table.end() + found.end() :]
        path.write_text(changed, encoding="utf-8")
        return f"{path.name}: {line}"
    return f"write this into [tool.harness] of {path.name}:\n  {line}"


def remarks(config: Config) -> list[str]:
    """What is said once of a run about what is old. Raises ConfigError."""
    if config.since == "auto" and not config.since_refs:
        return ["since auto: no pull request is being built here, so everything is judged"]
    age = age_of(config, open_source(config))
    return age.remarks if age is not None else []
