"""The campaign: every property of a schema, decided, on several connections at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

from harness.postgres.schema_model import Name, Schema
from harness.properties.base import Decision, Property
from harness.properties.property_checker import Terms, open_checker

Table = tuple[Sequence[Property], "Future[list[Decision]]"]
"""The properties of one table, and where their decisions will be."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """The properties of a schema."""

    schema: Schema
    terms: Terms

    def properties(self, tables: Collection[Name] = ()) -> list[Property]:
        """All properties, or those of some tables, table by table."""
        checks = self.terms.checks.values()
        every = [prop for one in checks for prop in one.properties(self.schema)]
        wanted = {prop for prop in every if not tables or prop.table in tables}
        return sorted(wanted, key=lambda prop: (prop.table, prop))

    def run(self, properties: Sequence[Property], jobs: int) -> Generator[list[Decision]]:
        """Decide properties on ``jobs`` connections; table by table, in their order.

        Generated values are the same in every run, whichever connection decides a table.
        """
        groups = groupby(properties, lambda prop: prop.table)
        tables: list[Table] = [(list(group), Future()) for _, group in groups]
        if not tables:
            return
        waiting = deque(tables)
        jobs = max(1, min(jobs, len(tables)))
        pool = ThreadPoolExecutor(jobs, "harness-properties")
        try:
            workers = [pool.submit(self._work, waiting) for _ in range(jobs)]
            for _, decisions in tables:
                yield decisions.result()
            for worker in workers:
                worker.result()
        finally:
            waiting.clear()
            pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, waiting: deque[Table]) -> None:
        """Decide the next table that waits, until there is none.

        What goes wrong comes out where the decisions on the table at hand are asked for, or those
        on the next one where there is none at hand: they are asked for in the same order.
        """
        table: Table | None = None
        try:
            with open_checker(self.schema, self.terms) as checker:
                while table := _next(waiting):
                    properties, decisions = table
                    checker.anew()
                    decisions.set_result([checker.decide(prop) for prop in properties])
        except BaseException as error:
            if failed := table or _next(waiting):
                failed[1].set_exception(error)
            raise


def _next(waiting: deque[Table]) -> Table | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None
