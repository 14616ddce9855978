"""Work in a process of its own, beside this one."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from harness.errors import CannotRun

T = TypeVar("T")

_context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


class Died(CannotRun):
    """The process ended without an answer."""


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Begin work that can be pickled; what is yielded waits for its result.

    That raises what the work raised, and Died where its process is gone. The process does not
    outlive the block.
    """
    receiver, sender = _context.Pipe(duplex=False)
    process = _context.Process(target=_send, args=(sender, work))
    process.start()
    sender.close()
    try:
        yield lambda: _received(receiver)
    finally:
        process.terminate()
        process.join()
        receiver.close()


def _send(sender: Connection, work: Callable[[], T]) -> None:
    try:
        sender.send((True, work()))
    except KeyboardInterrupt:
        return  # whoever waits was interrupted, too
    except Exception as error:
        sender.send((False, error))


def _received(receiver: Connection) -> Any:
    try:
        succeeded, found = receiver.recv()
    except EOFError:
        raise Died("a process of the harness ended without an answer") from None
    if not succeeded:
        raise found
    return found
