"""Draft: a row that the server has accepted; Refusal and Unsatisfiable: why it has not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from psycopg import sql

from harness.postgres.schema_model import Name, Table

Values = Mapping[str, str | None]
"""Column -> text in the type's input syntax; None is NULL, absent is the default."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server's answer to what it did not take, in its own words."""

    sqlstate: str
    message: str
    detail: str = ""
    constraint: str = ""
    column: str = ""
    table: Name | None = None
    """Whose constraint or column it is: not always the table of the statement."""
    function: str = ""
    """Of the server's source code, where it was raised: in no language, unlike the message."""
    inside: bool = False
    """It was raised by code of the schema that the statement led to, not by the statement."""

    @property
    def transient(self) -> bool:
        """Cancelled, deadlocked, not locked, out of memory or disk: it may pass another time."""
        return self.sqlstate in ("57014", "40P01", "55P03", "53200", "53100")

    @classmethod
    def of(cls, error: psycopg.Error) -> Refusal:
        """From an error of the server."""
        said = error.diag
        table = Name(said.schema_name or "", said.table_name) if said.table_name else None
        return cls(
            error.sqlstate or "",
            (said.message_primary or str(error)).strip(),
            said.message_detail or "",
            said.constraint_name or "",
            said.column_name or "",
            table,
            said.source_function or "",
            bool(said.context or said.internal_query),
        )

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        state = f"{self.sqlstate}: " if self.sqlstate else ""
        return f"{state}{self.message}{detail}"


SWALLOWED = Refusal("", "the row was not stored: a trigger or rule suppressed it, without an error")
REDIRECTED = Refusal("", "a trigger or rule stores the row in another table of the hierarchy")


class Unsatisfiable(Exception):  # noqa: N818  what is so, and no mistake of the caller's
    """No valid row was found for a table.

    A finding about one table, which the others need not stop for.
    """

    def __init__(
        self,
        table: Table,
        constraint: str,
        closest: Values,
        refusal: Refusal | None,
        constant: bool = False,
    ) -> None:
        super().__init__(table, constraint, closest, refusal, constant)
        self.table = table
        self.constraint = constraint
        """Name of what refused, ``""`` where the server named nothing."""
        self.closest = dict(closest)
        """The row that came nearest."""
        self.refusal = refusal
        """The server's answer; None where its judgement of the CHECK alone was asked."""
        self.constant = constant
        """The CHECK is false whatever the row: it reads no column, or no value passes."""

    def __str__(self) -> str:
        by = f" by {self.constraint}" if self.constraint else ""
        answer = f": {self.refusal}" if self.refusal else ""
        never = "; no value that was tried satisfies it" if self.constant else ""
        return f"{self.table}: every row was refused{by}{answer}{never}"


UNCHECKED = "SET LOCAL session_replication_role = replica"
CHECKED = "SET LOCAL session_replication_role = origin"


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that the server accepted."""

    table: Table = field(repr=False)
    values: Values
    """What was given to INSERT; columns left out had their defaults."""
    stored: Values
    """The whole row as it was stored, as text: defaults, identities, what triggers changed."""
    parents: tuple[Draft, ...] = field(default=(), repr=False)
    """The rows that were inserted for it to refer to, their own parents first."""
    cleared: str = ""
    """What had to go before: the DELETE of a row that a trigger of its parent's had made."""
    unchecked: bool = False
    """It was inserted before a row that it refers to, in a circle that nothing else breaks."""
    before: tuple[str, ...] = ()
    """Statements to be run with it each time: rows of a circle that refer to it, and that
    nothing can be looked at without; that their keys are deferred."""
    after: tuple[str, ...] = ()
    """What makes those keys immediate again."""
    _texts: list[str] = field(default_factory=list, init=False, repr=False, compare=False)
    """The statements once they were written: parents are shown with every property."""

    @property
    def alone(self) -> bool:
        """Its INSERT is all that it takes."""
        return not (self.cleared or self.unchecked or self.before or self.after)

    @property
    def text(self) -> str:
        """The statement of a row that is ``alone``: rows that can be referred to differ in it."""
        return self.statements()[0]

    def insert_sql(self) -> tuple[sql.Composed, list[str | None]]:
        """``INSERT ... RETURNING *`` with ``$1`` placeholders, for `psycopg.RawCursor`."""
        return insert_sql(self.table, self.values), list(self.values.values())

    def insert(self, connection: psycopg.Connection[Any]) -> None:
        """Insert the row; the server's errors are psycopg's."""
        statement, parameters = self.insert_sql()
        with psycopg.RawCursor(connection) as cursor:
            cursor.execute(statement, parameters)

    def literal_sql(self) -> str:
        """Statements for psql that insert the row, with its parents before it."""
        parents = "\n".join(_literal(draft) for draft in self.parents)
        return f"{parents}\n{_literal(self)}" if parents else _literal(self)

    def literal_alone(self) -> str:
        """The same without its parents."""
        return _literal(self)

    def statements(self) -> list[str]:
        """Each statement of `literal_alone`, without its semicolon."""
        if not self._texts:
            self._texts.extend(_statements(self))
        return list(self._texts)

    def replace(self, **values: str | None) -> Draft:
        """The same with other values, which nobody has tried: a row to be refused perhaps."""
        return replace(self, values={**self.values, **values}, cleared="", unchecked=False)

    def without(self, *columns: str) -> Draft:
        """The same with these columns left to their defaults."""
        kept = {name: text for name, text in self.values.items() if name not in columns}
        return replace(self, values=kept, cleared="", unchecked=False)


def insert_sql(table: Table, values: Values, returning: bool = True) -> sql.Composed:
    """The INSERT of one row, its values as ``$1, $2, ...``."""
    marks = [sql.SQL(f"${number}") for number in range(1, len(values) + 1)]
    returned = returning and table.columns
    return _insert(table, values, marks) + sql.SQL(" RETURNING *" if returned else "")


def _insert(table: Table, values: Values, items: list[Any]) -> sql.Composed:
    start = sql.SQL("INSERT INTO {}").format(table.identifier)
    if not values:
        return start + sql.SQL(" DEFAULT VALUES")
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    return start + sql.SQL(" ({}){} VALUES ({})").format(
        names, _overriding(table, values), sql.SQL(", ").join(items)
    )


def _overriding(table: Table, values: Values) -> sql.SQL:
    """Somebody refers to the row by an identity that has been settled before."""
    always = any(table.column(name).identity == "always" for name in values)
    return sql.SQL(" OVERRIDING SYSTEM VALUE" if always else "")


def _literal(draft: Draft) -> str:
    return "\n".join(f"{text};" for text in draft.statements())


def _statements(draft: Draft) -> list[str]:
    values = dict(draft.values) | dict(_settled(draft))
    literals = [sql.Literal(text) for text in values.values()]
    text = _insert(draft.table, values, literals).as_string(None)
    found = [*[draft.cleared] * bool(draft.cleared), text]
    found = [UNCHECKED, *found, CHECKED] if draft.unchecked else found
    return [*draft.before, *found, *draft.after]


def _settled(draft: Draft) -> Iterator[tuple[str, str | None]]:
    """Keys that came from a sequence or a function, as they were: others refer to them."""
    for key in draft.table.keys:
        for name in key.columns:
            column = draft.table.column(name)
            if column.generated is None and column.has_default and name in draft.stored:
                yield name, draft.stored[name]
