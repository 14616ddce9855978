"""Replaying: a transcript on a connection, statement by statement, and what differs first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

import psycopg
from psycopg import pq

from harness.mutation.transcripts.transcript import (
    Difference,
    RecordedStatement,
    ServerAnswer,
    Transcript,
    expected,
    numbered,
)
from harness.properties.statement_result import Answer, send

_TUPLES, _COMMAND, _COPY = pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK, pq.ExecStatus.COPY_IN
_DEFINES = re.compile(r"\s*(?:ALTER|CREATE|DROP)\b", re.IGNORECASE)
_ORDERED = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)
_LATE = (
    "SAVEPOINT late; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO SAVEPOINT late;"
    " RELEASE SAVEPOINT late"
)
_CONSTRAINTS = re.compile(r"\s*SET CONSTRAINTS\b", re.IGNORECASE)
_SET, _KEEP, _UNDO = (
    "SAVEPOINT statement; ",
    "RELEASE SAVEPOINT statement; ",
    "ROLLBACK TO SAVEPOINT statement; ",
)
_TYPES = re.compile(r"\bTYPE\b", re.IGNORECASE)
_NULL = b"23502"
_REPLAYS = 2
"""On the unbroken schema, before a transcript is believed."""


class Replayer:
    """One connection to a database with the unbroken schema, outside a transaction.

    Nothing that is replayed stays but the positions of sequences, which each transcript sets
    itself.
    """

    def __init__(self, connection: psycopg.Connection[Any], timeout: float) -> None:
        self.connection = connection
        self._codec = connection.info.encoding
        self._before = _SET
        """What goes out before the next statement."""
        send(connection, f"SET statement_timeout = {int(timeout * 1000)}")
        send(connection, "SET client_min_messages = error")

    def steady(self, transcript: Transcript) -> Transcript | None:
        """The transcript with what is answered each time; None where nothing always is."""
        replays = []
        for _ in range(_REPLAYS):
            with self.transaction():
                replays.append(list(self._answers(transcript)))
        if len({len(replay) for replay in replays}) > 1:
            return None
        answers = numbered(replays, [expected(said) for said in zip(*replays, strict=True)])
        return replace(transcript, answers=answers) if any(answers) else None

    def transaction(self) -> _Transaction:
        """A transaction that is rolled back; transcripts are replayed in it."""
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
        send(self.connection, "SAVEPOINT transcript")

    def difference(self, transcript: Transcript) -> Difference | None:
        """The first statement that is answered otherwise; everything since `mark` is undone.

        What a transcript alters itself is no trial: where that is answered otherwise, the rest of
        it shows nothing.
        """
        try:
            return self._first(transcript, self._answers(transcript))
        finally:
            send(self.connection, "ROLLBACK TO SAVEPOINT transcript")

    def repeats(self, difference: Difference, *ddl: str) -> bool:
        """Whether a transcript is answered as ever up to there, in a transaction of its own.

        ``ddl`` is done first. What the transcript would do after that statement shows nothing.
        """
        with self.altered(ddl):
            answers = islice(self._answers(difference.transcript), difference.position + 1)
            return self._first(difference.transcript, answers) is None

    def _first(self, transcript: Transcript, answers: Iterator[ServerAnswer]) -> Difference | None:
        names: dict[str, str] = {}
        for number, said in enumerate(answers):
            wanted = transcript.answers[number]
            if wanted is not None and wanted.differs(said, names):
                if _DEFINES.match(transcript.statements[number].sql):
                    return None
                return Difference(transcript, number, wanted, said)
        return None

    def _answers(self, transcript: Transcript) -> Iterator[ServerAnswer]:
        if transcript.restart:  # which no rollback undoes
            send(self.connection, f"SAVEPOINT restart; {transcript.restart}")
            send(self.connection, "ROLLBACK TO SAVEPOINT restart; RELEASE SAVEPOINT restart")
        open_: tuple[int, ...] = ()
        self._before = _SET
        for statement in transcript.statements:
            if statement.block != open_:
                self._enter(open_, statement.block)
                open_ = statement.block
            yield self._statement(statement)

    def _enter(self, before: tuple[int, ...], after: tuple[int, ...]) -> None:
        """Leave the savepoints that a statement is outside of, and set those that it is in."""
        same = 0
        while same < min(len(before), len(after)) and before[same] == after[same]:
            same += 1
        leave = [f"ROLLBACK TO SAVEPOINT b{n}; RELEASE SAVEPOINT b{n}" for n in before[same:][::-1]]
        enter = [f"SAVEPOINT b{n}" for n in after[same:]]
        ended = [self._ended().rstrip("; ")]
        send(self.connection, "; ".join(filter(None, [*ended, *leave, *enter])))
        self._before = _SET

    def _statement(self, statement: RecordedStatement) -> ServerAnswer:
        """One statement in a savepoint; what becomes of that goes out with the next one."""
        if _CONSTRAINTS.match(statement.sql):
            return self._constraints(statement.sql)
        if statement.sql.startswith("COPY "):
            send(self.connection, self._before.rstrip("; "))
            said = self._copied(statement.sql)
        else:
            said = self._asked(self._before + statement.sql, _ORDERED.search(statement.sql) is None)
        if not said.sqlstate and statement.late:
            late = self._asked(_LATE, False)
            said = late if late.sqlstate else said
        undone = statement.undone or said.sqlstate
        self._before = _UNDO if undone else f"{_KEEP}{_SET}"
        return said

    def _constraints(self, text: str) -> ServerAnswer:
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

    def _asked(self, text: str, unordered: bool) -> ServerAnswer:
        result = self.connection.pgconn.exec_(text.encode(self._codec))
        if result.status == _TUPLES:
            width = range(result.nfields)
            rows = [
                tuple(self._text(result.get_value(row, column)) for column in width)
                for row in range(result.ntuples)
            ]
            if unordered and len(rows) > 1:
                rows.sort(key=repr)
            return ServerAnswer("", "", len(rows), tuple(rows))
        if result.status == _COMMAND:
            return ServerAnswer("", "", result.command_tuples or 0)
        return self._refusal(result)

    def _copied(self, text: str) -> ServerAnswer:
        head, _, data = text.partition("\n")
        answer = send(self.connection, head, data)
        return ServerAnswer(answer.sqlstate, "", answer.count if answer else 0)

    def _refusal(self, result: pq.abc.PGresult) -> ServerAnswer:
        state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
        raised = result.error_field(pq.DiagnosticField.SOURCE_FUNCTION) == b"exec_stmt_raise"
        message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) if raised else b""
        if state == _NULL:
            # NOT NULL comes before all else of a row, so whose it is is no chance.
            message = result.error_field(pq.DiagnosticField.TABLE_NAME)
        return ServerAnswer(state.decode() or "XX000", self._text(message) or "")

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
