"""The check of CHECK constraints: the conditions that it tries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Schema, Table
from harness.properties.base import Failed, NoRow, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.check_constraint.contradiction import always_false
from harness.properties.checks.check_constraint.trial import Trial, either
from harness.properties.expressions import holds, inserting
from harness.properties.interference import Fault, accepted, demand_whole, refused, remarks
from harness.properties.row_search import pinned
from harness.properties.statement_result import Row
from harness.rowgen import Condition, Draft
from harness.rowgen.conditions import called_in

_MASKED = 3
_AGAIN = 3
_UNSTEADY = frozenset(
    (
        *("random", "random_normal", "gen_random_uuid", "clock_timestamp", "timeofday"),
        *("statement_timestamp", "nextval", "currval", "lastval"),
    )
)
"""Functions of the server's that answer otherwise from one statement to the next."""
_ASPECTS = ("refused", "accepted", "disjuncts")


class Check:
    """False is refused, true and NULL are accepted."""

    id: ClassVar[str] = "check"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/ddl-constraints.html"
        "#DDL-CONSTRAINTS-CHECK-CONSTRAINTS"
    )

    def properties(self, schema: Schema) -> Iterator[Property]:
        """For each CHECK of a table and of a column's domain: what it refuses and accepts."""
        for table in schema:
            if table.stores_rows:
                for check in table.checks:
                    for aspect in _aspects(check.expression):
                        yield Property(self.id, table.name, check.name, aspect)
                yield from self._of_domains(table)

    def _of_domains(self, table: Table) -> Iterator[Property]:
        for column in table.columns:
            for domain in column.type.domains if column.insertable else ():
                for check in domain.checks:
                    for aspect in _aspects(check.expression):
                        name = f"{column.name}.{check.name}"
                        yield Property(self.id, table.name, name, aspect)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Hold one aspect of one CHECK against the server."""
        table = context.schema.by_name[prop.table]
        condition = _condition(prop.object, table, context)
        try:
            draft = context.valid(table)
        except Undecided as why:
            _demand_computable(why, table, condition, context)
            if prop.aspect == "disjuncts" or not always_false(condition, table, context):
                raise
            own = isinstance(why, NoRow) and why.cause.table.name == table.name
            closest = why.cause.closest if isinstance(why, NoRow) and own else {}
            return _never(prop.aspect, Draft(table, closest, {}), condition, context)
        read = [name for one in context.rows.conditions(table) for name in one.columns]
        trial = Trial(table, condition, pinned(draft, read), context)
        if prop.aspect == "refused":
            _rows_there(trial)
            return _refused(trial)
        return _accepted(trial) if prop.aspect == "accepted" else _disjuncts(trial)


def _demand_computable(
    why: Undecided, table: Table, condition: Condition, context: CheckContext
) -> None:
    """Demand, where the server never said that the condition is true, that it can say so."""
    if not isinstance(why, NoRow) or why.cause.constraint != condition.name:
        return
    if why.cause.table.name != table.name:
        return  # the row of another table, whose trigger writes to this one
    answer = context.attempt(inserting(Draft(table, why.cause.closest, {})))
    demand_whole(context, answer, "the condition cannot be computed")
    context.steps.pop()


def _never(aspect: str, draft: Draft, condition: Condition, context: CheckContext) -> str:
    """Of a condition that no row satisfies: what is refused, and that nothing is accepted.

    The draft is the row that came nearest.
    """
    table = draft.table
    constraint = table.constraint(condition.name)
    if aspect == "refused":
        pools = {name: context.rows.plan(table).pool(name) for name in condition.columns}
        tried = {n: [*pool.accepted, *pool.refused] for n, pool in pools.items()}
        row = inserting(draft.replace(**{n: texts[0] for n, texts in tried.items() if texts}))
        fault = Fault("a row", "23514", frozenset([condition.name]))
        return refused(context, table, row, fault)
    if constraint is not None and constraint.no_inherit and table.children:
        return "no row is its own: those that inherit from it hold them"
    raise Failed(f"always false: no row satisfies {condition.sql}")


def _aspects(expression: str | None) -> Iterable[str]:
    return _ASPECTS if either(expression or "") else _ASPECTS[:2]


def _condition(name: str, table: Table, context: CheckContext) -> Condition:
    """The table's constraint of that name, or that of the domain of a column."""
    found = {c.name: c for c in reversed(context.rows.conditions(table))}
    if table.constraint(name) is not None:
        return found[name]
    column = next(c for c in table.columns if name.startswith(f"{c.name}.") and c.domain)
    return next(
        c
        for c in context.rows.conditions(table)
        if c.columns == (column.name,) and f"{column.name}.{c.name}" == name
    )


