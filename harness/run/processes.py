"""A part of a run in a process of its own, beside this one."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from harness.errors import CannotRun
from harness.results import Group
from harness.run.progress import Progress

Work = Callable[[Progress], None]

_context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


class Died(CannotRun):
    """The process ended without an answer."""


@contextmanager
def beside(work: Work, progress: Progress) -> Iterator[Callable[[], None]]:
    """Begin work that can be pickled; what it tells comes to ``progress`` as it is told.

    What is yielded waits for its end, and raises what the work raised, or Died where its process
    is gone. The process does not outlive the block.
    """
    receiver, sender = _context.Pipe(duplex=False)
    process = _context.Process(target=_work, args=(sender, work))
    process.start()
    sender.close()
    listener = _Listener(receiver, progress)
    thread = threading.Thread(target=listener.listen, daemon=True, name="harness-listener")
    thread.start()

    def wait() -> None:
        thread.join()
        listener.settle()

    try:
        yield wait
    finally:
        process.terminate()
        process.join()
        thread.join()
        receiver.close()


@dataclass
class _Listener:
    """Hands on what a process tells, until it has ended."""

    receiver: Connection
    progress: Progress
    error: Exception | None = None

    def listen(self) -> None:
        """Until the end; what goes wrong comes out in ``settle``."""
        try:
            while (message := self.receiver.recv()) is not None:
                if isinstance(message, Exception):
                    self.error = message
                    return
                name, arguments = message
                getattr(self.progress, name)(*arguments)
        except EOFError:
            self.error = Died("a process of the harness ended without an answer")
        except Exception as error:
            self.error = error

    def settle(self) -> None:
        """Raise what went wrong."""
        if self.error is not None:
            raise self.error


@dataclass(frozen=True, slots=True)
class _Sender:
    """Progress in the other process."""

    sender: Connection
    lock: threading.Lock

    def _tell(self, name: str, *arguments: object) -> None:
        with self.lock:
            self.sender.send((name, arguments))

    def begin(self, step: str) -> None:
        self._tell("begin", step)

    def expect(self, step: str, total: int, noun: str) -> None:
        self._tell("expect", step, total, noun)

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        self._tell("advance", step, done, doing)

    def take(self, group: Group) -> None:
        self._tell("take", group)

    def end(self, step: str, seconds: float) -> None:
        self._tell("end", step, seconds)


def _work(sender: Connection, work: Work) -> None:
    try:
        work(_Sender(sender, threading.Lock()))
        sender.send(None)
    except KeyboardInterrupt:
        return  # whoever waits was interrupted, too
    except Exception as error:
        sender.send(error)
