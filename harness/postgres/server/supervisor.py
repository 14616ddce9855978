"""The parent of an ephemeral server: it outlives us just long enough to clean up.

Run as ``python -I -S supervisor.py DIRECTORY LOCK DESCRIPTOR UID GID POSTGRES ARGUMENT...`` with a
pipe as standard input whose other end the harness holds. The first line that comes through it
names an initialised data directory: it is copied to DIRECTORY/data, and the server started
on the copy. When the pipe closes, for whatever reason (a normal stop, an exception,
SIGTERM, SIGKILL, a crash), the server is stopped and DIRECTORY removed. When the server
ends, its exit code is written to standard output.

LOCK is the file in DIRECTORY that says that the directory is in use, for as long as DESCRIPTOR is
open. If the supervisor itself is killed, Linux stops the server, and the next run removes the
directory.

Where the harness has written KEEP the server outlives it, until the file MARKER in
DIRECTORY is removed, or for KEPT_FOR seconds.

The file imports nothing of the harness and as little as it can: its start-up time is part
of every run, and so is the copying, which therefore happens here, beside the harness.
"""

import errno
import os
import signal
import sys
import threading
import time

TYPE_CHECKING = False  # to import typing takes longer than all of this
if TYPE_CHECKING:
    from collections.abc import Callable

KILL_AFTER = 5.0
"""Seconds that an immediate shutdown may take before the server is killed."""

KEEP = b"k"
MARKER = "kept"
KEPT_FOR = 86_400.0
"""Seconds that a server is kept at the most."""


FAILED = 126
"""The exit code where the server could not be started for any other reason than these."""
SAID = (errno.EMFILE, errno.EFBIG, errno.ENOSPC, errno.EROFS, errno.EDQUOT)
"""Errors of copying that are the exit code themselves; PostgreSQL's own are 1 and 2."""

_PARENT_DEATH_SIGNAL = 1


def main(directory: str, lock: str, descriptor: str, uid: str, gid: str, *command: str) -> int:
    """Run the server until the harness ends, then stop it and remove its directory."""
    _on_signals(_stop)
    if descriptor:
        os.set_inheritable(int(descriptor), False)  # a server alone is no use of the directory
    guard = _guard()  # while the harness looks for the data directory
    if source := _source():
        _run(directory, lock, source, (int(uid), int(gid)), command, guard)
    _remove(directory, lock)
    return 0


def _source() -> str:
    """The data directory to copy; empty where the harness ends without naming one."""
    line = b""
    try:
        while not line.endswith(b"\n") and (byte := os.read(0, 1)):
            line += byte
    except SystemExit:
        return ""
    return os.fsdecode(line[:-1])


def _run(
    directory: str,
    lock: str,
    source: str,
    owner: tuple[int, int],
    command: tuple[str, ...],
    guard: "Callable[[], None]",
) -> None:
    server = os.fork()
    if server == 0:
        _become_server(directory, source, owner, command, guard)
    watcher = threading.Thread(target=_report_exit, args=(server,), daemon=True)
    watcher.start()
    try:
        if _wait_for_harness():
            _wait_for_marker(os.path.join(directory, MARKER), watcher)
        _on_signals(signal.SIG_IGN)
    except SystemExit:
        pass
    _signal(server, signal.SIGQUIT, watcher)
    _remove(directory, lock)  # beside the server's end: an immediate shutdown writes nothing
    watcher.join(KILL_AFTER)
    _signal(server, signal.SIGKILL, watcher)
    watcher.join(KILL_AFTER)


def _on_signals(handler: "signal._HANDLER") -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, handler)


def _stop(*_: object) -> None:
    _on_signals(signal.SIG_IGN)  # a second one must not keep us from cleaning up
    raise SystemExit


def _wait_for_harness() -> bool:
    """Wait for the harness to end; whether it wants the server kept."""
    keep = False
    while received := os.read(0, 1):
        keep = keep or received == KEEP
    return keep


