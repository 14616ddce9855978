"""A connection whose close waits for the end of its session.

It has a module of its own because the sources need it without loading the cluster.
"""

from __future__ import annotations

import os
import select
from typing import Any

import psycopg

_LONGEST_WAIT = 100
"""Milliseconds after which the server would look again, too."""


class CloneConnection(psycopg.Connection[Any]):
    """One whose session has ended when ``close`` returns, if it ends within 100 ms.

    It is for a database that is soon cloned or dropped. The server lets nobody do that while a
    session is in it: it looks again every 100 ms. A session lives on for a millisecond or two
    after its client has closed the connection.
    """

    def close(self) -> None:
        """Close it, and wait until the server's process is gone and with it the socket."""
        if self.closed:
            super().close()
            return
        socket = os.dup(self.pgconn.socket)
        try:
            super().close()
            _wait_for_end(socket)
        finally:
            os.close(socket)


def _wait_for_end(socket: int) -> None:
    """Read what the server still says, up to the end of the stream."""
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    try:
        while waiting.poll(_LONGEST_WAIT) and os.read(socket, 4096):
            pass
    except ConnectionError:
        return  # reset by the server, which is an end as well
