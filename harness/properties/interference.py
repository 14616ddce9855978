"""Interference: what stands before a property, taken away until the property itself can be seen.

A row that one constraint has to refuse may be refused by another one first, or changed by a
trigger before any constraint sees it. Both are taken out of the way inside the transaction,
which is rolled back, and the statement is tried again: what is shown then is the work of the
property alone, and the remark says what was out of the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from psycopg import sql

from harness.postgres.schema_model import Constraint, Index, Table
from harness.properties import dropping
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.row_statements import Statement
from harness.properties.statement_result import Answer, Row

_MOST = 12


@dataclass(frozen=True, slots=True)
class Fault:
    """What one object of a table has to refuse."""

    what: str
    """For a person: ``"a duplicate of (email)"``."""
    sqlstate: str
    names: frozenset[str] = frozenset()
    """Of the constraint, its partitions' included; none is any."""
    stored: Callable[[Row], bool] = lambda _: True
    """Whether a row that was stored is what should have been refused."""
    deferred: bool | None = None
    """Whether the refusal is due at COMMIT, or at once; None is either."""
    always: bool = False
    """It is due whatever else is there: of a type, which no constraint stands in for."""

    def explains(self, answer: Answer) -> bool:
        """The refusal is the one that is due."""
        return answer.sqlstate == self.sqlstate and (
            not self.names or answer.constraint in self.names
        )


def refused(context: CheckContext, table: Table, statement: Statement, fault: Fault) -> str:
    """Demand that a fault is refused; what had to be out of the way for that.

    Raises Failed where it is stored or swallowed, Undecided where it does not get there.
    """
    with context.undone():
        interference = Interference(context, table)
        made_room = False
        for _ in range(_MOST):
            answer = context.attempt(statement)
            if fault.explains(answer):
                if not interference.lifted:  # lifting makes what is deferred immediate
                    _at_its_moment(answer, fault)
                return interference.remark
            if answer and not answer.rows and interference.lift_rules():
                continue
            if answer and (made_room or fault.always or interference.lifted == interference.rules):
                # A trigger may take back the other row's key, or insert what the row refers to.
                stored = answer.rows and not fault.always and fault.stored(answer.rows[0])
                if stored and not made_room and interference.lift_triggers():
                    made_room = True
                    continue
                _look(answer, table, fault)
            demand_whole(context, answer, fault.what)
            if not interference.lift(answer):
                break
    raise Undecided(_stuck(fault.what, answer, interference))


def demand_whole(context: CheckContext, answer: Answer, what: str) -> None:
    """Raise Failed where it is the schema's own code that is broken: that is no obstacle."""
    if not answer and isinstance(found := context.verdict(answer, f"{what}: {answer}"), Failed):
        raise found


def _at_its_moment(answer: Answer, fault: Fault) -> None:
    """Demand that a refusal comes when it is declared to come."""
    if fault.deferred is True and not answer.late:
        raise Failed(f"{fault.what} is refused at once, though that is deferred")
    if fault.deferred is False and answer.late:
        raise Failed(f"{fault.what} is refused at COMMIT only, and not at once")


def _look(answer: Answer, table: Table, fault: Fault) -> None:
    if not answer.rows and table.columns:
        raise Failed(f"{fault.what} is neither refused nor stored: something discards it")
    if not table.columns or fault.stored(answer.rows[0]):
        raise Failed(f"{fault.what} is accepted")


def _stuck(what: str, answer: Answer, interference: Interference) -> str:
    beyond = f" ({interference.remark})" if interference.lifted else ""
    said = f"something else answers: {answer}" if not answer else f"it is not seen: {answer}"
    return f"{what}: {said}{beyond}"


def accepted(
    context: CheckContext,
    table: Table,
    statement: Statement,
    what: str,
    fault: Fault | None = None,
    generated: bool = False,
) -> tuple[Row, str]:
    """Demand that a row is stored: the row, and what had to be out of the way.

    With ``generated``, columns that cannot be computed may be. Raises Failed where ``fault``
    explains the refusal, Undecided where others refuse it.
    """
    with context.undone():
        interference = Interference(context, table, generated)
        for _ in range(_MOST):
            answer = context.attempt(statement)
            if answer and (answer.rows or not table.columns):
                return (answer.rows or ({},))[0], interference.remark
            own = fault is not None and fault.explains(answer)
            if own and (interference.without_triggers or not interference.triggers):
                raise Failed(f"{what} is refused: {answer}")
            if answer and interference.lift_rules():
                continue
            if answer and not interference.lifted:
                raise Failed(f"{what} is not stored: something discards it")
            demand_whole(context, answer, what)
            if not (interference.lift_triggers() if own else interference.lift(answer)):
                break
    raise Undecided(_stuck(what, answer, interference))


@dataclass(frozen=True)
class Refusing:
    """A constraint, index or domain's CHECK that can be dropped."""

    name: str
    statement: sql.Composed


