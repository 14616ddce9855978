"""The signals that end a run, and the exception that each becomes."""

from __future__ import annotations

import _thread
import os
import signal
import time
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_LATER = 0.01
"""Seconds until a signal that came into a finalizer is sent again."""


def interrupt(number: int, frame: FrameType | None) -> None:
    """The handler of a signal: raises KeyboardInterrupt, once it would be heard."""
    if not postponed(number, frame):
        raise KeyboardInterrupt


def postponed(number: int, frame: FrameType | None) -> bool:
    """Whether a signal comes into a finalizer; it is sent again a moment later.

    Python only prints what ``__del__`` raises, so the signal would be lost.
    """
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            # A bare thread: the signal may have come while threading holds its locks.
            _thread.start_new_thread(_again, (number,))
            return True
        frame = frame.f_back
    return False


def _again(number: int) -> None:
    time.sleep(_LATER)
    os.kill(os.getpid(), number)
