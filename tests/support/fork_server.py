"""A process that programs are forked from: it has loaded what they load.

A program of its own, without threads. It is told over a socket what to run; the command runs in
a fork that has standard streams, directory, environment and signals as a new process has them.
What Python itself does when it starts is what a fork does not show.
"""

from __future__ import annotations

import array
import atexit
import gc
import importlib
import importlib.util
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

LIBRARIES = (
    *("psycopg", "psycopg.types.json", "psycopg_binary", "concurrent.futures.thread"),
    *("multiprocessing.connection", "multiprocessing.popen_fork", "xml.etree.ElementTree"),
    *("hypothesis", "hypothesis.strategies", "hypothesis.internal.conjecture.engine"),
    *("sqlfluff", "sqlfluff.api", "sqlfluff.core.linter", "sqlfluff.dialects.dialect_postgres"),
    *("platformdirs", "platformdirs.unix", "regex", "tomllib", "importlib.metadata"),
)
BACKEND = (
    *("alembic.config", "alembic.command", "alembic.autogenerate", "alembic.runtime.migration"),
    *("sqlalchemy.dialects.postgresql.psycopg", "sqlmodel", "pydantic_settings", "dotenv"),
)
PYTEST = ("pytest", "_pytest.config", "_pytest.assertion.rewrite", "_pytest.terminal")
"""Without its plugins: pytest warns of what was loaded before it could rewrite it."""
WITHOUT = (
    "harness.postgres.server.supervisor",
    "harness.pytest_plugin.executor",
    "harness.sources.alembic.",
)
LENGTH = 4
TAKEN = "taken"
"""The file in a server's directory that says that a command has taken it."""
SERVER = ("bindir", "versions", "server_user", "settings", "command_tcp", "cache_dir", "temp_dir")
"""What a configuration says of a server that is to be started."""


def load() -> None:
    """Import what commands import."""
    import harness

    for name in (*PYTEST, *LIBRARIES):
        importlib.import_module(name)
    for found in pkgutil.walk_packages(harness.__path__, "harness."):
        if not found.name.startswith(WITHOUT):
            importlib.import_module(found.name)
    draw()


def draw() -> None:
    """Have Hypothesis look for constants in all that is loaded: some draws do, once a process."""
    from hypothesis import strategies

    from harness.rowgen.values import sample

    sample(strategies.text(), 100)


def load_backend() -> None:
    """Import what the backend and its tools import; it is as much as the harness is."""
    for name in BACKEND:
        importlib.import_module(name)


def load_alembic() -> None:
    """Import what the process of an Alembic project imports, and nothing of ours beside it."""
    child = Path(__file__).parents[2] / "harness/sources/alembic"
    sys.path.insert(0, str(child))
    host = importlib.import_module("alembic_child.host")
    del sys.path[0]
    for name in filter(importlib.util.find_spec, host._LIKELY):
        importlib.import_module(name)


LOADS = {"commands": load, "backend": load_backend, "alembic": load_alembic}


def alembic_host_program() -> int:
    del sys.modules["__main__"].__file__  # which would be taken for a file of the project
    os.setsid()
    sys.modules["alembic_child.host"].main()
    return 0


def harness_program() -> NoReturn:
    from harness.cli.main import program

    program()


def invoke_program() -> int:
    from invoke.main import program

    program.run()
    return 0


def pytest_program() -> int:
    import pytest
    from _pytest.assertion.rewrite import AssertionRewritingHook as Hook

    Hook._warn_already_imported = lambda *_: None  # type: ignore[method-assign]  # we have
    return int(pytest.main())


def alembic_program() -> int:
    from alembic.config import main

    main(prog="alembic")
    return 0


def python_program() -> int:
    """``python -c CODE ...`` or ``python SCRIPT ...``."""
    first = sys.argv[1]
    sys.argv = sys.argv[1:]
    if first != "-c":
        sys.path[0] = str(Path(first).resolve().parent)
        runpy.run_path(first, run_name="__main__")
        return 0
    code = sys.argv.pop(1)
    sys.path[0] = ""
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    return 0


PROGRAMS: dict[str, Callable[[], int]] = {
    "harness": harness_program,
    "invoke": invoke_program,
    "pytest": pytest_program,
    "alembic": alembic_program,
    "python": python_program,
    "alembic-host": alembic_host_program,
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
    paths = request["environ"].get("PYTHONPATH", "").split(os.pathsep)
    own = [] if sys.argv[0] == "-c" else [str(Path(sys.argv[0]).parent)]
    sys.path[:0] = [*own, *filter(None, paths)]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.__stdout__ = _writer(1, "strict")
    sys.stderr = sys.__stderr__ = _writer(2, "backslashreplace")


def borrow(terms: dict[str, str]) -> None:
    """Have this process take a server that runs, where it would start one like it; once."""
    from harness.core.config import Config
    from harness.postgres.server import process
    from harness.postgres.server.binaries import Binaries

    class Borrowed(process.ServerProcess):
        """A server that others stop."""

        @property
        def running(self) -> bool:
            return not self._stopped

        def keep(self) -> NoReturn:
            raise NotImplementedError("a command that keeps its server needs one of its own")

        def stop(self) -> None:
            self._stopped = True

    launch, usual, taken = process.launch, Config(), Path(terms["folder"], TAKEN)

    def borrowed(config: Any, preload: Any, choose: Any = None) -> Any:
        alike = all(getattr(config, name) == getattr(usual, name) for name in SERVER)
        if choose or not alike or preload.key != terms["key"] or taken.exists():
            return launch(config, preload, choose)
        taken.touch()
        binaries = Binaries(Path(terms["bindir"]), terms["version"])
        return Borrowed(taken.parent, binaries, 0, None, True, _ready=True)  # type: ignore[arg-type]

    for module in list(sys.modules.values()):
        if getattr(module, "launch", None) is launch:
            module.launch = borrowed  # type: ignore[attr-defined]


def _writer(number: int, errors: str) -> io.TextIOWrapper:
    stream = open(number, "wb", buffering=-1, closefd=False)  # noqa: SIM115
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
    """The next request, its streams and where the answer goes; None where nobody asks any more."""
    head, ancillary, _, _ = channel.recvmsg(LENGTH, socket.CMSG_SPACE(4 * 4))
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


class Server:
    """Forks for every request; what answers it is told its process id, and how it ended."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._running: dict[int, int] = {}
        self._woken, self._wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to be woken

    def serve(self) -> None:
        """Return where nobody asks any more."""
        while True:
            ready, _, _ = select.select([self._channel, self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._reap()
            elif (received := receive(self._channel)) is not None:
                self._fork(*received)
            else:
                return

    def _fork(self, request: dict[str, Any], streams: list[int]) -> None:
        *standard, answer = streams
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in (self._woken, self._wakes, answer, *self._running.values()):
                os.close(number)
            self._channel.close()
            become(request, standard)
            if request.get("server"):
                borrow(request["server"])
            run(PROGRAMS[request["program"]])
        for stream in standard:
            os.close(stream)
        self._running[pid] = answer
        tell(answer, pid)

    def _reap(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            answer = self._running.pop(pid)
            tell(answer, os.waitstatus_to_exitcode(status))
            os.close(answer)


def tell(answer: int, number: int) -> None:
    with suppress(BrokenPipeError):  # nobody waits any more
        os.write(answer, number.to_bytes(LENGTH, "big", signed=True))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends us
    LOADS[sys.argv[2]]()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        Server(channel).serve()