def _rows_there(trial: Trial) -> None:
    table = trial.table
    constraint = table.constraint(trial.condition.name)
    only = "ONLY " if constraint and constraint.no_inherit and table.children else ""
    text = sql.SQL("SELECT * FROM {}{} WHERE ({}) IS FALSE LIMIT 1").format(
        sql.SQL(only), table.identifier, sql.SQL(trial.expression)
    )
    if trial.context.query(text):
        raise Failed("a row that is there violates it")


def _fault(trial: Trial, what: str) -> Fault:
    def stored(row: Row) -> bool:
        return holds(trial.context, trial.table, row, trial.expression) is False

    return Fault(what, "23514", frozenset([trial.condition.name]), stored)


def _refused(trial: Trial) -> str:
    """Every row that violates it and gets as far; where none does, one with others lifted."""
    refusals, masked = 0, list[tuple[str, Draft]]()
    for what, draft in trial.violations():
        fault = _fault(trial, what)
        answer = trial.context.attempt(inserting(draft))
        if fault.explains(answer):
            refusals += 1
            continue
        if answer and not answer.rows:
            raise Failed(f"{what} is neither refused nor stored: something discards it")
        if answer and fault.stored(answer.rows[0]):
            raise Failed(f"{what} is accepted")
        masked.append((what, draft))
    return "" if refusals else _unmasked(trial, masked)


def _unmasked(trial: Trial, masked: list[tuple[str, Draft]]) -> str:
    """The first of the rows to get there. Raises Undecided where none does."""
    reason = f"no row was found that violates {trial.condition.sql}"
    for what, draft in masked[:_MASKED]:
        try:
            return refused(trial.context, trial.table, inserting(draft), _fault(trial, what))
        except Undecided as verdict:
            reason = str(verdict)
    raise Undecided(reason)


def _accepted(trial: Trial) -> str:
    """Every row that satisfies all conditions; what others refuse says nothing of this one."""
    said: list[str] = []
    for what, draft in trial.satisfying():
        fault = _fault(trial, what)
        answer = trial.context.attempt(inserting(draft))
        if not fault.explains(answer) or trial.excuses(draft):
            continue
        # A trigger may have changed the row to what it may not be.
        with suppress(Undecided):
            said.append(_stored(trial, draft, fault))
    return remarks(*said)


def _stored(trial: Trial, draft: Draft, fault: Fault) -> str:
    """Demand that a row is stored. Raises Undecided where the condition changes by itself."""
    statement = inserting(draft)
    try:
        return accepted(trial.context, trial.table, statement, fault.what, fault)[1]
    except Failed:
        for _ in range(_AGAIN):
            if trial.context.attempt(statement) or trial.excuses(draft):
                raise Undecided(f"{fault.what}: the condition is now true, now false") from None
        if unsteady := sorted(_UNSTEADY.intersection(called_in([trial.condition]))):
            calls = f"{', '.join(unsteady)} gives another value each time"
            raise Undecided(f"{fault.what}: {calls}") from None
        raise


def _disjuncts(trial: Trial) -> str:
    reached, said, missing = 0, list[str](), list[str]()
    for text, draft in trial.context.rows.disjuncts(trial.draft, trial.condition):
        if draft is None:
            missing.append(text)
            continue
        if trial.excuses(draft):
            missing.append(text)
            continue
        what = f"a row of which only {text} is true"
        said.append(_stored(trial, draft, _fault(trial, what)))
        reached += 1
    if not reached:
        raise Undecided("no row was found of which just one side of an OR is true")
    alone = f"no row was found of which only {' or only '.join(missing)} is true"
    return remarks(*said, alone if missing else "")
