"""The process that a project's own Python runs in, which is asked one thing at a time."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from harness.core.errors import ConfigError
from harness.core.text import without_password

_END_WITHIN = 2.0
"""Seconds that the process has to end by itself."""
_NOISE = 2000
"""Characters of what a project prints that are shown with a failure: the last ones."""
_IN_URL = re.compile(r"(://[^\s:/@]*:)\S*@")
_IN_DSN = re.compile(r"(?i)(password\s*=\s*)('[^']*'|\"[^\"]*\"|[^\s,)&]+)")


class Process:
    """Python with the project's tool loaded; it ends with this object, and with us."""

    def __init__(
        self,
        tool: str,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._tool = tool
        self._lock = threading.Lock()
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115  closed by _end
        self._running = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._noise,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for us: we end it
        )
        self.close = weakref.finalize(self, _end, self._running, self._noise)

    @property
    def usable(self) -> bool:
        """Whether it still answers."""
        return self.close.alive and self._running.poll() is None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; ``noise`` is what the project printed meanwhile.

        Raises ConfigError where there is none. No text of the answer has a password in it.
        """
        server = request.get("server") or {}
        secret = server.get("password") or server.get("PASSWORD") or ""
        with self._lock:
            before = self._noise.seek(0, os.SEEK_END)
            try:
                line = self._exchange(json.dumps(request))
            except BaseException:  # an answer that nobody waits for would be the next one's
                self.close()
                raise
            noise = self._printed(before)
        answer = json.loads(line) if line else {"ended": self._running.wait()}
        if answer.pop("last", False):  # it ends by itself
            self.close()
        if "ended" in answer:
            status = answer["ended"]
            raise ConfigError(
                _hidden(f"{self._tool} ended with {status}\n{noise}".rstrip(), secret)
            )
        return {**_shown(answer, secret), "noise": _hidden(noise, secret)}

    def _exchange(self, line: str) -> str:
        pipes = self._running
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        try:
            pipes.stdin.write(line + "\n")
            pipes.stdin.flush()
        except BrokenPipeError:
            return ""
        return pipes.stdout.readline()

    def _printed(self, since: int) -> str:
        self._noise.seek(since)
        return self._noise.read().decode("utf-8", "replace")[-_NOISE:].strip()


def _shown(answer: dict[str, Any], secret: str) -> dict[str, Any]:
    failure = answer.get("failure")
    if failure is None:
        return answer
    texts = {name: _hidden(v, secret) if isinstance(v, str) else v for name, v in failure.items()}
    return {"failure": texts}


def _hidden(text: str, secret: str) -> str:
    """The text without what looks like a password, or is ours."""
    text = _IN_DSN.sub(r"\1***", _IN_URL.sub(r"\1***@", text))
    return without_password(text, secret)


def _end(running: subprocess.Popen[str], noise: IO[bytes]) -> None:
    """Close the input, which ends it where it is idle; where it is not, kill it."""
    assert running.stdin is not None
    assert running.stdout is not None
    with suppress(BrokenPipeError):
        running.stdin.close()
    try:
        running.wait(_END_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)  # the fork that works, too
        running.wait()
    running.stdout.close()
    noise.close()
