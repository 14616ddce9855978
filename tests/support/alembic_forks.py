"""The processes of Alembic projects, as forks of one that has loaded SQLAlchemy.

The harness starts one for each source; loading is most of what it does in a test. What is forked
runs the same code, and is a process of its own like one that was started.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from harness.sources import project_process as process
from tests.support.commands import INTERPRETER, number, shared_fork_server


class Fork:
    """What the harness uses of subprocess.Popen."""

    def __init__(self, command: list[str], cwd: Path, stderr: IO[bytes]) -> None:
        request = {
            "program": "alembic-host",
            "argv": ["-c", *command[4:]],
            "cwd": str(cwd),
            "environ": dict(os.environ),
        }
        theirs, ours = os.pipe(), os.pipe()
        self.stdin = os.fdopen(theirs[1], "w", encoding="utf-8")
        self.stdout = os.fdopen(ours[0], encoding="utf-8")
        stderr.flush()
        self._answer = shared_fork_server("alembic").ask(request, theirs[0], ours[1], stderr)
        os.close(theirs[0])
        os.close(ours[1])
        self.pid = number(self._answer)
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """How it ended; TimeoutExpired where it has not."""
        if self.returncode is None:
            if not select.select([self._answer], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(["alembic"], timeout or 0)
            try:
                self.returncode = number(self._answer)
            except ConnectionError:  # at the end of a run what forked it may be gone before
                self.returncode = -signal.SIGKILL
            os.close(self._answer)
        return self.returncode

    def poll(self) -> int | None:
        """How it ended; None where it has not."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None


def _interpreter() -> dict[str, str]:
    return {name: v for name, v in os.environ.items() if name.startswith(INTERPRETER)}


@contextmanager
def forked() -> Iterator[None]:
    """Have this process fork what the harness would start, but where Python is told otherwise."""
    usual, started = _interpreter(), subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        if _interpreter() != usual or "-c" not in command:  # which are Alembic's
            return started(command, **options)
        return Fork(command, options["cwd"], options["stderr"])

    class Subprocess:
        PIPE, TimeoutExpired, Popen = subprocess.PIPE, subprocess.TimeoutExpired, popen

    process.subprocess = Subprocess  # type: ignore[attr-defined]
    try:
        yield
    finally:
        process.subprocess = subprocess  # type: ignore[attr-defined]
