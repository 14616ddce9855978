"""What a property check is: what the catalog declares, tried with rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from harness.core.results import Outcome
from harness.postgres.schema_model import Name, Schema
from harness.rowgen import Unsatisfiable

if TYPE_CHECKING:
    from harness.properties.check_context import CheckContext


class Property(NamedTuple):
    """One thing that the catalog says of one object of one table."""

    check: str
    """The id of the property."""
    table: Name
    object: str
    """The column, constraint, trigger, sequence or role."""
    aspect: str = ""
    """Which of several things that are said of the object."""

    @property
    def id(self) -> str:
        """``tasks::tasks_user_id_fkey::on_delete``; the schema is named unless it is public."""
        table = self.table.name if self.table.schema == "public" else str(self.table)
        return "::".join([table, self.object, self.aspect or self.check])


class Role(Enum):
    """What a statement is for."""

    STATEMENT = "statement"
    """The property is tried with it."""
    SETUP = "setup"
    """It prepares: a row to refer to, a constraint out of the way."""
    LOOK = "look"
    """A query, and what it says is shown."""
    ASIDE = "aside"
    """A query of the check's own, which shows nothing by itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement and what the server answered."""

    sql: str
    """As psql takes it."""
    answer: str
    """Rows, a command tag, or SQLSTATE, message and constraint."""
    sqlstate: str = ""
    """Of a refusal."""
    count: int | None = None
    """Rows that it gave or changed; None where nobody has counted."""
    role: Role = Role.STATEMENT
    undone: bool = False
    """Rolled back to a savepoint, right after it."""
    late: bool = False
    """The answer is that of SET CONSTRAINTS ALL IMMEDIATE after it."""
    session: int = 0
    """Which of several sessions ran it, from 1; 0 where there is one."""
    block: tuple[int, ...] = ()
    """The savepoints around it, the outermost first: numbers that no other has."""
    settled: str = ""
    """Of a row that was stored: its INSERT with the numbers that sequences gave it."""

    def to_json(self) -> dict[str, object]:
        """What ``evidence`` has of it."""
        return {
            "sql": self.sql,
            "answer": self.answer,
            "sqlstate": self.sqlstate,
            "undone": self.undone,
            "session": self.session,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known of a property, and how."""

    prop: Property
    outcome: Outcome
    reason: str = ""
    """Why it fails, is undecided or advice; of one that passed, what there is to remark."""
    evidence: tuple[Step, ...] = ()
    """The statements that show it, in their order, to be run in one transaction."""
    seconds: float = 0.0
    crash: str = ""
    """The traceback of a check that could not do its work; the outcome then says nothing."""

    def to_json(self) -> Mapping[str, object]:
        """The object that ``--json`` writes."""
        prop = self.prop
        return {
            "id": prop.id,
            "check": prop.check,
            "table": str(prop.table),
            "object": prop.object,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "evidence": [step.to_json() for step in self.evidence],
        }


class Failed(Exception):  # noqa: N818  a verdict, not an error of ours
    """The database does not have a property; the message says in what."""


class Advice(Exception):  # noqa: N818  a verdict, not an error of ours
    """The database keeps what it declares; the message says what is worth knowing all the same.

    A missing index, a number that will run out one day: true, and no row shows that anything is
    broken. ``strict`` and ``fail_on`` make failures of it.
    """


class Undecided(Exception):  # noqa: N818  a verdict, not an error of ours
    """Nothing could be shown either way; the message says why."""


class SetupFailed(Undecided):
    """A statement that a check builds on is refused; another one may not be."""


class NoRow(Undecided):
    """No valid row was found; ``cause`` has what the server said to the last one."""

    def __init__(self, cause: Unsatisfiable) -> None:
        super().__init__(f"no valid row: {cause}")
        self.cause = cause


class Lost(Undecided):
    """Valid rows are not stored, and nobody says so: failed, unless a check goes on without."""


class PropertyCheck(Protocol):
    """A kind of property: where the catalog makes it, and how it is tried on the server.

    The module's docstring is the explanation that users read: a paragraph on what is
    declared and on the behaviour of PostgreSQL that the check relies on.
    """

    id: ClassVar[str]
    """Snake case, as ``--only`` and the configuration call it."""
    group: ClassVar[str]
    """``"constraints"``, ``"sequences"``, ``"triggers"``, ``"isolation"`` or ``"privileges"``."""
    manual: ClassVar[str]
    """The page of PostgreSQL's manual that says so."""

    def properties(self, schema: Schema) -> Iterable[Property]:
        """The properties of this kind that a schema makes."""

    def check(self, prop: Property, context: CheckContext) -> str:
        """Try one property on the server; what is worth knowing though it is kept.

        Works inside a transaction that is rolled back afterwards; ``context.apart()`` gives
        a clone to commit in. Raises Failed, Advice or Undecided.
        """
