"""``harness init``: what a project needs to begin, written once and never over what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.core.config import TESTS_CONVENTIONS, Config
from harness.core.errors import ConfigError
from harness.core.text import count
from harness.instance import open_instance
from harness.run import baseline, ci_files, known, scaffold
from harness.sources import SchemaSource, open_source

RECORD = "properties.json"
Ask = Callable[[str], bool]
"""``ask(question)``: whether the person at the terminal says yes."""


@dataclass
class Beginning:
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
            raise ConfigError("init: no schema was found; name it with --schema")
        if ci is not None and ci not in ci_files.FILES:
            known = ", ".join(ci_files.FILES)
            raise ConfigError(f"init: ci: one of {known} is expected, not {ci!r}")
        self._found(source)
        revision = self._baseline(source)
        config = replace(self.config, baseline=revision or None)
        self._settings(config, source)
        if revision:
            self._known(config, source, revision)
        self._record_and_tests(config)
        self._run_on_changes(ci, pre_commit)
        return "\n".join(self.said)

    def _found(self, source: SchemaSource) -> None:
        root = self.config.root
        where = self.config.schema
        shown = where.relative_to(root) if where and where.is_relative_to(root) else where
        revisions = count(len(source.migrations), "revision")
        self.said.append(f"found: {source.name} in {shown}, {revisions}")
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

    def _baseline(self, source: SchemaSource) -> str:
        """The revision up to which the history is old; empty where it is judged."""
        if self.config.baseline or not source.migrations:
            return self.config.baseline or ""
        last = baseline.last_revision(source)
        if self.ask is not None and not self.ask(f"Is the history up to {last} as it is?"):
            return ""
        if self.ask is None:
            self.said.append(f"assumed: the history up to {last} is as it is")
        return last

    def _settings(self, config: Config, source: SchemaSource) -> None:
        if self.config.configured:
            self.said.append("pyproject.toml: [tool.harness] is there already, and is left alone")
            return
        path = self.config.root / "pyproject.toml"
        text = "\n".join(_settings(config, source)) + "\n"
        before = path.read_text("utf-8") if path.is_file() else ""
        apart = "\n" if before.endswith("\n") else "\n\n" if before else ""
        self._do("pyproject.toml", text, lambda: _rewrite(path, before + apart + text))

    def _known(self, config: Config, source: SchemaSource, revision: str) -> None:
        if (self.config.root / known.NAME).exists():
            self.said.append(f"{known.NAME}: is there already, and is left alone")
        elif self.dry_run:
            self.said.append(f"{known.NAME}: would be written")
        else:
            self.said.append(baseline.write(config, source, revision))

    def _record_and_tests(self, config: Config) -> None:
        """The record of the properties, and a structure test for every table."""
        record = not self.config.configured and not (self.config.root / RECORD).exists()
        if record and not self.dry_run:
            from harness.run import properties

            settings = {**config.properties, "record": RECORD}
            recorded = replace(config, baseline=None, properties=settings)
            self.said.append(properties.record(recorded))
        elif record:
            self.said.append(f"{RECORD}: would be written")
        if config.tests:
            return
        with open_instance(config) as instance:
            for one in scaffold.scaffolds(instance, only_structure=True):
                self._write(f"{TESTS_CONVENTIONS[0]}/{one.file}", one.text)

    def _run_on_changes(self, ci: str | None, pre_commit: bool) -> None:
        """What makes CI and pre-commit run the gate, as it was asked for."""
        have = dict(ci_files.found(self.config.root))
        for server, name in ci_files.OURS.items():
            files = have.get(server, [])
            if name == ci:
                self._add(ci_files.FILES[name], files)
            elif files and ci is None and not any(map(ci_files.runs_the_gate, files)):
                if self.ask is not None and self.ask(f"Shall {server} run the gate?"):
                    self._add(ci_files.FILES[name], files)
                else:
                    self.said.append(f"{server}: 'harness init --ci {name}' adds the gate")
        if pre_commit:
            self._add(ci_files.PRE_COMMIT, have.get("pre-commit", []))

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

    def _write(self, name: str, text: str) -> None:
        path = self.config.root / name
        if path.exists():
            self.said.append(f"{name}: is there already, and is left alone")
            return
        self._do(name, text, lambda: _rewrite(path, text))

    def _do(self, name: str, text: str, write: Callable[[], None]) -> None:
        if self.dry_run:
            self.said.append(f"{name}: would be written\n{text}")
            return
        write()
        self.said.append(f"{name}: written")


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
