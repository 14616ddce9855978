"""One connection on a clone of the template, where properties are decided one by one."""

from __future__ import annotations

import time
import traceback
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from harness.core.results import Outcome
from harness.postgres.schema_model import Name, Schema
from harness.properties.base import (
    Advice,
    Decision,
    Failed,
    Lost,
    Property,
    PropertyCheck,
    Undecided,
)
from harness.properties.check_context import STATEMENT_TIMEOUT, CheckContext, Tools, send
from harness.properties.evidence import confirmed, essential, settled
from harness.properties.shrinking import Draw, Examples, readable, smallest
from harness.rowgen import Rows


@dataclass(frozen=True, slots=True)
class Terms:
    """How properties are decided."""

    checks: Mapping[str, PropertyCheck]
    """By id."""
    tools: Tools
    seed: int = 0
    examples: int = 1
    """Rows that each property is tried with."""
    known: Examples = field(default_factory=Examples)
    """The rows that failed a property in earlier runs."""


@dataclass(frozen=True)
class PropertyChecker:
    """Decides properties, each in a transaction that is rolled back; learns about each table."""

    connection: psycopg.Connection[Any]
    schema: Schema
    terms: Terms
    _rows: dict[Name, Rows] = field(default_factory=dict)

    def decide(self, prop: Property) -> Decision:
        """Try a property on the server."""
        started = time.perf_counter()
        rows = self._rows_for(prop.table)

        def once(draw: Draw | None = None) -> Decision:
            tools, about = self.terms.tools, prop.object
            context = CheckContext(self.connection, self.schema, rows, tools, draw, about)
            return self._once(prop, context)

        decision = self._confirmed(self._decided(prop, once))
        return replace(decision, seconds=time.perf_counter() - started)

    def _confirmed(self, decision: Decision) -> Decision:
        """A failure with the script that shows it; undecided where that shows something else."""
        if decision.outcome is Outcome.ADVICE:
            return replace(decision, evidence=tuple(settled(essential(decision.evidence))))
        if decision.outcome is not Outcome.FAILED:
            return decision
        evidence, why = confirmed(decision.evidence, self.terms.tools)
        found = replace(decision, evidence=tuple(evidence))
        if not why:
            return found
        reason = f"{decision.reason}; but it cannot be shown again: {why}"
        return replace(found, outcome=Outcome.UNDECIDED, reason=reason)

    def _decided(self, prop: Property, once: Callable[..., Decision]) -> Decision:
        """What a row that failed the property before shows first, else new ones."""
        known, seed = self.terms.known, seed_of(self.terms.seed, prop.id)
        if known.has(prop) and (again := smallest(prop, once, seed, known)):
            return again
        decision = self._tried(once)
        if decision.outcome is not Outcome.FAILED:
            return decision
        other = smallest(prop, once, seed, known)
        return min(decision, other, key=readable) if other else decision

    def _tried(self, once: Callable[[], Decision]) -> Decision:
        """What the first row that does not have the property shows, else the last."""
        for _ in range(self.terms.examples):
            decision = once()
            if decision.outcome is not Outcome.PASSED:
                break
        return decision

    def _once(self, prop: Property, context: CheckContext) -> Decision:
        outcome, reason, crash = Outcome.PASSED, "", ""
        send(self.connection, "BEGIN")
        try:
            remark = self.terms.checks[prop.check].check(prop, context)
            reason = "; ".join(filter(None, (remark, context.remark)))
        except (Failed, Lost) as verdict:
            outcome, reason = Outcome.FAILED, str(verdict)
        except Advice as verdict:
            outcome, reason = Outcome.ADVICE, str(verdict)
        except Undecided as verdict:
            outcome, reason = Outcome.UNDECIDED, str(verdict)
        except Exception:  # a bug of ours, which must not hide what else there is to say
            outcome, crash = Outcome.UNDECIDED, traceback.format_exc()
        finally:
            send(self.connection, "ROLLBACK")
        return Decision(prop, outcome, reason, tuple(context.steps), crash=crash)

    def _rows_for(self, table: Name) -> Rows:
        if table not in self._rows:
            send(self.connection, "BEGIN")  # Rows works in transactions only; each check has one
            seed = seed_of(self.terms.seed, str(table))
            self._rows[table] = Rows(self.connection, self.schema, seed=seed)
            send(self.connection, "ROLLBACK")
        return self._rows[table]


@contextmanager
def open_checker(schema: Schema, terms: Terms) -> Iterator[PropertyChecker]:
    """A checker on a clone of its own."""
    with terms.tools.clone() as database, closing(database.connect()) as connection:
        send(connection, f"SET statement_timeout = '{STATEMENT_TIMEOUT}s'")
        yield PropertyChecker(connection, schema, terms)


def seed_of(*parts: object) -> int:
    """The same number for the same parts, in every process."""
    return zlib.crc32(repr(parts).encode())
