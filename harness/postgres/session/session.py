"""Session: a script's statements in its own order, with psql's handling of errors.

After a failed statement the script ends, as under pg_prove. Statements that were on
their way by then still reach the server, but nothing is reported of them: the database is
not to be used again, which is right for tests; migrations go out one by one. A script
that turns ON_ERROR_STOP or AUTOCOMMIT off is run statement by statement, with psql's
savepoints and BEGINs.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from harness.core.results import Location
from harness.postgres.psql import Discard, Echo, Gexec, Gset, Item, Reconnect, Script, Statement
from harness.postgres.psql.lexer import bare
from harness.postgres.session.wire import (
    LOST,
    SHARE,
    Answer,
    CopyOut,
    Failure,
    GivenUp,
    Reply,
    Row,
    Unanswered,
    Wire,
    gset,
    told_of_connection,
    told_of_results,
)

WINDOW = 256
"""Statements under way at once: enough to hide the round trip, few enough to bound memory."""

PG_PROVE = {"ON_ERROR_STOP": "1", "ON_ERROR_ROLLBACK": "1", "QUIET": "1"}
"""psql's variables as pg_prove sets them."""

_SAVEPOINT = "harness_savepoint"
_TUPLES = pq.ExecStatus.TUPLES_OK
_ERRORS = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED)
_CONTROL = re.compile(
    r"(?:BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE TRANSACTION)\b"
)

_ORDINARY = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE")
_BEGINS = re.compile(r"(?:BEGIN|START TRANSACTION)\b")
_END = r"(?:COMMIT|END|ABORT|PREPARE TRANSACTION|ROLLBACK(?! (?:WORK |TRANSACTION )?TO\b))\b"
_ENDS = re.compile(_END)
_FORGETS = re.compile(rf"(?:^|; ?)(?:{_END}|ROLLBACK\b|DISCARD\b)")
_FIRES = re.compile(r"(?:COMMIT|END|PREPARE TRANSACTION)\b")
"""What may count something itself: it fires deferred triggers."""

Connection = psycopg.Connection[Any]


