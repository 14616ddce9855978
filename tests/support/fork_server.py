"""The process that commands are forked from: it has loaded what they load.

A program of its own, without threads. It is told over a socket what to run; the command runs in
a fork that has standard streams, directory, environment and signals as a new process has them.
What Python itself does when it starts is what a fork does not show.
"""

from __future__ import annotations

import array
import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

LIBRARIES = (
    *("psycopg", "psycopg.types.json", "psycopg_binary", "concurrent.futures.thread"),
    *("multiprocessing.connection", "multiprocessing.popen_fork", "xml.etree.ElementTree"),
    *("hypothesis", "hypothesis.strategies", "hypothesis.internal.conjecture.engine"),
    *("sqlfluff", "sqlfluff.api", "sqlfluff.core.linter", "sqlfluff.dialects.dialect_postgres"),
    *("platformdirs", "platformdirs.unix", "regex", "tomllib", "importlib.metadata"),
)
PYTEST = ("pytest", "_pytest.config", "_pytest.assertion.rewrite", "_pytest.terminal")
"""Without its plugins: pytest warns of what was loaded before it could rewrite it."""
WITHOUT = ("harness.server.supervisor", "harness.plugin.executor", "harness.sources.alembic.")
LENGTH = 4


def load() -> None:
    """Import what commands import."""
    import harness

    for name in (*PYTEST, *LIBRARIES):
        importlib.import_module(name)
    for found in pkgutil.walk_packages(harness.__path__, "harness."):
        if not found.name.startswith(WITHOUT):
            importlib.import_module(found.name)


def harness_program() -> NoReturn:
    from harness.cli import program

    program()


def invoke_program() -> int:
    from invoke.main import program

    program.run()
    return 0


def pytest_program() -> int:
    from pytest import console_main

    return int(console_main())


PROGRAMS: dict[str, Callable[[], int]] = {
    "harness": harness_program,
    "invoke": invoke_program,
    "pytest": pytest_program,
}


def become(request: dict[str, Any], streams: list[int]) -> None:
    """Take the streams, the directory, the environment and the name of a new process."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    sys.argv = request["argv"]
    sys.path.insert(0, os.path.dirname(sys.argv[0]))  # noqa: PTH120
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stdout = sys.__stdout__ = _writer(1, "strict")
    sys.stderr = sys.__stderr__ = _writer(2, "backslashreplace")


def _writer(number: int, errors: str) -> io.TextIOWrapper:
    stream = open(number, "wb", buffering=-1, closefd=False)  # noqa: SIM115, PTH123
    return io.TextIOWrapper(stream, "utf-8", errors, line_buffering=number == 2)


def run(program: Callable[[], int]) -> NoReturn:
    """Run a program and end as Python does, without taking every module apart."""
    try:
        code = program()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if code and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next request and its three streams; None where nobody asks any more."""
    head, ancillary, _, _ = channel.recvmsg(LENGTH, socket.CMSG_SPACE(3 * 4))
    if not head:
        return None
    streams = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            streams.frombytes(data)
    wanted, body = int.from_bytes(head, "big"), b""
    while len(body) < wanted:
        body += channel.recv(wanted - len(body))
    return json.loads(body), list(streams)


def serve(channel: socket.socket) -> None:
    """Fork for every request; the answer is its process id, and how it ended."""
    while (received := receive(channel)) is not None:
        request, streams = received
        pid = os.fork()
        if not pid:
            channel.close()
            become(request, streams)
            run(PROGRAMS[request["program"]])
        for stream in streams:
            os.close(stream)
        tell(channel, pid)
        _, status = os.waitpid(pid, 0)
        tell(channel, os.waitstatus_to_exitcode(status))


def tell(channel: socket.socket, number: int) -> None:
    channel.sendall(number.to_bytes(LENGTH, "big", signed=True))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends us
    load()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        serve(channel)
