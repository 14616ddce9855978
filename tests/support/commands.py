"""Commands in forks of one process that has loaded what they load.

A process that loads the harness takes 0.3 to 1.5 s of CPU before it begins, and a fork 0.02 s.
Each worker of a run has one such process, from when it first needs it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from tests.support import fork_server

INTERPRETER = ("PYTHON", "LC_", "LANG")
"""What the names of variables begin with that Python itself reads when it starts."""


class ForkServer:
    """The process, and our end of the socket to it; ``loads`` is one of fork_server.LOADS."""

    def __init__(self, loads: str = "commands") -> None:
        self._lock = threading.Lock()
        self._channel, theirs = socket.socketpair()
        command = [sys.executable, "-P", fork_server.__file__, str(theirs.fileno()), loads]
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()

    def close(self) -> None:
        """End the process."""
        self._channel.close()
        self._process.wait(30)

    def run(
        self,
        argv: Sequence[str],
        cwd: Path,
        environ: Mapping[str, str],
        timeout: float,
        stdin: str = "",
        server: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of ours as ``subprocess.run`` does, with its output as text.

        ``server`` is one that it is lent.
        """
        request = {
            "program": Path(argv[0]).name,
            "argv": list(argv),
            "cwd": str(cwd),
            "environ": dict(environ),
            "server": dict(server) if server else None,
        }
        with ExitStack() as stack:
            given, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
            given.write(stdin.encode())
            given.seek(0)
            answer = self.ask(request, given, out, err)
            stack.callback(os.close, answer)
            pid = number(answer)
            if not select.select([answer], [], [], timeout)[0]:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(argv), timeout, _text(out), _text(err))
            return subprocess.CompletedProcess(list(argv), number(answer), _text(out), _text(err))

    def ask(self, request: Mapping[str, object], *streams: IO[bytes] | int) -> int:
        """Where the process id is read, and later how it ended; several threads may ask at once."""
        body = json.dumps(request).encode()
        head = len(body).to_bytes(fork_server.LENGTH, "big")
        answer, theirs = os.pipe()
        with self._lock:
            numbers = [s if isinstance(s, int) else s.fileno() for s in streams] + [theirs]
            socket.send_fds(self._channel, [head], numbers)
            self._channel.sendall(body)
        os.close(theirs)
        return answer


def number(answer: int) -> int:
    """The next that a fork server says; waits for it."""
    read = os.read(answer, fork_server.LENGTH)
    if not read:
        raise ConnectionError("the process that commands are forked from is gone")
    return int.from_bytes(read, "big", signed=True)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode().replace("\r\n", "\n").replace("\r", "\n")


_SHARED: dict[str, ForkServer] = {}


def shared_fork_server(loads: str = "commands") -> ForkServer:
    """The one of this process, from when it is first asked for."""
    if loads not in _SHARED:
        _SHARED[loads] = ForkServer(loads)
    return _SHARED[loads]


def close_shared() -> None:
    """End those of this process."""
    while _SHARED:
        _SHARED.popitem()[1].close()
