"""The baseline: up to which revision a history is as it is, and what is known of its objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Group, Outcome
from harness.core.text import count
from harness.instance import Instance, open_instance
from harness.run import known
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
    names = [one.name for one in source.migrations]
    later = frozenset(names[names.index(revision) + 1 :])
    then = replace(config, baseline=revision, since=None, since_refs=(), left_out=later)
    path = config.root / known.NAME
    numbers = known.write(path, _groups(then), config.root, revision)
    several = ", ".join(f"{number} {outcome}" for outcome, number in sorted(numbers.items()))
    return f"{path.name}: {count(numbers.total(), 'result')} known at {revision}" + (
        f" ({several})" if several else ""
    )


def _groups(config: Config) -> list[Group]:
    from harness.run.lint import lint

    gathered = _Gathered()
    every = replace(config, baseline=None)  # all of the properties, whatever touches their tables
    with open_instance(every) as instance:
        instance.prepare()  # what does not apply is said as it is
        with beside(partial(lint, config), gathered) as linted:
            _on_a_server(config, instance, gathered)
            linted()
    return gathered.groups


def _on_a_server(config: Config, instance: Instance, gathered: _Gathered) -> None:
    from harness.run.access import access
    from harness.run.properties import properties

    if config.properties.get("enabled", True):
        properties(instance, gathered)
    if config.access.get("enabled", True):
        access(instance, gathered)


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
