"""Transcript: statements in their order, and what the unbroken schema answers to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from harness.postgres.schema_model import Name

Cells = tuple[tuple[str | None, ...], ...]
"""Rows of values as text."""


class RecordedStatement(NamedTuple):
    """One statement, and what becomes of what it did."""

    sql: str
    undone: bool
    """Rolled back right after it."""
    late: bool
    """What is deferred is looked at after it, and that is the answer."""
    block: tuple[int, ...]
    """The savepoints around it, as `harness.properties.base.Step` has them."""


class ServerAnswer(NamedTuple):
    """What the server said to one statement."""

    sqlstate: str
    """Empty where it was accepted."""
    message: str = ""
    """Of an error that the schema's own code raises; of one of NOT NULL, the table."""
    number: int = 0
    """Rows that it gave or changed."""
    rows: Cells = ()

    def __str__(self) -> str:
        if self.sqlstate:
            return f"{self.sqlstate}: {self.message}" if self.message else self.sqlstate
        if len(self.rows) == 1:
            return f"({', '.join('NULL' if v is None else v for v in self.rows[0])})"
        return f"{self.number} row{'' if self.number == 1 else 's'}"


MOVING = "\0"
"""In the place of a value that is another one each time.

With a number behind it, it is the same value wherever that number stands in the transcript: a
moment, a generated id. Which moments are the same tells ``now()`` from ``clock_timestamp()``.
"""
_LONG = 25
"""Characters of a value, from which on it is not the same by chance: a moment with fractions."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a statement answers in every replay on the unbroken schema, as far as it is the same."""

    sqlstate: str
    message: str | None
    count: int | None
    rows: Cells | None
    """`MOVING` stands for values that differ from replay to replay."""

    def differs(self, said: ServerAnswer, names: dict[str, str]) -> bool:
        """Whether an answer is another one; ``names`` has the moving values so far.

        Which of several constraints refuses a row is chance: the order in which they were made.
        So a refusal is the same where its SQLSTATE is.
        """
        if (self.sqlstate or said.sqlstate) and _class(self.sqlstate) != _class(said.sqlstate):
            return True
        if self.sqlstate:
            return self.message not in (None, said.message)
        if self.count not in (None, said.number):
            return True
        return self.rows is not None and not _alike(self.rows, said.rows, names)

    def __str__(self) -> str:
        return str(
            ServerAnswer(self.sqlstate, self.message or "", self.count or 0, self.rows or ())
        )


Answers = tuple[Expected | None, ...]
"""Of each statement of a transcript; None of one that is not always answered alike."""


def expected(replays: Sequence[ServerAnswer]) -> Expected | None:
    """What several replays have in common; None where one was refused and another was not."""
    first, *others = replays
    if any(_class(one.sqlstate) != _class(first.sqlstate) for one in others):
        return None
    message = first.message if all(one.message == first.message for one in others) else None
    count = first.number if all(one.number == first.number for one in others) else None
    rows: Cells | None = first.rows
    for other in others:
        rows = _common(rows, other.rows)
    return Expected(first.sqlstate, message, count, rows)


_CONFLICTS = ("23505", "23P01")
"""A key and an EXCLUDE are indexes, and the older of two is asked first."""


def _class(sqlstate: str) -> str:
    return _CONFLICTS[0] if sqlstate in _CONFLICTS else sqlstate


def _common(one: Cells | None, other: Cells) -> Cells | None:
    if one is None or len(one) != len(other):
        return None
    if any(len(a) != len(b) for a, b in zip(one, other, strict=True)):
        return None
    return tuple(
        tuple(x if x == y else MOVING for x, y in zip(a, b, strict=True))
        for a, b in zip(one, other, strict=True)
    )


def _alike(wanted: Cells, rows: Cells, names: dict[str, str]) -> bool:
    if len(wanted) != len(rows):
        return False
    return all(
        len(a) == len(b) and all(_same(x, y, names) for x, y in zip(a, b, strict=True))
        for a, b in zip(wanted, rows, strict=True)
    )


def _same(wanted: str | None, value: str | None, names: dict[str, str]) -> bool:
    if wanted is None or not wanted.startswith(MOVING):
        return wanted == value
    if wanted == MOVING or value is None:
        return True
    if wanted[1] == "." and "." not in value:
        return False  # without fractions: once in a million moments by chance
    # One value has one number, and one number one value.
    if len(value) < _LONG:
        return True
    return names.setdefault(wanted, value) == value and names.setdefault(value, wanted) == wanted


def numbered(
    replays: Sequence[Sequence[ServerAnswer]], answers: Sequence[Expected | None]
) -> Answers:
    """The answers with numbers for moving values, where these are the same in every replay."""
    known: tuple[dict[str, str], ...] = tuple({} for _ in replays)
    found: list[Expected | None] = []
    for at, answer in enumerate(answers):
        if answer is not None and answer.rows and any(MOVING in row for row in answer.rows):
            rows = tuple(
                tuple(
                    _number(cell, [replay[at].rows[r][c] for replay in replays], known)
                    for c, cell in enumerate(row)
                )
                for r, row in enumerate(answer.rows)
            )
            answer = replace(answer, rows=rows)
        found.append(answer)
    return tuple(found)


def _number(
    cell: str | None, values: Sequence[str | None], known: Sequence[dict[str, str]]
) -> str | None:
    if cell != MOVING or any(value is None or len(value) < _LONG for value in values):
        return cell
    numbers = {
        names.setdefault(value or "", f"{MOVING}{'.' * ('.' in (value or ''))}{len(names)}")
        for names, value in zip(known, values, strict=True)
    }
    return numbers.pop() if len(numbers) == 1 else MOVING


@dataclass(frozen=True, slots=True)
class Transcript:
    """Statements about one object, as a property or a probe has tried them."""

    id: str
    """The property's: ``tasks::tasks_pkey::duplicate``."""
    check: str
    """The id of the property check or probe."""
    table: Name
    object: str
    statements: tuple[RecordedStatement, ...]
    touches: frozenset[Name]
    """The tables that its statements name."""
    restart: str
    """The statement that puts the sequences of those tables where they start; empty for none."""
    others: bool
    """Whether it gives commands as other roles than the session's own."""
    answers: Answers = ()
    """One for each statement, once it was replayed on the unbroken schema."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first statement that a mutant answers otherwise."""

    transcript: Transcript
    position: int
    """Of the statement in the transcript."""
    wanted: Expected
    said: ServerAnswer

    @property
    def sql(self) -> str:
        """The statement."""
        return self.transcript.statements[self.position].sql

    @property
    def crashes(self) -> bool:
        """Whether it only says that code cannot run: class 42, or an error inside the server."""
        return self.said.sqlstate[:2] in ("42", "XX") and self.said.sqlstate != "42501"

    @property
    def timed_out(self) -> bool:
        """Whether the statement did not end in time."""
        return self.said.sqlstate == "57014"
