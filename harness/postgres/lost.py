"""A server that is lost, or that the machine gives too little: no verdict on what is tested."""

from __future__ import annotations

import os

import psycopg

from harness.core.errors import ServerError
from harness.postgres.server.process import trouble
from harness.postgres.session.wire import OF_MACHINE

_SHUT_DOWN = "57P01"
_REMEDIES = {
    "53100": "make room on the server's disk",
    "53200": "give the server more memory, or a higher max_locks_per_transaction",
    "53300": "give the server more connections (max_connections), or run with --jobs 1",
}


def server_fault(error: BaseException) -> ServerError | None:
    """The error to show for one that a lost or starved server has caused; None for any other."""
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate
    unsaid = isinstance(error, psycopg.OperationalError) and state is None
    if not (unsaid or state == _SHUT_DOWN or state in OF_MACHINE):
        return None
    said = str(error).strip().split("\n")[0]
    what = said if state in _REMEDIES else f"no connection to the PostgreSQL server: {said}"
    reason = trouble() or _REMEDIES.get(state or "", "")
    if unsaid and "PGSERVICE" in os.environ:  # libpq cannot be told to read none
        reason = "\n".join(filter(None, [reason, "PGSERVICE is set: unset it for the harness"]))
    return ServerError("\n".join(filter(None, [what, reason])))