class Interference:
    """What stands before a property of one table; it is lifted in the context's transaction."""

    def __init__(self, context: CheckContext, table: Table, generated: bool = False) -> None:
        self._context, self._table = context, table
        self._generated = [c for c in table.columns if c.generated and generated]
        self._computed = [i for i in table.indexes if None in i.columns or i.predicate]
        """Indexes whose expressions do not stand every value."""
        self.lifted: list[str] = []
        self.rules: list[str] = []
        """What was lifted of it are rules, behind which a constraint still holds."""
        self.without_triggers = self._detached = self._catches_all = self._ruleless = False
        self.triggers = [t.name for t in table.triggers if t.fires]

    @property
    def remark(self) -> str:
        """What was lifted, for a person."""
        return f"shown without {', '.join(self.lifted)}" if self.lifted else ""

    def lift(self, answer: Answer) -> bool:
        """Take away what gave this answer; False where that cannot be."""
        if answer.constraint:
            found = next(self._refusing(answer), None)
            return found is not None and self._drop(found)
        if answer.sqlstate == "23502" and answer.table == self._table.name.name:
            return self._drop(self._not_null(answer.column))
        if answer.sqlstate == "23514" and (bounds := self._bounds()):
            return self._drop(bounds)
        if answer.sqlstate.startswith("22") and self._generated:
            return self._drop(self._computing())
        if answer.sqlstate.startswith("22") and self._computed:
            table, index = self._highest_index(self._table, self._computed.pop())
            return self._drop(_index(index.name, table, index))
        return self.lift_triggers()

    def lift_triggers(self) -> bool:
        """Let no trigger of the user's fire; False where there is none that does."""
        if self.without_triggers or not self.triggers:
            return False
        self.without_triggers = True
        text = sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(self._table.identifier)
        return self._drop(Refusing(f"the triggers {', '.join(self.triggers)}", text))

    def lift_rules(self) -> bool:
        """Let no rule stand for a statement; False where there is none that does."""
        if self._ruleless or self._table.kind not in ("ordinary", "partitioned", "partition"):
            return False
        self._ruleless = True
        for rule in self._table.rules:
            self.rules.append(f"the rule {rule.name}")
            self._drop(Refusing(self.rules[-1], dropping.rule(self._table, rule)))
        return bool(self.rules)

    def _drop(self, found: Refusing) -> bool:
        # What is deferred has to be looked at before a table may be altered.
        self._context.keep("SET CONSTRAINTS ALL IMMEDIATE")
        self.lifted.append(found.name)
        lifted = bool(self._context.attempt(found.statement, keep=True))
        self._context.prepared(2)
        return lifted

    def _computing(self) -> Refusing:
        """The generated columns, whose expressions do not stand every value."""
        drops = [sql.SQL("DROP COLUMN {} CASCADE").format(c.identifier) for c in self._generated]
        names, self._generated = ", ".join(map(str, self._generated)), []
        text = sql.SQL("ALTER TABLE {} {}").format(
            self._table.identifier, sql.SQL(", ").join(drops)
        )
        return Refusing(f"the generated {names}", text)

    def _bounds(self) -> Refusing | None:
        """Those of a partition, whose refusals name no constraint; there is no way around them."""
        table = self._table.identifier
        if self._table.is_partition and not self._detached:
            self._detached = True
            parent = self._table.parents[0].identifier
            text = sql.SQL("ALTER TABLE {} DETACH PARTITION {}").format(parent, table)
            return Refusing("the partition's bounds", text)
        if self._table.kind == "partitioned" and not self._catches_all:
            self._catches_all = True
            rest = sql.Identifier(self._table.name.schema, "harness_every_other_row")
            text = sql.SQL("CREATE TABLE {} PARTITION OF {} DEFAULT").format(rest, table)
            return Refusing("bounds of partitions", text)
        return None

    def _not_null(self, column: str) -> Refusing:
        text = sql.SQL("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL")
        return Refusing(
            f"NOT NULL of {column}", text.format(self._table.identifier, sql.Identifier(column))
        )

    def _refusing(self, answer: Answer) -> Iterator[Refusing]:
        name = answer.constraint
        for owner in self._owners(answer.table):
            if (constraint := owner.constraint(name)) is not None:
                table, highest = self._highest(owner, constraint)
                yield Refusing(name, dropping.constraint(table, highest.name))
            elif (index := owner.index(name)) is not None:
                yield _index(name, *self._highest_index(owner, index))
        for column in self._table.columns:
            for statement in dropping.domain_check(column, name):
                yield Refusing(name, statement)

    def _owners(self, name: str) -> list[Table]:
        """The tables that an answer may mean, which names no schema."""
        every = [self._table, *self._context.schema]
        return [table for table in every if table.name.name == name]

    def _highest(self, table: Table, constraint: Constraint) -> tuple[Table, Constraint]:
        """Where an inherited constraint comes from: only there can it be dropped."""
        if self._detached and table.name == self._table.name:
            return table, constraint  # by now it is its own
        for name in table.parents if constraint.inherited else ():
            parent = self._context.schema.by_name.get(name)
            for other in parent.constraints if parent else ():
                alike = (other.kind, other.columns) == (constraint.kind, constraint.columns)
                if parent and alike and other.expression == constraint.expression:
                    return self._highest(parent, other)
        return table, constraint

    def _highest_index(self, table: Table, index: Index) -> tuple[Table, Index]:
        if self._detached and table.name == self._table.name:
            return table, index
        for name in table.parents if index.inherited else ():
            parent = self._context.schema.by_name.get(name)
            for other in parent.indexes if parent else ():
                if parent and (other.keys, other.predicate) == (index.keys, index.predicate):
                    return self._highest_index(parent, other)
        return table, index


def _index(name: str, table: Table, index: Index) -> Refusing:
    if index.constraint:
        return Refusing(name, dropping.constraint(table, index.constraint))
    where = sql.Identifier(table.name.schema, index.name)
    return Refusing(name, sql.SQL("DROP INDEX {} CASCADE").format(where))


def remarks(*found: str) -> str:
    """Several remarks as one."""
    return "; ".join(dict.fromkeys(text for text in found if text))
