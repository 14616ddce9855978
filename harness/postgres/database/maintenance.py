"""Connections to the maintenance database: one for each thread, shared with nobody.

libpq forbids two threads on one connection, and closing counts: a connection that one thread
closes while another waits on it takes the process down. So ``close`` closes only what nobody
is using, without waiting; the thread that is using one closes it when it is done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg


@dataclass(slots=True)
class _Kept:
    connection: psycopg.Connection[Any]
    in_use: threading.Lock = field(default_factory=threading.Lock)
    blocks: int = 0
    """How many nested blocks use it."""


@dataclass(slots=True)
class Maintenance:
    """The connections of a process, opened when a thread first asks for one."""

    _mine: threading.local = field(default_factory=threading.local)
    _opened: list[_Kept] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def connection(
        self, connect: Callable[[], psycopg.Connection[Any]]
    ) -> Iterator[psycopg.Connection[Any]]:
        """The current thread's connection; ``connect`` opens the one that nested blocks share."""
        kept: _Kept | None = getattr(self._mine, "kept", None)
        if kept is None or kept.connection.closed:
            kept = self._mine.kept = _Kept(connect())
            self._opened.append(kept)
        if kept.blocks == 0:
            kept.in_use.acquire()
        kept.blocks += 1
        try:
            yield kept.connection
        finally:
            kept.blocks -= 1
            if kept.blocks == 0:
                kept.in_use.release()
                if self._ended.is_set():  # asked after the release, so that one of us sees it
                    _close(kept)

    def close(self) -> None:
        """Close the connections; one that is in use is closed by the thread that uses it."""
        self._ended.set()
        for kept in self._opened:
            _close(kept)


def _close(kept: _Kept) -> None:
    if kept.in_use.acquire(blocking=False):
        try:
            kept.connection.close()
        finally:
            kept.in_use.release()
