"""Wire: statements out, results in, on one libpq connection.

``send`` puts a statement on its way in pipeline mode, so that the server sees what it would
see from psql without the wait for a round trip in between; ``receive`` gives the oldest
one's results. A statement outside a transaction gets a Sync of its own, which is what ends
its implicit transaction; inside one a Sync makes no difference, and every few statements
share one. ``alone`` sends a statement as a simple query and waits: for COPY FROM STDIN and for
several statements in one message, which a pipeline cannot carry. What a COPY TO STDOUT sends is
taken wherever the server says that it does.
"""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypeAlias

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from harness.core.results import Location

Row = tuple[str | None, ...]


LOST = "08006"
"""The SQLSTATE of a statement whose connection was lost before its answer."""
OF_MACHINE = ("53100", "53200", "53300", "58030", "57P02", "57P03", LOST)
"""The disk is full, memory or connections are used up, a file cannot be read or written, the server
has crashed or is not ready again."""


class GivenUp(psycopg.OperationalError):
    """A connection that we have closed, since nothing else ends what a statement began."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A statement that the server refused, or that did not return in time."""

    message: str
    sqlstate: str = ""
    detail: str = ""
    hint: str = ""
    context: str = ""
    location: Location | None = None
    """The line of the error itself where the server says it, else of the statement."""
    function: str = ""
    """Of the server's source code, where it was raised: in no language, unlike the message."""
    query: str = ""
    """What the server was running: the statement, or a query in a function that it calls."""
    position: int = 0
    """The character of the query that is meant, from 1; 0 where the server does not say."""
    schema: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""
    """What the server says it is about, where it does; names without their schema."""
    statement: str = ""
    """What was sent, in whole."""
    unanswered: bool = False
    """Whether it did not return in time, which says nothing of what it would have done."""

    @property
    def of_machine(self) -> bool:
        """Whether it says nothing of the statement."""
        return self.sqlstate in OF_MACHINE

    def __str__(self) -> str:
        parts = [f"{self.sqlstate}: {self.message}" if self.sqlstate else self.message]
        for label in ("detail", "hint", "context"):
            if text := getattr(self, label):
                parts.append(f"{label.capitalize()}: {text}")
        return "\n".join(parts)


class Answer(NamedTuple):
    """The answer to one item of a script."""

    location: Location
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    notices: tuple[str, ...] = ()
    failure: Failure | None = None
    seconds: float = 0.0
    tells: dict[str, str] | None = None
    """psql's variables that tell of it, where the script asks for any."""
    counted: bool = False
    """Whether it answers the session's own ``count``, and nothing of the script's."""


CANCEL_GRACE = 5.0
"""Seconds that a cancelled statement has to end before its connection is given up."""


SHARE = 16
"""Statements that share a Sync: most of the gain, and few that wait for each other."""

_RUNNING_FOR = """
    SELECT extract(epoch FROM clock_timestamp() - query_start)
    FROM pg_stat_activity WHERE pid = %s AND state = 'active'
"""
_QUERY_CANCELED = b"57014"


@dataclass(slots=True)
class CopyOut:
    """What a COPY TO STDOUT sent, row by row in the form of its options."""

    status: ClassVar[int] = pq.ExecStatus.COPY_OUT
    rows: list[bytes] = field(default_factory=list)


Reply: TypeAlias = PGresult | CopyOut


class Unanswered(Exception):  # noqa: N818  what happened, not what to do
    """A statement that did not return in time and was cancelled."""


