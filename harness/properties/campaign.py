"""The campaign: every promise of a schema, decided, on several connections at once."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from harness.database import Database
from harness.properties.base import Decision, Outcome, Promise, Property, Refuted, Undecided
from harness.properties.bench import STATEMENT_TIMEOUT, Bench, Tools, send
from harness.properties.shrinking import Draw, Examples, smallest
from harness.relations import Name, Schema
from harness.rows import Rows

Clone = Callable[[], AbstractContextManager[Database]]


@dataclass(frozen=True)
class Campaign:
    """The promises of a schema. ``clone`` gives databases with the schema to work in."""

    schema: Schema
    properties: Mapping[str, Property]
    """By id."""
    clone: Clone
    seed: int = 0
    examples: int = 1
    """Rows that each promise is tried with."""
    tenant: str = ""
    """The column that says whose a row is."""
    known: Examples = field(default_factory=Examples)
    """The rows that refuted a promise in earlier runs."""

    @property
    def _tools(self) -> Tools:
        return Tools(self.clone, self.tenant)

    def promises(self, tables: Collection[Name] = ()) -> list[Promise]:
        """All promises, or those of some tables, in a stable order."""
        every = [p for one in self.properties.values() for p in one.promises(self.schema)]
        wanted = [promise for promise in every if not tables or promise.table in tables]
        return sorted(dict.fromkeys(wanted))

    def run(self, promises: Sequence[Promise], jobs: int) -> Iterator[Decision]:
        """Decide promises; those of one table come together.

        Which connection decides which table is the same in every run, so that generated
        values are, too.
        """
        tables = sorted({promise.table for promise in promises})
        shares = [tables[start::jobs] for start in range(min(jobs, len(tables)))]
        with ThreadPoolExecutor(max(1, len(shares)), "harness-properties") as pool:
            work = [pool.submit(self._share, promises, share) for share in shares]
            for share in work:
                yield from share.result()

    def _share(self, promises: Sequence[Promise], tables: Sequence[Name]) -> list[Decision]:
        decisions: list[Decision] = []
        with self.clone() as database, closing(database.connect()) as connection:
            send(connection, f"SET statement_timeout = '{STATEMENT_TIMEOUT}s'")
            for table in tables:
                send(connection, "BEGIN")  # Rows works in transactions only; each check has one
                rows = Rows(connection, self.schema, seed=_seed(self.seed, str(table)))
                send(connection, "ROLLBACK")
                mine = [promise for promise in promises if promise.table == table]
                decisions += [self._decide(promise, connection, rows) for promise in mine]
        return decisions

    def _decide(
        self, promise: Promise, connection: psycopg.Connection[Any], rows: Rows
    ) -> Decision:
        started = time.perf_counter()

        def once(draw: Draw | None = None) -> Decision:
            return self._once(promise, Bench(connection, self.schema, rows, self._tools, draw))

        decision = None if self.known.has(promise) else self._tried(once)
        if decision is None or decision.outcome is Outcome.REFUTED:
            seed = _seed(self.seed, promise.id)
            decision = smallest(promise, once, seed, self.known) or decision or self._tried(once)
        return replace(decision, seconds=time.perf_counter() - started)

    def _tried(self, once: Callable[[], Decision]) -> Decision:
        """What the first row that does not keep the promise shows, else the last."""
        for _ in range(self.examples):
            decision = once()
            if decision.outcome is not Outcome.PROVED:
                break
        return decision

    def _once(self, promise: Promise, bench: Bench) -> Decision:
        outcome, reason = Outcome.PROVED, ""
        send(bench.connection, "BEGIN")
        try:
            reason = self.properties[promise.check].check(promise, bench)
        except Refuted as verdict:
            outcome, reason = Outcome.REFUTED, str(verdict)
        except Undecided as verdict:
            outcome, reason = Outcome.UNDECIDED, str(verdict)
        finally:
            send(bench.connection, "ROLLBACK")
        return Decision(promise, outcome, reason, tuple(bench.steps))


def _seed(*parts: object) -> int:
    """The same number for the same parts, in every process."""
    return zlib.crc32(repr(parts).encode())
