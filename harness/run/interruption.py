"""SIGINT and SIGTERM during a run: they end what it does, and not what it writes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Interruption:
    """A KeyboardInterrupt for each signal while the run works; while it writes, for the second.

    What swallows the exception on its way (pytest does) does not hide that there was one.
    """

    under_way: Callable[[], tuple[str, ...]]
    """The steps that are being run."""
    steps: tuple[str, ...] | None = None
    """The steps that were interrupted; None while nothing was."""
    late: bool = False
    """Whether there was a signal when the results were being written."""
    _writing: bool = False
    _before: dict[signal.Signals, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Take the signals, but for those that whoever started us wants to be ignored."""
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the signals to whoever had them before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def begin_to_write(self) -> None:
        """From here on the first signal only says that the run ends as interrupted."""
        self._writing = True

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._writing and not self.late:
            self.late = True
            return
        if self.steps is None:
            self.steps = self.under_way()
        raise KeyboardInterrupt
