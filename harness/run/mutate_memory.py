"""What a whole run of ``mutate`` found, to be said again where nothing has changed.

No server is started for it. What it hangs on is known from files alone only where SQL files are the
schema and the server is one of our own; every other run asks the server, and what it remembers of
mutants saves most of the work (`harness.mutation.history`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import sqltests
from harness.core.config import Config
from harness.core.digests import digest, program
from harness.core.files import find
from harness.core.outline import Outline
from harness.core.results import SQL, Group, Outcome
from harness.mutation.history import ENTRY, KnownChecks, digest_of, is_current
from harness.postgres.server.cache import Cache
from harness.postgres.server.remembered import keep, recall
from harness.run import inputs
from harness.run.mutate import MutateOptions
from harness.sources import SchemaSource, open_source


@dataclass(frozen=True, slots=True)
class Found:
    """What a run has told, and the Python checks that it hangs on."""

    groups: Sequence[Group]
    outline: Outline
    checks: KnownChecks | None


@dataclass(frozen=True, slots=True)
class MutateMemory:
    """Where what was found is kept; None where it hangs on more than files."""

    path: Path | None

    @classmethod
    def of(cls, config: Config, options: MutateOptions, draws: bool) -> MutateMemory:
        """That of a run. ``draws``: a report needs the schema's outline."""
        source = None if config.schemaless else open_source(config)
        if source is None or not _is_in_files(config, options, source):
            return cls(None)
        parts = (
            *(*inputs.settings(config), *_options(options), str(draws)),
            *(*inputs.contents(config, source), *_tests(config, options)),
        )
        folder = Cache(config.cache_dir).entry(ENTRY, lambda _: None)
        versions = (program(), *inputs.installed(), *_program(config))
        return cls(folder / digest(*versions, *parts))

    def recall(self) -> Found | None:
        """What an earlier run found; None where it has to be run."""
        if self.path is None:
            return None
        found = recall(self.path, Found)
        stale = found and found.checks and not is_current(found.checks)
        return None if stale else found

    def keep(self, found: Found) -> None:
        """Keep what a run that came to its end found, unless something could not be judged."""
        results = (one for group in found.groups for one in (*group.results, *group.problems))
        if self.path is None or any(one.outcome is Outcome.ERROR for one in results):
            return
        keep(self.path, found)


def _is_in_files(config: Config, options: MutateOptions, source: SchemaSource) -> bool:
    """Whether SQL files that the tool tells are the schema, and files are all that is asked for."""
    asks_more = config.since or options.scheduler or options.write_tests
    if asks_more or not inputs.told_by_files(config, source):
        return False
    return not inputs.copies((*source.counted, *find(config.tests)))


def _options(options: MutateOptions) -> Iterator[str]:
    yield repr(replace(options, compare=None, ids=None))
    yield repr(sorted(options.ids)) if options.ids is not None else ""


def _tests(config: Config, options: MutateOptions) -> Iterator[bytes | str]:
    """What is read beside the schema: the tests with what they include, an earlier report."""
    compared = [options.compare] if options.compare else []
    for path in (*find(config.tests, [*SQL, ".py"]), *compared):
        yield str(path)
        yield path.read_bytes() if path.is_file() else b""
    paths = sqltests.find(config.tests) if config.tests else []
    for file in sqltests.read(paths, config.variables):
        yield digest_of(file, config.variables)


def _program(config: Config) -> Iterator[str]:
    """The server's program, and how old it is."""
    path = config.bindir / "postgres" if config.bindir else Path(shutil.which("postgres") or "")
    yield str(path)
    yield str(path.stat().st_mtime_ns if path.is_file() else 0)