class Wire:
    """A connection for scripts. ``timeout`` is in seconds for each statement.

    ``another`` opens one more connection, from which this one can be looked at; at most
    ``share`` statements share a Sync.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        timeout: float,
        another: Callable[[], psycopg.Connection[Any]] | None = None,
        share: int = SHARE,
    ) -> None:
        self._share = share
        self.connection, self.timeout, self._another = connection, timeout, another
        self._pgconn = connection.pgconn
        self._unsynced = 0
        self._cancelled = False
        self._poll = select.poll()
        self._poll.register(self._pgconn.socket)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open and has not failed; only between statements."""
        return self._pgconn.transaction_status == pq.TransactionStatus.INTRANS

    @property
    def lost(self) -> bool:
        """Whether the connection cannot be used any more."""
        return self._pgconn.status != pq.ConnStatus.OK

    @property
    def idle(self) -> bool:
        """Whether no transaction is open; only between statements."""
        return self._pgconn.transaction_status == pq.TransactionStatus.IDLE

    def encoded(self, text: str) -> bytes:
        """Text as the connection's client_encoding has it."""
        return text.encode(self.codec, "replace")

    def decoded(self, value: bytes | None) -> str:
        """Text from the connection's client_encoding."""
        return value.decode(self.codec, "replace") if value else ""

    @property
    def codec(self) -> str:
        """Python's name of the connection's client_encoding, as far as it is still known."""
        if self.lost:
            return "utf-8"
        name = self._pgconn.parameter_status(b"client_encoding") or b"UTF8"
        return "utf-8" if name == b"UTF8" else self.connection.info.encoding

    # --- pipelined ---------------------------------------------------------------------

    def send(self, text: str, sync: bool) -> None:
        """Put a statement on its way; with ``sync`` it may not share a Sync with the next."""
        if self._pgconn.pipeline_status == pq.PipelineStatus.OFF:
            self._pgconn.nonblocking = 1
            self._pgconn.enter_pipeline_mode()
        self._pgconn.send_query_params(self.encoded(text), None)
        self._unsynced += 1
        if sync or self._unsynced >= self._share:
            self.sync()

    def sync(self) -> None:
        """Let the server answer all that is under way."""
        if self._unsynced:
            self._pgconn.pipeline_sync()
            self._unsynced = 0

    def receive(self) -> list[Reply]:
        """Results of the oldest statement under way. Raises Unanswered, OperationalError."""
        results: list[Reply] = []
        self._await(lambda: self._complete(results))
        return self._checked(results)

    def end_pipeline(self) -> None:
        """Back to simple queries; nothing may be under way."""
        if self._pgconn.pipeline_status != pq.PipelineStatus.OFF:
            while self._pgconn.get_result() is not None:
                pass  # the last Sync's own result
            self._pgconn.exit_pipeline_mode()
            self._pgconn.nonblocking = 0

    def _complete(self, results: list[Reply]) -> bool:
        """Take what libpq has of a statement; whether that is all of it."""
        while not self._pgconn.is_busy():
            result = self._pgconn.get_result()
            if result is None:
                if results:
                    return True
            elif result.status == pq.ExecStatus.COPY_OUT:
                if not self._copied(results):
                    return False
            elif result.status == pq.ExecStatus.COPY_IN:
                self.connection.close()  # the statements behind it went as its data
                raise GivenUp("COPY FROM STDIN without data in the script")
            elif result.status != pq.ExecStatus.PIPELINE_SYNC:
                results.append(result)
        return False

    # --- alone -------------------------------------------------------------------------

    def alone(self, text: str, data: bytes | str | None = None) -> list[Reply]:
        """Results of one message, ``data`` for its COPY. Raises as receive does."""
        self._pgconn.send_query(self.encoded(text))
        payload = self.encoded(data) if isinstance(data, str) else data
        results: list[Reply] = []
        self._await(lambda: self._ended(results, payload))
        return self._checked(results)

    def _ended(self, results: list[Reply], data: bytes | None) -> bool:
        while not self._pgconn.is_busy():
            result = self._pgconn.get_result()
            if result is None:
                return True
            if result.status == pq.ExecStatus.COPY_IN:
                self._copy_in(data)
            elif result.status == pq.ExecStatus.COPY_OUT:
                if not self._copied(results):
                    return False
            else:
                results.append(result)
        return False

    def _copy_in(self, data: bytes | None) -> None:
        if data is None:
            self._pgconn.put_copy_end(b"no data follows in the script")
            return
        for start in range(0, len(data), 65_536):
            self._pgconn.put_copy_data(data[start : start + 65_536])
        self._pgconn.put_copy_end()

    def _copied(self, results: list[Reply]) -> bool:
        """Take what has come of a COPY TO STDOUT; whether that is all of it.

        libpq gives the result that says so again and again until the data is taken.
        """
        last = results[-1] if results else None
        if not isinstance(last, CopyOut):
            results.append(last := CopyOut())
        while True:
            length, data = self._pgconn.get_copy_data(1)
            if length < 0:
                return True
            if length == 0:
                return False
            last.rows.append(bytes(data))

    # --- waiting -----------------------------------------------------------------------

    def _await(self, complete: Callable[[], bool]) -> None:
        deadline = 0.0
        while not complete():
            now = time.monotonic()
            deadline = deadline or now + self.timeout
            if self._ready(deadline - now) and now < deadline:
                continue  # what sends without an end has to end, too
            if self._cancelled:
                self.connection.close()
                raise GivenUp("it did not end when it was cancelled")
            left = self._left()
            if left <= 0:
                self._cancel()
            deadline = time.monotonic() + (left if left > 0 else CANCEL_GRACE)

    def _left(self) -> float:
        """Seconds that the statement which the server is at has left.

        Answers of what shares a Sync come together, so that waiting for long says nothing
        of a single statement; the server knows when it began the one it is at.
        """
        if self._another is None:
            return 0.0
        with self._another() as observer:
            row = observer.execute(_RUNNING_FOR, [self._pgconn.backend_pid]).fetchone()
        return self.timeout - float(row[0]) if row else 0.0

    def _checked(self, results: list[Reply]) -> list[Reply]:
        """The results, unless they are the answer to our cancelling of the statement.

        What shares a Sync is answered together, so the statement that was waited for need
        not be the one that did not return.
        """
        if self._cancelled and any(_is_cancelled(result) for result in results):
            self._cancelled = False
            raise Unanswered
        return results

    def _ready(self, seconds: float) -> bool:
        """Write what waits to be written and read what there is; False when time is up."""
        events = select.POLLIN | (select.POLLOUT if self._pgconn.flush() else 0)
        self._poll.modify(self._pgconn.socket, events)
        ready = self._poll.poll(max(0.0, seconds) * 1000)
        if ready:
            self._pgconn.consume_input()
        return bool(ready)

    def _cancel(self) -> None:
        self._cancelled = True
        with contextlib.suppress(psycopg.OperationalError):
            self._pgconn.get_cancel().cancel()


