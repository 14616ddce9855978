"""The locks that statements take, read by another session while the transaction is open.

A source whose statements we send ourselves tells of each (WatchedConnection). For
others, and for statements outside of a transaction, the other session looks every few
milliseconds: what it sees is of the revision, and a lock held for less may escape it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from psycopg.pq import TransactionStatus

from harness.migrations.revision_result import MODES, Locked
from harness.migrations.scratch_database import Connection, Connections, query
from harness.postgres.schema_model import Name
from harness.postgres.session import Answer
from harness.sources.ordered import Ordered

EVERY = 0.005
"""Seconds between two looks at a revision whose statements are not told of."""
WRITES = MODES.index("RowExclusiveLock")
"""The strength of the lock of who changes rows."""
_EXCLUSIVE = MODES[-1]
_FLUSH = "SELECT pg_catalog.pg_stat_force_next_flush()"


class Relation(NamedTuple):
    """A relation that was there before."""

    name: Name
    kind: str
    """As in pg_class.relkind."""
    stored: bool
    """Whether it holds rows itself."""
    file: int | None
    """Its relfilenode."""
    owner: int | None = None
    """Of a sequence: the table whose rows it numbers."""


class State(NamedTuple):
    """A table at one moment of a transaction."""

    file: int | None
    read: int
    """Rows of it that were read so far."""


def relations(connections: Connections) -> dict[int, Relation]:
    """The relations of the schema by OID, without the notes of the schema's tool."""
    rows = connections.observer.execute(query("relations"), [connections.ignored]).fetchall()
    found = {oid: Relation(Name(s, n), *rest) for oid, s, n, *rest in rows}
    notes = connections.source.bookkeeping
    own = {oid for oid, one in found.items() if tuple(one.name) in notes}
    return {oid: one for oid, one in found.items() if oid not in own and one.owner not in own}


@dataclass
class LockObserver:
    """What one run of a way locks, of the relations in ``known``; ``rows`` counts theirs."""

    connections: Connections
    known: Mapping[int, Relation]
    rows: Mapping[Name, int]
    besides: Sequence[int] = ()
    """The sessions, by their processes, whose locks are not the migration's."""
    told: int = 0
    """Statements whose locks were read within their transaction."""
    missed: int = 0
    """Statements without a transaction that would hold their locks."""
    _locked: dict[int, list[Locked]] = field(default_factory=dict)
    _polled: dict[int, str] = field(default_factory=dict)
    _states: dict[int, State] = field(default_factory=dict)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch what runs within the block, on the connection that migrates."""
        self._begin()
        with self.connections.work.watched(self._statement), self._polling():
            yield

    def _begin(self) -> None:
        """From here on the rows that this session reads are counted."""
        if self.connections.work.info.server_version >= 150000:
            self.connections.work.execute(_FLUSH, prepare=False)
        stored = [oid for oid, one in self.known.items() if self.rows.get(one.name)]
        self._states = self._now(self.connections.work, stored)

    def _now(self, connection: Connection, tables: list[int]) -> dict[int, State]:
        rows = connection.execute(query("touched"), [tables], prepare=False)
        return {oid: State(file, read) for oid, file, read in rows}

    @property
    def locks(self) -> list[Locked]:
        """What was locked, in the order of the statements; what was only polled comes last."""
        told = [one for several in self._locked.values() for one in several]
        polled = [self._new(oid, mode, None) for oid, mode in self._polled.items()]
        seen = {one.relation: one.strength for one in told}
        stronger = [one for one in polled if one.strength > seen.get(one.relation, -1)]
        return told + [one for one in stronger if one.strength >= WRITES or not self.told]

    @property
    def touched(self) -> frozenset[Name] | None:
        """Relations whose rows may be others now; None where that is not known."""
        if self.missed or not isinstance(self.connections.source, Ordered):
            return None
        return frozenset(one.relation for one in self.locks if one.strength >= WRITES)

    def held_for_writing(self) -> frozenset[Name]:
        """Relations that are locked for changes of their rows, or more, right now."""
        strong = (oid for oid, mode in self._held() if MODES.index(mode) >= WRITES)
        return frozenset(self.known[oid].name for oid in strong)

    def _statement(self, connection: Connection, answer: Answer) -> None:
        if connection.info.transaction_status is not TransactionStatus.INTRANS:
            self.missed += 1
            return
        self.told += 1
        for oid, mode in self._held():
            several = self._locked.setdefault(oid, [])
            if not several or MODES.index(mode) > several[-1].strength:
                several.append(self._new(oid, mode, answer))
        self._look_into(connection, answer)

    def _held(self) -> list[tuple[int, str]]:
        """The strongest lock on each known relation."""
        found: dict[int, str] = {}
        pid = self.connections.observer.info.backend_pid
        for oid, mode in self.connections.observer.execute(query("locks"), [[pid, *self.besides]]):
            if oid in self.known and mode in MODES:
                found[oid] = max(found.get(oid, mode), mode, key=MODES.index)
        return list(found.items())

    def _new(self, oid: int, mode: str, answer: Answer | None) -> Locked:
        name = self.known[oid].name
        return Locked(name, mode, answer.location if answer else None, self.rows.get(name, 0))

    def _look_into(self, connection: Connection, answer: Answer) -> None:
        """Note at this statement which of the tables under lock it has read or written anew.

        Under weaker locks as well, so that what was read before is not put down to a statement
        that takes ACCESS EXCLUSIVE later.
        """
        stored = [oid for oid in self._locked if oid in self._states]
        if not stored:
            return
        for oid, now in self._now(connection, stored).items():
            if self._locked[oid][-1].mode == _EXCLUSIVE:
                self._note(oid, answer, self._states[oid], now)
            self._states[oid] = now

    def _note(self, oid: int, answer: Answer, before: State, now: State) -> None:
        last = self._locked[oid][-1]
        if now.read - before.read < last.rows:  # TRUNCATE reads nothing
            return
        rewritten = now.file != before.file
        noted = replace(last, rewritten=rewritten, scanned=True, location=answer.location)
        if last.location == noted.location:
            self._locked[oid].pop()
        self._locked[oid].append(noted)

    @contextmanager
    def _polling(self) -> Iterator[None]:
        """Look from a thread meanwhile."""
        done = threading.Event()
        thread = threading.Thread(target=self._poll, args=(done,))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _poll(self, done: threading.Event) -> None:
        while not done.wait(EVERY):
            for oid, mode in self._held():
                known = self._polled.get(oid, mode)
                self._polled[oid] = max(known, mode, key=MODES.index)
