"""Wire: statements out, results in, on one libpq connection.

``send`` puts a statement on its way in pipeline mode, so that the server sees what it would
see from psql without the wait for a round trip in between; ``receive`` gives the oldest
one's results. A statement outside a transaction gets a Sync of its own, which is what ends
its implicit transaction; inside one a Sync makes no difference, and every few statements
share one. ``alone`` sends a statement as a simple query and waits: for COPY and for several
statements in one message, which a pipeline cannot carry.
"""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

CANCEL_GRACE = 5.0
"""Seconds that a cancelled statement has to end before its connection is given up."""


SHARE = 16
"""Statements that share a Sync: most of the gain, and few that wait for each other."""

_RUNNING_FOR = """
    SELECT extract(epoch FROM clock_timestamp() - query_start)
    FROM pg_stat_activity WHERE pid = %s AND state = 'active'
"""
_QUERY_CANCELED = b"57014"


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
        """Python's name of the connection's client_encoding."""
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

    def receive(self) -> list[PGresult]:
        """Results of the oldest statement under way. Raises Unanswered, OperationalError."""
        results: list[PGresult] = []
        self._await(lambda: self._complete(results))
        return self._checked(results)

    def end_pipeline(self) -> None:
        """Back to simple queries; nothing may be under way."""
        if self._pgconn.pipeline_status != pq.PipelineStatus.OFF:
            while self._pgconn.get_result() is not None:
                pass  # the last Sync's own result
            self._pgconn.exit_pipeline_mode()
            self._pgconn.nonblocking = 0

    def _complete(self, results: list[PGresult]) -> bool:
        """Take what libpq has of a statement; whether that is all of it."""
        while not self._pgconn.is_busy():
            result = self._pgconn.get_result()
            if result is None:
                if results:
                    return True
            elif result.status != pq.ExecStatus.PIPELINE_SYNC:
                results.append(result)
        return False

    # --- alone -------------------------------------------------------------------------

    def alone(self, text: str, data: bytes | str | None = None) -> list[PGresult]:
        """Results of one message, ``data`` for its COPY. Raises as receive does."""
        self._pgconn.send_query(self.encoded(text))
        payload = self.encoded(data) if isinstance(data, str) else data
        results: list[PGresult] = []
        self._await(lambda: self._ended(results, payload))
        return self._checked(results)

    def _ended(self, results: list[PGresult], data: bytes | None) -> bool:
        while not self._pgconn.is_busy():
            result = self._pgconn.get_result()
            if result is None:
                return True
            if result.status == pq.ExecStatus.COPY_IN:
                self._copy_in(data)
            elif result.status == pq.ExecStatus.COPY_OUT:
                self._copy_out()
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

    def _copy_out(self) -> None:
        while self._pgconn.get_copy_data(0)[0] > 0:
            pass

    # --- waiting -----------------------------------------------------------------------

    def _await(self, complete: Callable[[], bool]) -> None:
        deadline = 0.0
        while not complete():
            deadline = deadline or time.monotonic() + self.timeout
            if self._ready(deadline - time.monotonic()):
                continue
            if self._cancelled:
                self.connection.close()
                raise psycopg.OperationalError("it did not end when it was cancelled")
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

    def _checked(self, results: list[PGresult]) -> list[PGresult]:
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


def _is_cancelled(result: PGresult) -> bool:
    return result.error_field(pq.DiagnosticField.SQLSTATE) == _QUERY_CANCELED
