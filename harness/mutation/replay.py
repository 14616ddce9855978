"""Replay: every mutant against the transcripts, on several connections at once.

Each thread has a clone of its own. A mutant is one transaction: its DDL, then transcript after
transcript, each in a savepoint, until one is answered otherwise; then everything is rolled back.
What a difference is worth is asked of the unbroken schema at once: a transcript that is answered
otherwise there by now is no evidence, and nobody replays it again.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, local

import psycopg
from psycopg import sql

from harness.mutation.judge import Fingerprints
from harness.mutation.mutant import Mutant
from harness.mutation.transcripts import Difference, Replayer, Transcript
from harness.mutation.trial import Status, Trial
from harness.postgres.cluster import Cluster
from harness.postgres.cluster.ownership import create_role
from harness.postgres.database import Template
from harness.postgres.schema_model import Name, Schema

TIMEOUT = 5.0
"""Seconds that a replayed statement may take; on the unbroken schema it takes milliseconds."""
_AGAIN = 3
"""Replays on the unbroken schema when a transcript seems to have told a mutant apart."""
_FIRST = {
    "column": ("nulls", "ranges", "defaults", "not_null", "default"),
    "unique": ("alike", "unique"),
    "primary key": ("alike", "unique"),
    "foreign key": ("references", "foreign_key"),
    "check": ("distinguishing_row", "check", "nulls"),
    "exclude": ("exclude",),
    "index": ("unique", "alike"),
    "sequence": ("numbers", "sequence"),
    "grant": ("roles", "rights"),
    "policy": ("roles",),
    "view": ("shown",),
    "trigger": ("effects",),
    "function": ("calls", "effects"),
    "enum": ("ranges",),
}
"""Kind of mutant -> the checks whose transcripts notice it as a rule, which are replayed first."""
_WIDE = ("function", "trigger", "view", "policy")
"""Kinds that are seen from other tables as well."""
_OF_ROLES = ("policy", "grant")
"""Kinds that concern nobody but other roles than the session's own."""