class Session:
    r"""One connection that runs scripts.

    ``timeout`` is in seconds for each statement. ``serve`` sees every statement before it
    is sent and may replace it, or answer it itself (None). ``reconnect`` gives one more
    connection to the database, for ``\c`` and to look after this one. Without
    ``pipelined`` nothing is sent before the statement in front of it has succeeded. Only
    when ``timed`` is every answer's time that of its own statement. ``count`` are statements
    that ask what the session has counted: they are sent, and the last one's answer given, at
    the end and before what may forget it (ROLLBACK, COMMIT, DISCARD, ``\c``).
    ``anew`` makes the session as good as a new one where ``reconnect`` gives none.
    """

    def __init__(
        self,
        connection: Connection,
        timeout: float,
        serve: Callable[[Statement], Statement | None] = lambda statement: statement,
        reconnect: Callable[[], Connection] | None = None,
        pipelined: bool = True,
        timed: bool = False,
        count: tuple[str, ...] = (),
        anew: Callable[[Reconnect], None] = lambda _: None,
    ) -> None:
        self._share = 1 if timed else SHARE
        self._timeout, self._serve, self._reconnect = timeout, serve, reconnect
        self._pipelined, self._count, self._anew = pipelined, count, anew
        self._uncounted = self._asked = False
        self._pending: deque[Statement] = deque()
        self._notices: list[str] = []
        self._use(connection)

    def _use(self, connection: Connection) -> None:
        connection.add_notice_handler(self._notice)
        self.connection = connection
        self._wire = Wire(connection, self._timeout, self._reconnect, self._share)
        self._in_transaction = False

    def _notice(self, notice: psycopg.errors.Diagnostic) -> None:
        self._notices.append(f"{notice.severity}:  {notice.message_primary}")

    def run(self, script: Script) -> Iterator[Answer]:
        """Run a script to its end, or to the first failure that ends it.

        Raises ScriptError where the script asks for what is not served.
        """
        self._asked = script.asks_of_results
        script.variables.update(told_of_connection(self.connection))
        last: Item | None = None
        for item in script:
            last = item
            for answer in self._answers(item, script):
                yield answer
                if answer.failure and (_stops(script) or self._wire.lost):
                    return
        for answer in self._drain():
            yield answer
            if answer.failure:
                return
        if last is not None:
            yield from self._counted(Location(last.path, last.line))

    def abandon(self) -> None:
        """Take in what is under way, unseen, so that the connection is out of its pipeline.

        For who stops before a script's end and goes on with the connection.
        """
        deque(self._drain(), maxlen=0)

    def _answers(self, item: Item, script: Script) -> Iterable[Answer]:
        """Take an item on; answers that have come in the meantime, or that it waits for."""
        if not isinstance(item, Statement):
            return self._apart(item)
        statement = self._serve(item)
        if statement is None:
            return ()
        if not self._pipelines(script) or _alone(statement):
            return self._run_alone(statement, script)
        self._send(statement)
        return self._receive(WINDOW // 2) if len(self._pending) >= WINDOW else ()

    def _send(self, statement: Statement) -> None:
        text = statement.sql
        if text[:6].upper() in _ORDINARY:  # most are, and need no closer look
            self._uncounted = True
            self._put(statement, sync=not self._in_transaction)
            return
        bare_text, inside = bare(text), self._in_transaction
        forgets = _FORGETS.search(bare_text) is not None
        if forgets:
            self._put_count(statement)
        self._uncounted = not forgets or _FIRES.match(bare_text) is not None
        if _BEGINS.match(bare_text):
            self._in_transaction = True
        elif _ENDS.match(bare_text):
            self._in_transaction = False
        self._put(statement, sync=not inside or not self._in_transaction)

    def _put(self, statement: Statement, sync: bool) -> None:
        self._wire.send(statement.sql, sync)
        self._pending.append(statement)

    def _put_count(self, before: Statement) -> None:
        """Ask what has been counted, unless nothing was sent since that was asked last."""
        if self._uncounted:
            for text in self._count:
                count = before._replace(sql=text, after=None, data=None, breaks=())
                self._put(count, sync=not self._in_transaction)
        self._uncounted = False

    def _counted(self, location: Location) -> Iterator[Answer]:
        """The same where statements go out one by one; nothing in a transaction that failed."""
        if self._uncounted and (self._wire.idle or self._wire.in_transaction):
            for text in self._count:
                yield self._execute(Statement(text, *location))
        self._uncounted = False

    def _pipelines(self, script: Script) -> bool:
        """Whether statements may go out before the ones in front of them are answered."""
        if self._asked or not self._pipelined:
            return False
        return _stops(script) and script.is_on("AUTOCOMMIT")

    def _apart(self, item: Echo | Reconnect) -> Iterator[Answer]:
        yield from self._drain()
        if isinstance(item, Reconnect):
            yield from self._counted(Location(item.path, item.line))
        if isinstance(item, Echo):
            if item.stream == "stdout":
                yield Answer(Location(item.path, item.line), (), _lines(item.text))
        elif self._reconnect is not None:
            self.connection.close()
            self._use(self._reconnect())
        else:
            self._anew(item)

    def _drain(self) -> Iterator[Answer]:
        self._wire.sync()
        yield from self._receive(0)
        if not self._wire.lost:
            self._wire.end_pipeline()

    def _receive(self, leave: int) -> Iterator[Answer]:
        """Wait for answers until at most ``leave`` statements are under way."""
        while len(self._pending) > leave:
            statement = self._pending.popleft()
            yield self._answer(statement, self._wire.receive)

    # --- alone -------------------------------------------------------------------------

    def _run_alone(self, statement: Statement, script: Script) -> Iterator[Answer]:
        yield from self._drain()
        if self._count and _FORGETS.search(bare(statement.sql)):
            yield from self._counted(Location(statement.path, statement.line))
        self._uncounted = True
        yield from self._step(statement, script)
        self._in_transaction = not self._wire.idle

    def _step(self, statement: Statement, script: Script) -> Iterator[Answer]:
        begins = not script.is_on("AUTOCOMMIT") and self._wire.idle
        if begins and not transaction_control(statement.sql):
            self._wire.alone("BEGIN")
        saved = self._savepoint(statement, script)
        answer = self._execute(statement)
        script.variables.update(answer.tells or {})
        if saved and not self._wire.lost:
            undo = f"ROLLBACK TO {_SAVEPOINT}; " if answer.failure else ""
            self._wire.alone(f"{undo}RELEASE {_SAVEPOINT}")
        if answer.failure:
            yield answer
        elif isinstance(statement.after, Gset):
            yield gset(answer, statement.after.prefix, script.variables)
        elif isinstance(statement.after, Gexec):
            yield from self._gexec(statement, answer, script)
            script.variables.update(answer.tells or {})  # of the outer one, in the end
        elif isinstance(statement.after, Discard):
            yield answer._replace(rows=())
        else:
            yield answer

    def _execute(self, statement: Statement) -> Answer:
        return self._answer(statement, lambda: self._wire.alone(statement.sql, statement.data))

    def _savepoint(self, statement: Statement, script: Script) -> bool:
        """Whether a savepoint was set, as psql does it under ON_ERROR_ROLLBACK."""
        wanted = not _stops(script) and script.is_on("ON_ERROR_ROLLBACK")
        if not (wanted and self._wire.in_transaction) or transaction_control(statement.sql):
            return False
        self._wire.alone(f"SAVEPOINT {_SAVEPOINT}")
        return True

    def _gexec(self, statement: Statement, answer: Answer, script: Script) -> Iterator[Answer]:
        yield answer._replace(rows=())
        for command in (value for row in answer.rows for value in row if value is not None):
            if self._count and _FORGETS.search(bare(command)):
                yield from self._counted(Location(statement.path, statement.line))
            self._uncounted = True
            served = self._serve(statement._replace(sql=command, after=None, data=None))
            if served is None:
                continue
            made = self._execute(served)
            script.variables.update(made.tells or {})
            yield made
            if made.failure and _stops(script):
                return

    # --- answers -----------------------------------------------------------------------

    def _answer(self, statement: Statement, results: Callable[[], list[Reply]]) -> Answer:
        started = time.perf_counter()
        location = Location(statement.path, statement.line)
        failure, arrived = None, list[Reply]()
        try:
            arrived = results()
        except Unanswered:
            limit = f"the statement did not return within {self._timeout:g} s and was cancelled"
            failure = Failure(limit, location=location, unanswered=True)
        except psycopg.OperationalError as error:
            self._pending.clear()
            state = "" if isinstance(error, GivenUp) else LOST
            failure = Failure(f"the connection was lost: {error}".strip(), state, location=location)
        for result in arrived:
            if not isinstance(result, CopyOut) and result.status in _ERRORS:
                failure = self._failure(statement, result)
                break
        notices, self._notices = tuple(self._notices), []
        rows = self._rows(arrived)
        columns = self._columns(arrived) if statement.after is not None else ()  # for \gset
        tells = told_of_results(arrived, failure) if self._asked else None
        seconds = time.perf_counter() - started
        counted = statement.sql in self._count
        return Answer(location, columns, rows, notices, failure, seconds, tells, counted)

    def _failure(self, statement: Statement, result: PGresult) -> Failure:
        def text(part: pq.DiagnosticField) -> str:
            return self._wire.decoded(result.error_field(part))

        position = text(pq.DiagnosticField.STATEMENT_POSITION)
        line = statement.line_at(int(position) - 1) if position else statement.line
        inner = text(pq.DiagnosticField.INTERNAL_QUERY)
        place = text(pq.DiagnosticField.INTERNAL_POSITION) if inner else position
        return Failure(
            text(pq.DiagnosticField.MESSAGE_PRIMARY) or self._wire.decoded(result.error_message),
            text(pq.DiagnosticField.SQLSTATE),
            text(pq.DiagnosticField.MESSAGE_DETAIL),
            text(pq.DiagnosticField.MESSAGE_HINT),
            text(pq.DiagnosticField.CONTEXT),
            Location(statement.path, line),
            text(pq.DiagnosticField.SOURCE_FUNCTION),
            inner or statement.sql,
            int(place or 0),
            text(pq.DiagnosticField.SCHEMA_NAME),
            text(pq.DiagnosticField.TABLE_NAME),
            text(pq.DiagnosticField.COLUMN_NAME),
            text(pq.DiagnosticField.CONSTRAINT_NAME),
            statement.sql,
        )

    def _columns(self, results: list[Reply]) -> tuple[str, ...]:
        """Names of the last result's columns."""
        for result in reversed(results):
            if not isinstance(result, CopyOut) and result.status == _TUPLES:
                names = [result.fname(column) for column in range(result.nfields)]
                return tuple(map(self._wire.decoded, names))
        return ()

    def _rows(self, results: list[Reply]) -> tuple[Row, ...]:
        """The rows of all results."""
        codec, rows = self._wire.codec, list[Row]()
        for result in results:
            if isinstance(result, CopyOut):
                rows.extend((row.decode(codec, "replace").rstrip("\n"),) for row in result.rows)
            elif result.status == _TUPLES:
                value, width = result.get_value, range(result.nfields)
                for row in range(result.ntuples):
                    values = [value(row, column) for column in width]
                    texts = [None if v is None else v.decode(codec, "replace") for v in values]
                    rows.append(tuple(texts))
        return tuple(rows)


def _lines(text: str) -> tuple[Row, ...]:
    """The lines of a text as psql prints them: nothing but a line feed ends one."""
    return tuple((line,) for line in text.removesuffix("\n").split("\n")) if text else ()


def _stops(script: Script) -> bool:
    return script.is_on("ON_ERROR_STOP")


def _alone(statement: Statement) -> bool:
    """Whether a statement cannot go out in a pipeline."""
    return (
        statement.after is not None
        or statement.data is not None
        or ";" in statement.sql.rstrip("; \t\r\n")  # perhaps several statements in one message
    )


def transaction_control(text: str) -> bool:
    """Whether a statement begins, ends or subdivides a transaction."""
    return bool(_CONTROL.match(bare(text)))
