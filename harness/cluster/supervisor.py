"""The parent of an ephemeral server: it outlives us just long enough to clean up.

Run as ``python -I -S supervisor.py DIRECTORY UID GID POSTGRES ARGUMENT...`` with a pipe
as standard input whose other end the harness holds. The server is started at the first
byte that comes through it, so that the directory can be filled meanwhile. When the pipe
closes, for whatever reason (a normal stop, an exception, SIGTERM, SIGKILL, a crash), the
server is stopped and DIRECTORY removed. When the server ends, its exit code is written to
standard output.

The file imports nothing of the harness and as little as it can: its start-up time is part
of every run.
"""

import os
import shutil
import signal
import sys
import threading

KILL_AFTER = 5.0
"""Seconds that an immediate shutdown may take before the server is killed."""


def main(directory: str, uid: str, gid: str, *command: str) -> int:
    """Run the server until the harness ends, then stop it and remove its directory."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    if _told_to_start():
        _run(directory, int(uid), int(gid), command)
    shutil.rmtree(directory, ignore_errors=True)
    return 0


def _told_to_start() -> bool:
    """Wait for the harness to have filled the directory; False where it never will."""
    try:
        return bool(os.read(0, 1))
    except SystemExit:
        return False


def _run(directory: str, uid: int, gid: int, command: tuple[str, ...]) -> None:
    server = os.fork()
    if server == 0:
        _become_server(directory, uid, gid, command)
    watcher = threading.Thread(target=_report_exit, args=(server,), daemon=True)
    watcher.start()
    _wait_for_harness()
    _end(server, signal.SIGQUIT, watcher)
    _end(server, signal.SIGKILL, watcher)


def _stop(*_: object) -> None:
    raise SystemExit


def _wait_for_harness() -> None:
    try:
        while os.read(0, 1):
            pass
    except SystemExit:
        pass


def _report_exit(server: int) -> None:
    """Tell the harness, once, that the server is gone; it may not be listening any more."""
    _, status = os.waitpid(server, 0)
    try:
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(status))
    except OSError:
        pass


def _end(server: int, number: int, watcher: threading.Thread) -> None:
    if watcher.is_alive():
        os.kill(server, number)
        watcher.join(KILL_AFTER)


def _become_server(directory: str, uid: int, gid: int, command: tuple[str, ...]) -> None:
    try:
        if uid != os.geteuid():
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        null = os.open(os.devnull, os.O_RDONLY)
        log = os.open(
            os.path.join(directory, "server.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        os.dup2(null, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.execv(command[0], command)
    finally:
        os._exit(126)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
