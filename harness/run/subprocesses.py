"""A part of a run in a process of its own, beside this one."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from harness.core.errors import CannotRun, HarnessError
from harness.core.results import Group
from harness.core.signals import SIGNALS, postponed
from harness.run.progress import Progress, shown

PATIENCE = 20.0
"""Seconds that a process which is to end may take before it is killed."""

Work = Callable[[Progress], None]

_context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


class Died(CannotRun):
    """The process ended without an answer."""


class RemoteTraceback(Exception):  # noqa: N818  only ever a cause
    """The traceback of an exception, as text, from the process that it was raised in."""


@contextmanager
def beside(work: Work, progress: Progress) -> Iterator[Callable[[], None]]:
    """Begin work that can be pickled; what it tells comes to ``progress`` as it is told.

    What is yielded waits for its end, and raises what the work raised, or Died where its process
    is gone. The process does not outlive the block.
    """
    receiver, sender = _context.Pipe(duplex=False)
    process = _context.Process(target=_work, args=(sender, work))
    with _blocked():  # until the process has handlers of its own
        process.start()
    sender.close()
    listener = _Listener(receiver, progress)
    thread = threading.Thread(target=listener.listen, daemon=True, name="harness-listener")
    thread.start()

    def wait() -> None:
        thread.join()
        if isinstance(listener.error, EOFError):
            process.join()
            listener.error = Died(f"a process of the harness {_ended(process.exitcode)}")
        listener.settle()

    try:
        yield wait
    finally:
        if listener.ended:  # it is about to end by itself, and a signal would be in its way
            process.join(PATIENCE)
        process.terminate()
        process.join(PATIENCE)
        process.kill()
        process.join()
        thread.join()
        receiver.close()


def _ended(code: int) -> str:
    """``was ended by SIGKILL``: what ended a process that did not say so itself."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}, perhaps because memory ran out"
    return f"ended without an answer, with exit code {code}"


@dataclass
class _Listener:
    """Hands on what a process tells, until it has ended."""

    receiver: Connection
    progress: Progress
    error: Exception | None = None
    ended: bool = False
    """Whether it has told all that it had to tell."""

    def listen(self) -> None:
        """Until the end; what goes wrong comes out in ``settle``."""
        try:
            while (message := self.receiver.recv()) is not None:
                if isinstance(message, _Raised):
                    self.ended = True
                    self.error = message.exception
                    self.error.__cause__ = RemoteTraceback(message.traceback)
                    return
                name, arguments = message
                getattr(self.progress, name)(*arguments)
            self.ended = True
        except Exception as error:  # an EOFError where nothing more comes
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


@dataclass(frozen=True, slots=True)
class _Raised:
    """What the work raised."""

    exception: Exception
    traceback: str

    @classmethod
    def of(cls, error: Exception) -> _Raised:
        """The exception, or one of its kind where it cannot travel."""
        said = "".join(traceback.format_exception(error))
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301  what we have just made of it
        except Exception:
            kind = CannotRun if isinstance(error, HarnessError) else RuntimeError
            return cls(kind(f"{error}" if kind is CannotRun else f"{error!r}"), said)
        return cls(error, said)


@contextmanager
def _blocked() -> Iterator[None]:
    """Keep signals waiting for the length of a block, here and in a process that begins in it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(sender: Connection, work: Work) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    with suppress(BrokenPipeError):  # nobody listens any more
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            work(_Sender(sender, threading.Lock()))
            sender.send(None)
        except KeyboardInterrupt:
            return  # whoever waits was interrupted, too
        except BrokenPipeError:
            raise
        except Exception as error:
            sender.send(_Raised.of(shown(error) or error))
        finally:
            _unheard()


def _end(number: int, frame: FrameType | None) -> None:
    """End, once: the terminal's signal and our parent's must not cut our clean-up short."""
    if postponed(number, frame):
        return
    _unheard()
    raise KeyboardInterrupt


def _unheard() -> None:
    """From now on signals do nothing.

    SIG_IGN would have Python complain of one that has come and waits for its handler.
    """
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