def _wait_for_marker(marker: str, server: threading.Thread) -> None:
    """Wait until nobody wants the server any more, or it ends by itself."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # whoever reads the harness' output must come to its end
        os.dup2(null, stream)
    until = time.monotonic() + KEPT_FOR
    while os.path.exists(marker) and server.is_alive() and time.monotonic() < until:
        time.sleep(0.2)


def _report_exit(server: int) -> None:
    """Tell the harness, once, that the server is gone; it may not be listening any more."""
    _, status = os.waitpid(server, 0)
    try:
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(status))
    except OSError:
        pass


def _signal(server: int, number: int, watcher: threading.Thread) -> None:
    if watcher.is_alive():
        os.kill(server, number)


def _become_server(
    directory: str,
    source: str,
    owner: tuple[int, int],
    command: tuple[str, ...],
    guard: "Callable[[], None]",
) -> None:
    code = FAILED
    try:
        _on_signals(signal.SIG_DFL)
        other = owner if owner[0] != os.geteuid() else None
        _log_to(os.path.join(directory, "server.log"), other)
        os.umask(0o077)
        _copy(source, os.path.join(directory, "data"), other)
        if other:
            os.setgroups([])
            os.setgid(owner[1])
            os.setuid(owner[0])
        guard()
        os.execv(command[0], command)
    except OSError as error:
        if error.errno in SAID:  # the log may be where nothing can be written
            code = error.errno
        os.write(2, b"%s\n" % str(error).encode())
    except BaseException as error:
        os.write(2, b"%s\n" % str(error).encode())
    finally:
        os._exit(code)


def _guard() -> "Callable[[], None]":
    """What a child calls to have Linux shut it down at once when we are killed.

    It is made here: the server's account may not be able to read what Python has to load for it.
    """
    us = os.getpid()
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):  # another system
        return lambda: None

    def guard() -> None:
        prctl(_PARENT_DEATH_SIGNAL, signal.SIGQUIT)
        if os.getppid() != us:  # we were killed before that
            os._exit(FAILED)

    return guard


def _log_to(path: str, owner: tuple[int, int] | None) -> None:
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if owner:
        os.fchown(log, *owner)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


def _copy(source: str, target: str, owner: tuple[int, int] | None) -> None:
    """Copy a directory of files and directories, which the owner is given."""
    os.mkdir(target)
    if owner:
        os.chown(target, *owner)
    with os.scandir(source) as entries:
        for entry in entries:
            copy = _copy if entry.is_dir() else _copy_file
            copy(entry.path, os.path.join(target, entry.name), owner)


def _copy_file(source: str, target: str, owner: tuple[int, int] | None) -> None:
    given = os.open(source, os.O_RDONLY)
    made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    while chunk := os.read(given, 1 << 20):
        while chunk:  # a disk that is nearly full takes a part
            chunk = chunk[os.write(made, chunk) :]
    if owner:
        os.fchown(made, *owner)
    os.close(given)
    os.close(made)


def _remove(directory: str, lock: str) -> None:
    """Remove a directory and all in it, the lock last; what refuses stays, and so does the lock.

    The server's account can write in there, and we may be root: every name is looked up in a
    directory that is open already, so that no link leads us out, whenever it is made. Databases,
    which are most of it, go first, half of them in a second thread.
    """
    try:
        top = _open(directory)
    except OSError:  # gone, or not the directory that we were given
        return
    databases = _databases(top)
    helper = threading.Thread(target=_empty, args=(databases[::2],))
    helper.start()
    _empty(databases[1::2])
    helper.join()
    for path, directories, names, place in os.fwalk(".", topdown=False, dir_fd=top):
        for name in names:
            if (path, name) != (".", lock):
                _attempt(os.unlink, name, place)
        for name in directories:
            _attempt(os.rmdir, name, place)
            _attempt(os.unlink, name, place)  # it is a link
    if os.listdir(top) == [lock]:
        _attempt(os.unlink, lock, top)
    os.close(top)
    _attempt(os.rmdir, directory, None)


def _open(path: str, parent: "int | None" = None) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)


def _databases(top: int) -> "list[int]":
    """The directories of the databases, open."""
    found = []
    try:
        data = _open("data", top)
        base = _open("base", data)
        for name in os.listdir(base):
            found.append(_open(name, base))
    except OSError:  # what is left goes with the rest
        pass
    return found


def _empty(directories: "list[int]") -> None:
    for place in directories:
        try:
            for name in os.listdir(place):
                os.unlink(name, dir_fd=place)
        except OSError:  # what is left of it goes with the rest
            pass
        os.close(place)


def _attempt(remove, path: str, place: "int | None") -> None:  # type: ignore[no-untyped-def]
    try:
        remove(path, dir_fd=place)
    except OSError:
        pass


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))  # nothing is left to be tidied up, which takes milliseconds
