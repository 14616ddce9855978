"""History: what became of mutants before, by what it depends on.

One file for each state of a schema: its fingerprint, its catalog, the server, the harness and the
settings that decide how properties are tried. In it, verdicts of replay stand under the hash of the
mutant, and what a test noticed under that of the mutant and that of the test. A test that has
changed is run again, and nothing else is; a schema that has changed begins anew.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from harness.core.digests import digest, of_files, program
from harness.core.files import find
from harness.instance import Instance
from harness.mutation.mutant import Mutant
from harness.mutation.sql_files import How, Kills
from harness.mutation.trial import Trial
from harness.postgres.server.cache import Cache
from harness.postgres.server.remembered import keep, recall
from harness.postgres.snapshot import Catalog
from harness.sqltests.files import AssertionFile, texts_of

ENTRY = "mutants"
_MOMENT = 10.0
"""Seconds of work that a run which is killed may lose."""


class KnownFile(NamedTuple):
    """What an SQL file did on the schema as it is."""

    seconds: float
    failed: Kills


class KnownChecks(NamedTuple):
    """Python checks that pass on the schema as it is, and the files that they read for it."""

    digest: str
    files: tuple[Path, ...]
    places: tuple[Path, ...]
    """Where pytest looks for checks: a new file there is a change, too."""


def is_current(known: KnownChecks) -> bool:
    """Whether no file that checks have read has changed, and no check is new."""
    if not {*find(known.places, [".py"])} <= {*known.files}:
        return False
    return of_files(known.files) == known.digest


@dataclass
class _Known:
    trials: dict[str, Trial] = field(default_factory=dict)
    noticed: dict[tuple[str, str, frozenset[How]], Kills] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)
    files: dict[str, KnownFile] = field(default_factory=dict)
    checks: KnownChecks | None = None


class History:
    """What is known of the mutants of one state of a schema; may be asked from any thread."""

    def __init__(self, folder: Path | None, state: str) -> None:
        self._path = (folder or Path()) / state
        self._kept = folder is not None
        self._lock = Lock()
        self._changed = False
        self._saved = time.monotonic()
        self._known = (recall(self._path, _Known) if self._kept else None) or _Known()
        self._current = self._current_checks()

    @classmethod
    def of(cls, instance: Instance) -> History:
        """That of the schema as it is applied in an instance."""
        folder = Cache(instance.config.cache_dir).entry(ENTRY, lambda _: None)
        return cls(folder, _state(instance))

    @classmethod
    def nothing(cls) -> History:
        """One that knows nothing, and is never written."""
        return cls(None, "nothing")

    # --- replay ------------------------------------------------------------------------

    def trial(self, mutant: Mutant) -> Trial | None:
        """What replay made of it; None where it was not tried."""
        known = self._known.trials.get(_hash(mutant))
        return known._replace(mutant=mutant) if known else None

    def keep_trial(self, trial: Trial) -> None:
        """Remember what replay made of a mutant."""
        self._keep(self._known.trials, _hash(trial.mutant), trial)

    def test(self, mutant: Mutant) -> str | None:
        """The test for a gap, empty where none tells it; None where nobody has looked."""
        return self._known.tests.get(_hash(mutant))

    def keep_test(self, mutant: Mutant, text: str) -> None:
        """Remember the test for a gap."""
        self._keep(self._known.tests, _hash(mutant), text)

    # --- tests of the project ----------------------------------------------------------

    def file(self, digest: str) -> KnownFile | None:
        """What a file did on the schema as it is."""
        return self._known.files.get(digest)

    def keep_file(self, digest: str, known: KnownFile) -> None:
        """Remember what a file did on the schema as it is."""
        self._keep(self._known.files, digest, known)

    def noticed(self, mutant: Mutant, digest: str, wanted: frozenset[How]) -> Kills | None:
        """What a test noticed when it was to find out these; None where it did not run."""
        return self._known.noticed.get((_hash(mutant), digest, wanted))

    def keep_noticed(
        self, mutant: Mutant, digest: str, wanted: frozenset[How], kills: Kills
    ) -> None:
        """Remember what a test noticed."""
        self._keep(self._known.noticed, (_hash(mutant), digest, wanted), kills)

    @property
    def checks(self) -> str:
        """The digest of the Python checks; empty where they have to be run on the schema first."""
        return self._current

    def keep_checks(self, places: Iterable[Path], files: Iterable[Path]) -> str:
        """Remember which files Python checks that pass have read; their digest."""
        where = tuple(places)
        every = tuple(sorted({*files, *find(where, [".py"])}))
        self._current = of_files(every)
        with self._lock:
            self._known.checks = KnownChecks(self._current, every, where)
            self._changed = True
        return self._current

    @property
    def known_checks(self) -> KnownChecks | None:
        """The Python checks that verdicts of this run hang on; None where none were run, ever."""
        return self._known.checks if self._current else None

    def _current_checks(self) -> str:
        known = self._known.checks
        return known.digest if known is not None and is_current(known) else ""

    # --- on the disk -------------------------------------------------------------------

    def _keep(self, where: dict[Any, Any], key: Any, value: Any) -> None:
        with self._lock:
            where[key] = value
            self._changed = True

    def save_now_and_then(self) -> None:
        """Write what is new, unless that was done a moment ago: all there is is written anew."""
        if time.monotonic() - self._saved > _MOMENT:
            self.save()

    def save(self) -> None:
        """Write what is new; complete or not at all, whoever else writes."""
        self._saved = time.monotonic()
        with self._lock:
            if self._changed and self._kept:
                keep(self._path, self._known)
                self._changed = False


def digest_of(file: AssertionFile, variables: Mapping[str, str]) -> str:
    """Of everything that an SQL file sends, and of where it stands."""
    return digest(file.path, *texts_of(file.script), *sorted(variables.items()))


def _state(instance: Instance) -> str:
    """What verdicts hang on beside mutants and tests."""
    config, source = instance.config, instance.source
    with instance.template.cloned() as database, database.connect() as connection:
        catalog = Catalog.of(connection, (config.pgtap_schema,), instance.bookkeeping)
    rows = sorted((name, state[-1]) for name, state in instance.baseline.tables.items())
    settings = {k: v for k, v in config.properties.items() if k not in ("allow", "record")}
    return digest(
        program(),
        (sys.version, version("hypothesis"), version("pytest")),
        instance.cluster.version,
        source.fingerprint() if source else "",
        catalog.to_json(),
        rows,
        sorted(instance.baseline.sequences.items()),
        sorted(settings.items()),
        sorted(config.settings.items()),
        (config.root, config.pgtap, config.pgtap_schema, config.timeout),
        *(path.read_bytes() for path in config.before),
        *(path.read_bytes() for path in instance.setups),
    )


_HASHES: dict[int, tuple[Mutant, str]] = {}
"""By the mutant's identity, which it is kept for: it is asked for once for each test."""


def _hash(mutant: Mutant) -> str:
    known = _HASHES.get(id(mutant))
    if known is None or known[0] is not mutant:
        known = _HASHES[id(mutant)] = mutant, digest(repr(mutant))
    return known[1]