def _is_cancelled(result: Reply) -> bool:
    if isinstance(result, CopyOut):
        return False
    return result.error_field(pq.DiagnosticField.SQLSTATE) == _QUERY_CANCELED


def told_of_connection(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """What psql sets when it has connected. Its own version is that of libpq."""
    info, own = connection.info, pq.version()
    name = f"{own // 10_000}.{own % 10_000}"
    return {
        "DBNAME": info.dbname,
        "USER": info.user,
        "HOST": info.host,
        "PORT": str(info.port),
        "SERVER_VERSION_NAME": info.parameter_status("server_version") or "",
        "SERVER_VERSION_NUM": str(info.server_version),
        "VERSION": f"PostgreSQL {name}",
        "VERSION_NAME": name,
        "VERSION_NUM": str(own),
    }


def told_of_results(results: list[Reply], failure: Failure | None) -> dict[str, str]:
    """What psql sets after every statement."""
    if failure is None:
        last = results[-1] if results else None
        count = None if isinstance(last, CopyOut) or last is None else last.command_tuples
        return {"ERROR": "false", "SQLSTATE": "00000", "ROW_COUNT": str(count or 0)}
    return {
        "ERROR": "true",
        "SQLSTATE": failure.sqlstate,
        "ROW_COUNT": "0",
        "LAST_ERROR_SQLSTATE": failure.sqlstate,
        "LAST_ERROR_MESSAGE": failure.message,
    }


def gset(answer: Answer, prefix: str, variables: dict[str, str]) -> Answer:
    r"""Write the one row of a result into variables, as psql does."""
    if len(answer.rows) != 1:
        count = "more than one row" if answer.rows else "no rows"
        failure = Failure(f"{count} returned for \\gset", location=answer.location)
        variables.update(told_of_results([], Failure("")))  # psql gives no reason either
        return answer._replace(rows=(), failure=failure)
    for name, value in zip(answer.columns, answer.rows[0], strict=True):
        if value is None:
            variables.pop(prefix + name, None)
        else:
            variables[prefix + name] = value
    return answer._replace(rows=())