@dataclass
class Replay:
    """Transcripts against mutants. Use it in a ``with`` block."""

    template: Template
    transcripts: Sequence[Transcript]
    jobs: int
    _unsteady: set[str] = field(default_factory=set)
    _believed: set[str] = field(default_factory=set)
    _players: local = field(default_factory=local)
    _stack: ExitStack = field(default_factory=ExitStack)
    _lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> Replay:
        """Begin; databases are made when they are needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close and drop everything."""
        self._stack.close()

    def run(self, mutants: Sequence[Mutant]) -> Generator[Trial]:
        """The trial of each mutant, in their order."""
        pool = ThreadPoolExecutor(max(1, self.jobs), "harness-mutate")
        try:
            yield from pool.map(self.trial, mutants)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def steady(self, transcripts: Iterable[Transcript]) -> list[Transcript]:
        """Transcripts with what the unbroken schema answers, where that is the same each time."""
        with ThreadPoolExecutor(max(1, self.jobs), "harness-mutate") as pool:
            found = pool.map(
                lambda transcript: self._of_thread().replayer.steady(transcript), transcripts
            )
            return [transcript for transcript in found if transcript is not None]

    def steady_here(self, transcripts: Iterable[Transcript]) -> list[Transcript]:
        """The same on the current thread's connection."""
        replayer = self._of_thread().replayer
        return [
            one for transcript in transcripts if (one := replayer.steady(transcript)) is not None
        ]

    def trial(self, mutant: Mutant) -> Trial:
        """What becomes of one mutant."""
        started = time.perf_counter()
        mine = self._of_thread()
        mine.fingerprints.remember(mutant)
        order = iter(self._order(mutant))
        while True:
            found = self._replayed(mine, mutant, order)
            if found.difference is None or self._holds(mine.replayer, found):
                return found._replace(seconds=time.perf_counter() - started)

    def against(self, trial: Trial, transcripts: Sequence[Transcript]) -> Trial:
        """A trial with transcripts that were made for its mutant, replayed as all others are."""
        mine = self._of_thread()
        order = iter(self.steady_here(transcripts))
        while True:
            found = self._replayed(mine, trial.mutant, order)
            if found.difference is None:
                return trial
            if self._holds(mine.replayer, found):
                return found

    def _replayed(self, mine: _Mine, mutant: Mutant, order: Iterator[Transcript]) -> Trial:
        """The mutant until a transcript is answered otherwise, or there are no more of them."""
        with mine.replayer.altered(mutant.ddl) as refused:
            if refused is not None:
                return Trial(mutant, Status.STILLBORN, rule=str(refused))
            print_, changed = mine.fingerprints.of(mutant)
            if not changed:
                return Trial(mutant, Status.EQUIVALENT, rule="the catalog says the same")
            mine.replayer.mark()
            for transcript in order:
                if transcript.id not in self._unsteady:
                    difference = mine.replayer.difference(transcript)
                    if difference is not None:
                        status = Status.TIMEOUT if difference.timed_out else Status.KILLED
                        return Trial(mutant, status, difference, print_=print_)
        return Trial(mutant, Status.SURVIVED, print_=print_)

    def _holds(self, replayer: Replayer, trial: Trial) -> bool:
        """Whether the unbroken schema still answers a transcript as it did; if not, forget it."""
        assert trial.difference is not None
        transcript = trial.difference.transcript
        times = 1 if transcript.id in self._believed else _AGAIN
        if not all(replayer.repeats(trial.difference) for _ in range(times)):
            self._unsteady.add(transcript.id)
            return False
        if _of_order(trial.difference) and replayer.repeats(trial.difference, *trial.mutant.ddl):
            self._unsteady.add(transcript.id)
            return False
        self._believed.add(transcript.id)
        # The object made again as it was must not be answered otherwise as well.
        control = trial.mutant.control
        return not control or replayer.repeats(trial.difference, *control)

    def _order(self, mutant: Mutant) -> list[Transcript]:
        """The transcripts that may notice a mutant, those first that are about its object."""
        tables = {n: place for place, n in enumerate([*mutant.functions, *mutant.tables])}
        wide = mutant.kind in _WIDE
        first = _FIRST.get(mutant.kind, ())
        own = mutant.object, mutant.object.rpartition(".")[2]

        def place(transcript: Transcript) -> tuple[object, ...]:
            check = first.index(transcript.check) if transcript.check in first else len(first)
            return (
                tables.get(transcript.table, len(tables)),
                transcript.object not in own,
                check,
                len(transcript.statements),
                transcript.id,
            )

        of_roles = mutant.kind in _OF_ROLES
        chosen = [
            transcript
            for transcript in self.transcripts
            if (transcript.others or not of_roles)
            and (
                transcript.table in tables
                or not tables
                or (wide and transcript.touches & tables.keys())
            )
        ]
        return sorted(chosen, key=place)

    def _of_thread(self) -> _Mine:
        """The current thread's."""
        mine: _Mine | None = getattr(self._players, "mine", None)
        if mine is None:
            with self._lock:
                database = self.template.clone()
                self._stack.callback(database.drop)
                connection = self._stack.enter_context(closing(database.connect()))
            mine = _Mine(Replayer(connection, TIMEOUT), Fingerprints(connection))
            self._players.mine = mine
        return mine


@dataclass(frozen=True, slots=True)
class _Mine:
    """What a thread has."""

    replayer: Replayer
    fingerprints: Fingerprints


def _of_order(difference: Difference) -> bool:
    """Whether as many rows say something else, which may be the order in which they were found.

    What other transcripts have left behind in a table's pages changes that, in the same
    transaction.
    """
    wanted, said = difference.wanted, difference.said
    return not (wanted.sqlstate or said.sqlstate) and wanted.count in (None, said.number)


_ROLES = itertools.count(1)


@contextmanager
def everybody(cluster: Cluster, called: str = "") -> Iterator[str]:
    """The name of a role that has what PUBLIC has, for as long as the block runs.

    It is the same for all databases, so transactions that each made one would wait for another.
    """
    name = called or f"harness_public_{os.getpid()}_{next(_ROLES)}"
    with cluster.connect() as connection:
        create_role(connection, name, cluster.mark)
        try:
            yield name
        finally:
            with suppress(psycopg.Error):
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def seen_from(mutant: Mutant, schema: Schema) -> set[Name]:
    """The tables and functions whose transcripts may be replayed on a mutant.

    Those of a wide one are all whose rows need a row of its tables.
    """
    found = {*mutant.tables, *mutant.functions}
    new = {*mutant.tables} if mutant.kind in _WIDE else set()
    while new:
        new = {
            table.name
            for table in schema
            if table.name not in found and any(key.target in new for key in table.foreign_keys)
        }
        found |= new
    return found
