"""Playing: a tape on a connection, statement by statement, and what differs first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

import psycopg
from psycopg import pq

from harness.mutation.tapes.tape import Difference, Move, Said, Tape, expected, numbered
from harness.properties.check_context import send
from harness.properties.statement_result import Answer

_TUPLES, _COMMAND, _COPY = pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK, pq.ExecStatus.COPY_IN
_DEFINES = re.compile(r"\s*(?:ALTER|CREATE|DROP)\b", re.IGNORECASE)
_ORDERED = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)
_LATE = (
    "SAVEPOINT late; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO SAVEPOINT late;"
    " RELEASE SAVEPOINT late"
)
_CONSTRAINTS = re.compile(r"\s*SET CONSTRAINTS\b", re.IGNORECASE)
_SET, _KEEP, _UNDO = "SAVEPOINT move; ", "RELEASE SAVEPOINT move; ", "ROLLBACK TO SAVEPOINT move; "
_TYPES = re.compile(r"\bTYPE\b", re.IGNORECASE)
_NULL = b"23502"
_PLAYS = 2
"""On the unbroken schema, before a tape is believed."""


class Player:
    """One connection to a database with the unbroken schema, outside a transaction.

    Nothing that is played stays but the positions of sequences, which each tape sets itself.
    """

    def __init__(self, connection: psycopg.Connection[Any], timeout: float) -> None:
        self.connection = connection
        self._codec = connection.info.encoding
        self._before = _SET
        """What goes out before the next statement."""
        send(connection, f"SET statement_timeout = {int(timeout * 1000)}")
        send(connection, "SET client_min_messages = error")

    def steady(self, tape: Tape) -> Tape | None:
        """The tape with what it answers each time; None where nothing is the same each time."""
        plays = []
        for _ in range(_PLAYS):
            with self.transaction():
                plays.append(list(self._answers(tape)))
        if len({len(play) for play in plays}) > 1:
            return None
        answers = numbered(plays, [expected(said) for said in zip(*plays, strict=True)])
        return replace(tape, answers=answers) if any(answers) else None

    def transaction(self) -> _Transaction:
        """A transaction that is rolled back; tapes are played in it."""
        return _Transaction(self.connection)

    @contextmanager
    def altered(self, ddl: Sequence[str]) -> Iterator[Answer | None]:
        """The same after DDL; the answer is that of a statement that was refused.

        PL/pgSQL does not see that the type of a trigger's NEW.x is another one: what it has
        planned before would end in an error, on the mutant and then on the unbroken schema.
        """
        retyped = any(_TYPES.search(statement) for statement in ddl)
        try:
            with self.transaction():
                refused = self._refused(ddl)
                if retyped and refused is None:
                    send(self.connection, "DISCARD PLANS")
                yield refused
        finally:
            if retyped:
                send(self.connection, "DISCARD PLANS")

    def _refused(self, ddl: Sequence[str]) -> Answer | None:
        for statement in ddl:
            answer = send(self.connection, statement)
            if not answer:
                return answer
        return None

    def mark(self) -> None:
        """Have `difference` go back to here; in a transaction of the caller's."""
        send(self.connection, "SAVEPOINT tape")

    def difference(self, tape: Tape) -> Difference | None:
        """The first statement that is answered otherwise; everything since `mark` is undone.

        What a tape alters itself is no trial: where that is answered otherwise, the rest of it
        shows nothing.
        """
        try:
            return self._first(tape, self._answers(tape))
        finally:
            send(self.connection, "ROLLBACK TO SAVEPOINT tape")

    def repeats(self, difference: Difference, *ddl: str) -> bool:
        """Whether a tape is answered as ever up to there, in a transaction of its own.

        ``ddl`` is done first. What the tape would do after that statement shows nothing.
        """
        with self.altered(ddl):
            answers = islice(self._answers(difference.tape), difference.move + 1)
            return self._first(difference.tape, answers) is None

    def _first(self, tape: Tape, answers: Iterator[Said]) -> Difference | None:
        names: dict[str, str] = {}
        for number, said in enumerate(answers):
            wanted = tape.answers[number]
            if wanted is not None and wanted.differs(said, names):
                if _DEFINES.match(tape.moves[number].sql):
                    return None
                return Difference(tape, number, wanted, said)
        return None

    def _answers(self, tape: Tape) -> Iterator[Said]:
        if tape.restart:  # which no rollback undoes
            send(self.connection, f"SAVEPOINT restart; {tape.restart}")
            send(self.connection, "ROLLBACK TO SAVEPOINT restart; RELEASE SAVEPOINT restart")
        open_: tuple[int, ...] = ()
        self._before = _SET
        for move in tape.moves:
            if move.block != open_:
                self._enter(open_, move.block)
                open_ = move.block
            yield self._move(move)

    def _enter(self, before: tuple[int, ...], after: tuple[int, ...]) -> None:
        """Leave the savepoints that a move is outside of, and set those that it is in."""
        same = 0
        while same < min(len(before), len(after)) and before[same] == after[same]:
            same += 1
        leave = [f"ROLLBACK TO SAVEPOINT b{n}; RELEASE SAVEPOINT b{n}" for n in before[same:][::-1]]
        enter = [f"SAVEPOINT b{n}" for n in after[same:]]
        ended = [self._ended().rstrip("; ")]
        send(self.connection, "; ".join(filter(None, [*ended, *leave, *enter])))
        self._before = _SET

    def _move(self, move: Move) -> Said:
        """One statement in a savepoint; what becomes of that goes out with the next one."""
        if _CONSTRAINTS.match(move.sql):
            return self._constraints(move.sql)
        if move.sql.startswith("COPY "):
            send(self.connection, self._before.rstrip("; "))
            said = self._copied(move.sql)
        else:
            said = self._asked(self._before + move.sql, _ORDERED.search(move.sql) is None)
        if not said.sqlstate and move.late:
            late = self._asked(_LATE, False)
            said = late if late.sqlstate else said
        undone = move.undone or said.sqlstate
        self._before = _UNDO if undone else f"{_KEEP}{_SET}"
        return said

    def _constraints(self, text: str) -> Said:
        """SET CONSTRAINTS, outside of any savepoint of its own.

        PostgreSQL remembers the modes that were there before for the innermost savepoint alone:
        once that is released, ROLLBACK TO one around it does not bring them back.
        """
        said = self._asked(f"{self._ended()}{text}", False)
        self._before = _SET
        return said

    def _ended(self) -> str:
        """What ends the savepoint of the last statement, if there is one."""
        return f"{_UNDO}{_KEEP}" if self._before == _UNDO else self._before.removesuffix(_SET)

    def _asked(self, text: str, unordered: bool) -> Said:
        result = self.connection.pgconn.exec_(text.encode(self._codec))
        if result.status == _TUPLES:
            width = range(result.nfields)
            rows = [
                tuple(self._text(result.get_value(row, column)) for column in width)
                for row in range(result.ntuples)
            ]
            if unordered and len(rows) > 1:
                rows.sort(key=repr)
            return Said("", "", len(rows), tuple(rows))
        if result.status == _COMMAND:
            return Said("", "", result.command_tuples or 0)
        return self._refusal(result)

    def _copied(self, text: str) -> Said:
        head, _, data = text.partition("\n")
        answer = send(self.connection, head, data)
        return Said(answer.sqlstate, "", answer.count if answer else 0)

    def _refusal(self, result: pq.abc.PGresult) -> Said:
        state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
        raised = result.error_field(pq.DiagnosticField.SOURCE_FUNCTION) == b"exec_stmt_raise"
        message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) if raised else b""
        if state == _NULL:
            # NOT NULL comes before all else of a row, so whose it is is no chance.
            message = result.error_field(pq.DiagnosticField.TABLE_NAME)
        return Said(state.decode() or "XX000", self._text(message) or "")

    def _text(self, value: bytes | None) -> str | None:
        return None if value is None else value.decode(self._codec, "replace")


class _Transaction:
    """BEGIN and ROLLBACK around a block, whatever happens in it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        send(self._connection, "BEGIN")

    def __exit__(self, *_: object) -> None:
        send(self._connection, "ROLLBACK")
