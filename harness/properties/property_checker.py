"""One connection on a clone of the template, where properties are decided one by one."""

from __future__ import annotations

import time
import traceback
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from harness.core.errors import ServerError
from harness.core.results import Outcome
from harness.postgres.lost import server_fault
from harness.postgres.schema_model import Name, Schema, Table
from harness.properties.base import (
    Advice,
    Decision,
    Failed,
    Lost,
    Property,
    PropertyCheck,
    Undecided,
)
from harness.properties.check_context import STATEMENT_TIMEOUT, CheckContext, Tools
from harness.properties.evidence import confirmed, essential, settled
from harness.properties.moments import Moments
from harness.properties.positions import Positions
from harness.properties.shrinking import Draw, Examples, readable, smallest
from harness.properties.spare_clone import SpareClone
from harness.properties.statement_result import send
from harness.rowgen import Draft, Rows, Unsatisfiable

_DECLARED = ("constraints", "sequences")
"""Groups of checks whose properties hold of a table whose triggers do not fire."""


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
    shortest: bool = True
    """Whether evidence is made as short as it can be: each attempt takes a clone."""


@dataclass
class PropertyChecker:
    """Decides properties, each in a savepoint that is rolled back; learns about each table.

    Properties of one table that follow each other share a transaction in which the rows are
    that its rows refer to: to insert those anew for each took most of the time in schemas with
    long chains of references.
    """

    connection: psycopg.Connection[Any]
    schema: Schema
    terms: Terms
    _rows: dict[Name, Rows] = field(default_factory=dict)
    _like: Rows | None = None
    """A source of rows on the connection that knows what columns hold."""
    _prepared: Name | None = None
    """The table whose transaction is open."""
    _parents: dict[Name, Draft] = field(default_factory=dict)
    """Of each table, the row that others refer to: the same for all, as long as it is accepted."""

    def decide(self, prop: Property) -> Decision:
        """Try a property on the server."""
        started = time.perf_counter()
        rows = self._prepare(prop.table)

        def once(draw: Draw | None = None) -> Decision:
            tools, about = self.terms.tools, prop.object
            declared = self.terms.checks[prop.check].group in _DECLARED
            firing = None if declared else prop.table
            context = CheckContext(self.connection, self.schema, rows, tools, draw, about, firing)
            return self._once(prop, context)

        decision = self._confirmed(self._decided(prop, once))
        return replace(decision, seconds=time.perf_counter() - started)

    def _confirmed(self, decision: Decision) -> Decision:
        """A failure with the script that shows it; undecided where that shows something else."""
        if decision.outcome is Outcome.ADVICE:
            return replace(decision, evidence=tuple(settled(essential(decision.evidence))))
        if decision.outcome is not Outcome.FAILED:
            return decision
        evidence, why = confirmed(decision.evidence, self.terms.tools, self.terms.shortest)
        found = replace(decision, evidence=tuple(evidence))
        if not why:
            return found
        reason = f"{decision.reason}; but it cannot be reproduced: {why}"
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
        kept = self._moments.kept if self._moments else ""
        send(self.connection, f"SAVEPOINT property; {kept}")
        try:
            remark = self.terms.checks[prop.check].check(prop, context)
            reason = "; ".join(filter(None, (remark, context.remark)))
        except (Failed, Lost) as verdict:
            outcome, reason = Outcome.FAILED, str(verdict)
            if context.without_triggers:  # with them, it might have been otherwise
                outcome, reason = Outcome.UNDECIDED, f"{reason} ({context.remark})"
        except Advice as verdict:
            outcome, reason = Outcome.ADVICE, str(verdict)
        except Undecided as verdict:
            outcome, reason = Outcome.UNDECIDED, str(verdict)
        except ServerError:
            raise
        except Exception as error:  # a bug of ours, which must not hide what else there is to say
            if (lost := server_fault(error)) is not None:
                raise lost from None
            outcome, crash = Outcome.UNDECIDED, traceback.format_exc()
        finally:
            send(self.connection, "ROLLBACK TO property; RELEASE property")
        return Decision(prop, outcome, reason, tuple(context.steps), crash=crash)

    def _prepare(self, table: Name) -> Rows:
        """A transaction in which there is what rows of the table refer to, and their generator."""
        if self._prepared == table and self._shares and self._is_whole():
            return self._rows[table]
        self.end()
        send(self.connection, "BEGIN")
        self._prepared = table
        if table not in self._rows:
            # One seed for all tables: the values of a type are drawn once, and chance differs
            # by table all the same.
            self._like = Rows(self.connection, self.schema, self.terms.seed, self._like)
            self._rows[table] = self._like
        self._rows[table].begin(anew=True)
        found = self.schema.by_name.get(table)  # None for a sequence that no column owns
        if found is not None and self._shares:
            self._insert_parents(found, self._rows[table])
        return self._rows[table]

    @cached_property
    def _moments(self) -> Moments | None:
        return Moments.of(self.connection)

    @property
    def _shares(self) -> bool:
        """Whether what waits for the end of a transaction can be put back as it was in one."""
        return self._moments is not None

    def anew(self) -> None:
        """Forget other tables: what is decided now is the same, whatever was decided before."""
        self.end()
        self._rows.clear()
        self._parents.clear()
        self._positions.put_back()

    @cached_property
    def _positions(self) -> Positions:
        return Positions.of(self.connection)

    def end(self) -> None:
        """Roll back what is open."""
        if self._prepared:
            send(self.connection, "ROLLBACK")
        self._prepared = None

    def _is_whole(self) -> bool:
        """Whether the transaction is still there: a check may have ended it."""
        return self.connection.info.transaction_status is TransactionStatus.INTRANS

    def _insert_parents(self, table: Table, rows: Rows) -> None:
        """Insert what rows of a table refer to, unless a trigger puts rows into the table, too."""
        if not any(key.target not in (None, table.name) for key in table.foreign_keys):
            return
        known = self._known_parents(table)
        if known and self._inserted(table, rows, known):
            return
        if known:  # what was accepted once is refused now, or in the way
            self._parents.clear()
            rows.begin(anew=True)
        self._inserted(table, rows, ())

    def _inserted(self, table: Table, rows: Rows, known: Sequence[Draft]) -> bool:
        """Whether what rows of a table refer to is there now: what is ``known``, and the rest."""
        held = send(self.connection, f"SAVEPOINT parents; {(size := _size(table))}")
        with suppress(Unsatisfiable, psycopg.Error):
            if not known or rows.again(known):
                rows.valid(table)
                if send(self.connection, size) == held and self._is_settled():
                    send(self.connection, "RELEASE parents")
                    rows.stay()
                    for draft in rows.made:
                        self._parents.setdefault(draft.table.name, draft)
                    return True
        send(self.connection, "ROLLBACK TO parents; RELEASE parents")
        return False

    def _is_settled(self) -> bool:
        """Whether all that waits for the end is content: it would be in the way of ALTER TABLE."""
        settling = self._moments.settling if self._moments else ""
        return not settling or bool(send(self.connection, settling))

    def _known_parents(self, table: Table) -> list[Draft]:
        """Rows that were inserted for other tables, of all that rows of this one may refer to.

        Each stands after those that it refers to. None where one of them takes more than an
        INSERT, or is a row of the table itself.
        """
        reached = {table.name: table}
        waiting = [table]
        while waiting:
            targets = (
                self.schema.by_name.get(k.target) for k in waiting.pop().foreign_keys if k.target
            )
            fresh = {one.name: one for one in targets if one and one.name not in reached}
            reached |= fresh
            waiting += fresh.values()
        drafts = [self._parents[name] for name in [*reached][1:] if name in self._parents]
        found = [one for draft in drafts for one in (*draft.parents, draft)]
        if not all(one.alone and one.table.name != table.name for one in found):
            return []
        return list({one.text: one for one in found}.values())


@contextmanager
def open_checker(schema: Schema, terms: Terms) -> Iterator[PropertyChecker]:
    """A checker on a clone of its own."""
    with terms.tools.clone() as database, closing(database.connect()) as connection:
        send(connection, f"SET statement_timeout = '{STATEMENT_TIMEOUT}s'")
        with closing(SpareClone(terms.tools.clone)) as spare:
            tools = replace(terms.tools, spare=spare.lent)
            yield PropertyChecker(connection, schema, replace(terms, tools=tools))


def _size(table: Table) -> str:
    return sql.SQL("SELECT count(*) FROM {}").format(table.identifier).as_string()


def seed_of(*parts: object) -> int:
    """The same number for the same parts, in every process."""
    return zlib.crc32(repr(parts).encode())
