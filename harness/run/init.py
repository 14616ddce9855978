"""``harness init``: what a project needs to begin, written once and never over what is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.core.config import TESTS_CONVENTIONS, Config
from harness.core.errors import ConfigError
from harness.core.results import Group
from harness.core.text import count
from harness.instance import Instance, open_instance
from harness.run import baseline, ci_files, known, scaffold
from harness.run.properties import PropertyRun
from harness.sources import SchemaSource, open_source
from harness.sources.age import age_of
from harness.sources.finding import others, refuse_none
from harness.sources.ordered import Ordered

RECORD = "properties.json"
SHORT, SHORT_OF_PROGRAMS = 20, 5
"""Revisions of a history that is judged before it is said to be old; a program takes longer."""
Ask = Callable[[str], bool]
"""``ask(question)``: whether the person at the terminal says yes."""


@dataclass
class ProjectSetup:
    """What is found, and what is missing."""

    config: Config
    dry_run: bool
    ask: Ask | None
    """None where there is no terminal: then what is assumed is said."""
    said: list[str] = field(default_factory=list)

    def run(self, ci: str | None = None, pre_commit: bool = False) -> str:
        """Write what is missing; what is to be said. Raises ConfigError, MigrationError."""
        source = open_source(self.config)
        if source is None:
            raise refuse_none(self.config)
        if ci is not None and ci not in ci_files.SERVERS:
            names = ", ".join(ci_files.SERVERS)
            raise ConfigError(f"init: ci: one of {names} is expected, not {ci!r}")
        if not self.dry_run and not os.access(self.config.root, os.W_OK):
            raise ConfigError(f"init: {self.config.root} cannot be written; --dry-run can be used")
        self._found(source)
        self._from_the_schema(source)
        self._run_on_changes(ci, pre_commit)
        return "\n".join(self.said)

    def _found(self, source: SchemaSource) -> None:
        root = self.config.root
        where = self.config.schema
        shown = where.relative_to(root) if where and where.is_relative_to(root) else where
        revisions = count(len(source.migrations), "revision")
        self.said.append(f"found: {source.name} in {shown}, {revisions}")
        if where is not None and not self.config.configured:
            for path, name in others(root, where):
                place = path.relative_to(root)
                self.said.append(f"found: {name} in {place}, too: --schema {place} takes that")
        tests = ", ".join(str(path.relative_to(root)) for path in self.config.tests)
        self.said.append(f"found: tests in {tests}" if tests else "found: no tests")
        self.said.append(f"found: {self._server()}")
        for name, files in ci_files.found(root):
            places = ", ".join(path.relative_to(root).as_posix() for path in files)
            runs = any(map(ci_files.runs_the_gate, files))
            self.said.append(f"found: {name} in {places}" + ", which runs harness" * runs)

    def _server(self) -> str:
        """Which server runs have."""
        if self.config.server:
            return "a server that the configuration names"
        if self.config.bindir:
            return f"no server; each run starts one of {self.config.bindir}"
        said = "no server is named, so each run starts its own"
        images = [
            f"PostgreSQL {version} in {path.relative_to(self.config.root).as_posix()}"
            for path, version in ci_files.images(self.config.root)
        ]
        if not images or self.config.versions:
            return said
        version = images[0].split()[1]
        return f"{', '.join(images)}; {said} (versions = [{version}] takes that version)"

    # --- what takes the schema on a server ------------------------------------------------

    def _from_the_schema(self, source: SchemaSource) -> None:
        """The configuration, what is known at the baseline, the record, and tests."""
        configured = self.config.configured
        record = RECORD if not configured else self.config.properties.get("record", "")
        record = "" if record and (self.config.root / record).exists() else record
        known_file = (self.config.root / known.NAME).exists()
        begins = not configured and not known_file and source.migrations
        if configured and self.config.baseline and not known_file:
            self._known_as_configured(source)
        if not (begins or record or not self.config.tests):
            self._settings(source, "")
            return
        every = replace(self.config, baseline=None, since=None, since_refs=())
        with open_instance(every) as instance:
            instance.prepare()  # what does not apply is said as it is
            file = self._old(instance, source) if begins else None
            self._settings(source, file.revision if file else "")
            if file is not None:
                self._write(known.NAME, file.text, file.said)
            if not self.config.tests:
                for one in scaffold.scaffolds(instance, only_structure=True):
                    self._write(f"{TESTS_CONVENTIONS[0]}/{one.file}", one.text)
            if record:
                now = PropertyRun(instance).recorded
                self._write(record, now.text, count(len(now.words), "property"))

    def _old(self, instance: Instance, source: SchemaSource) -> known.File | None:
        """What is known at the last revision, which is the baseline; None where none is needed.

        A long history is old without a look at each revision. Of a short one all is judged, and if
        nothing fails, nothing has to be excused.
        """
        last = baseline.last_revision(source)
        most = SHORT if isinstance(source, Ordered) else SHORT_OF_PROGRAMS
        short = len(source.migrations) <= most
        found = baseline.of_objects(instance)
        if short and self._passes(instance, found):
            self.said.append("nothing of the history fails, so all of it is judged: no baseline")
            return None
        if self.ask is not None and not self.ask(f"Is the history up to {last} as it is?"):
            return None
        if self.ask is None:
            self.said.append(f"assumed: the history up to {last} is as it is")
        found += baseline.linted(replace(instance.config, baseline=last), instance)
        names = [one.name for one in source.migrations]
        return known.File.of(found, self.config.root, names)

    def _passes(self, instance: Instance, found: Sequence[Group]) -> bool:
        """Whether a gate passes on all of a history, of whose objects this was found."""
        return all(one.passed for one in found) and all(
            one.passed
            for step in (baseline.linted, baseline.tried)
            for one in step(instance.config, instance)
        )

    def _known_as_configured(self, source: SchemaSource) -> None:
        """The file of a baseline that the configuration names."""
        age = age_of(replace(self.config, since=None, since_refs=()), source)
        assert age is not None
        file = baseline.known_at(self.config, source, age.baseline)
        self._write(known.NAME, file.text, file.said)

    def _settings(self, source: SchemaSource, revision: str) -> None:
        if self.config.configured:
            self.said.append("pyproject.toml: [tool.harness] is there already, and is left alone")
            return
        path = self.config.root / "pyproject.toml"
        config = replace(self.config, baseline=revision or None)
        text = "\n".join(_settings(config, source)) + "\n"
        before = path.read_text("utf-8") if path.is_file() else ""
        apart = "\n" if before.endswith("\n") else "\n\n" if before else ""
        added = "[tool.harness] is added to what is there" if before else ""
        self._do("pyproject.toml", text, lambda: _rewrite(path, before + apart + text), added)

    # --- what needs no schema -------------------------------------------------------------

    def _run_on_changes(self, ci: str | None, pre_commit: bool) -> None:
        """What makes CI and pre-commit run the gate, as it was asked for."""
        have = dict(ci_files.found(self.config.root))
        for server, name in ci_files.OURS.items():
            files = have.get(server, [])
            wanted = ci_files.of_server(name, self.config.root)
            if name == ci:
                self._add(wanted, files)
            elif files and ci is None and not any(map(ci_files.runs_the_gate, files)):
                if self.ask is not None and self.ask(f"Shall {server} run the gate?"):
                    self._add(wanted, files)
                else:
                    self.said.append(f"{server}: 'harness init --ci {name}' adds the gate")
        if pre_commit:
            wanted = ci_files.of_pre_commit(self.config.root)
            self._add(wanted, have.get("pre-commit", []))
        if (ci or pre_commit) and ci_files.is_locked(self.config.root) is False:
            said = (
                "uv.lock does not have the harness: 'uv add --dev pgtap-harness' pins its version"
            )
            self.said.append(said)

    def _add(self, wanted: ci_files.Written, there: Sequence[Path]) -> None:
        """Write it where none of the files that are there does it already."""
        done = [path for path in there if ci_files.runs_the_gate(path)]
        if done:
            shown = done[0].relative_to(self.config.root).as_posix()
            self.said.append(f"{shown}: runs harness already, and is left alone")
        elif wanted.entry and (self.config.root / wanted.name).exists():
            self.said.append(f"{wanted.name}: is left alone; add this to it:\n{wanted.entry}")
        else:
            self._write(wanted.name, wanted.text)

    def _write(self, name: str, text: str, about: str = "") -> None:
        path = self.config.root / name
        if path.exists():
            self.said.append(f"{name}: is there already, and is left alone")
            return
        self._do(name, text, lambda: _rewrite(path, text), about)

    def _do(self, name: str, text: str, write: Callable[[], None], about: str = "") -> None:
        more = f", {about}" if about else ""
        if self.dry_run:
            self.said.append(f"{name}: would be written{more}\n{text}")
            return
        write()
        self.said.append(f"{name}: written{more}")


def _settings(config: Config, source: SchemaSource) -> Iterator[str]:
    """``[tool.harness]``, with reasons as comments."""
    root, schema = config.root, config.schema
    yield "[tool.harness]"
    if schema is not None:
        shown = schema.relative_to(root) if schema.is_relative_to(root) else schema
        yield f'schema = "{shown.as_posix()}"  # where the migrations are'
    yield f'source = "{source.name}"  # the tool that keeps them'
    if config.baseline:
        yield "# Revisions up to this one are applied, and judged by nobody. 'harness baseline"
        yield "# --update' moves it after a release."
        yield f'baseline = "{config.baseline}"'
    yield ""
    yield "[tool.harness.properties]"
    yield "# What the schema declares now: a constraint that goes missing is noticed by it."
    yield f'record = "{RECORD}"'


def _rewrite(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
