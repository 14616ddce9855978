"""What a whole run of ``mutate`` found, to be said again where nothing has changed.

No server is started for it. What it hangs on is known from files alone only where SQL files are the
schema and the server is one of our own; every other run asks the server, and what it remembers of
mutants saves most of the work (`harness.mutation.history`).
"""

from __future__ import annotations

import os
import pickle
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path

from harness import sqltests
from harness.core.config import Config
from harness.core.files import find
from harness.core.outline import Outline
from harness.core.results import SQL, Group, Outcome
from harness.mutation.history import ENTRY, KnownChecks, digest, digest_of, is_current, program
from harness.postgres.server.cache import Cache
from harness.run.mutate import MutateOptions
from harness.sources import SchemaSource, open_source

_NO_MATTER = {"jobs", "cache_dir", "temp_dir", "github", "github_summary"}
"""Settings that change nothing of what is found."""
_COPIES = re.compile(rb"\\copy\b")
_READS = re.compile(rb"\\(?:i|ir|include|include_relative|copy)\b")
"""Commands of psql that read another file; what tests and migrations include is known."""


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
        parts = [*_settings(config, options), *_contents(config, options, source), str(draws)]
        folder = Cache(config.cache_dir).entry(ENTRY, lambda _: None)
        return cls(folder / digest(program(), *_installed(config), *parts))

    def recall(self) -> Found | None:
        """What an earlier run found; None where it has to be run."""
        if self.path is None:
            return None
        try:
            found = pickle.loads(self.path.read_bytes())  # noqa: S301  a cache of ours alone
        except (OSError, ValueError, EOFError, AttributeError, pickle.UnpicklingError):
            return None
        if not isinstance(found, Found) or (found.checks and not is_current(found.checks)):
            return None
        os.utime(self.path)
        return found

    def keep(self, found: Found) -> None:
        """Keep what a run that came to its end found, unless something could not be judged."""
        results = (one for group in found.groups for one in (*group.results, *group.problems))
        if self.path is None or any(one.outcome is Outcome.ERROR for one in results):
            return
        with suppress(OSError):  # a convenience, and no reason to fail
            with tempfile.NamedTemporaryFile(
                "wb", dir=self.path.parent, prefix=".tmp", suffix=".part", delete=False
            ) as file:
                file.write(pickle.dumps(found))
            Path(file.name).replace(self.path)


def _is_in_files(config: Config, options: MutateOptions, source: SchemaSource) -> bool:
    """Whether SQL files that the tool tells are the schema, and files are all that is asked for."""
    asks_more = config.server or config.since or options.scheduler or options.write_tests
    if asks_more or not source.migrations or any(p.suffix not in SQL for p in source.files):
        return False
    if any(_COPIES.search(path.read_bytes()) for path in (*source.counted, *find(config.tests))):
        return False
    return not any(_READS.search(path.read_bytes()) for path in config.before)


def _settings(config: Config, options: MutateOptions) -> Iterator[str]:
    for field in fields(config):
        if field.name not in _NO_MATTER:
            yield f"{field.name}={getattr(config, field.name)!r}"
    yield repr(replace(options, compare=None, ids=None))
    yield repr(sorted(options.ids)) if options.ids is not None else ""


def _contents(
    config: Config, options: MutateOptions, source: SchemaSource
) -> Iterator[bytes | str]:
    """What is read: the schema, the tests with what they include, an earlier report."""
    yield source.fingerprint()
    compared = [options.compare] if options.compare else []
    tests = find(config.tests, [*SQL, ".py"])
    for path in (*source.counted, *source.files, *config.before, *tests, *compared):
        yield str(path)
        yield path.read_bytes() if path.is_file() else b""
    paths = sqltests.find(config.tests) if config.tests else []
    for file in sqltests.read(paths, config.variables):
        yield digest_of(file, config.variables)


def _installed(config: Config) -> Iterable[str]:
    """Names of what is installed, which hold versions, and the server's program, and how old."""
    program_ = config.bindir / "postgres" if config.bindir else Path(shutil.which("postgres") or "")
    age = program_.stat().st_mtime_ns if program_.is_file() else 0
    names = {
        entry.name
        for place in map(Path, dict.fromkeys(sys.path))
        if place.is_dir()
        for entry in place.iterdir()
        if entry.suffix == ".dist-info"
    }
    return sys.version, str(program_), str(age), *sorted(names)
