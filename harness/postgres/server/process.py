"""ServerProcess: an ephemeral server below its supervisor."""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.core import scratch
from harness.core.config import Config
from harness.core.errors import ConfigError, ServerError
from harness.core.scratch import Scratch
from harness.postgres import standins
from harness.postgres.server import datadir, supervisor
from harness.postgres.server.binaries import (
    Account,
    Binaries,
    environment,
    find,
    open_to_all,
    server_account,
)
from harness.postgres.server.cache import Cache, key
from harness.postgres.server.datadir import Preload

PORT = 5432
"""Only part of the socket's file name: the socket is alone in a private directory."""

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    # In the data directory, so that a server that is killed leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    # A clone must be byte for byte what its template is, and plans must not change between runs.
    "autovacuum": "off",
    "jit": "off",
}
PRIVATE = {"listen_addresses": "", "unix_socket_permissions": "0700"}
REPEATABLE = {"timezone": "UTC", "lc_messages": "C", "max_connections": "200"}
POLL = 0.002
"""Seconds between two looks at whether it has started."""
START_TIMEOUT = 60
STOP_TIMEOUT = 15


_SERIOUS = re.compile(
    r".*?(?:LOG:  .* was terminated by (?:signal|exception)|PANIC:"
    # A relative path is one of the server's own files, and no file of a COPY.
    r"|(?:ERROR|FATAL|LOG|WARNING):  could not [^\"\n]*\"[^/\"\n][^\"\n]*\": "
    r"(?:No space left on device|Disk quota exceeded|Read-only file system|File too large"
    r"|Too many open files|Input/output error)|(?:ERROR|FATAL):  out of (?:shared )?memory$)"
)
"""A line of a server's log that says that the machine, and not a statement, is at fault."""
_SUSPECT = re.compile(rb":  (?:could not |out of )|PANIC:| was terminated by ")
"""What each such line holds, and few others do: a log of megabytes is searched for it first."""
_ALL: list[ServerProcess] = []
"""The servers of this process that are not stopped; a fork has those of the process before it."""

REMEDIES = {
    "No space left on device|Disk quota exceeded": "{place} is full: free some of it, or name"
    " another directory with temp_dir in pyproject.toml or HARNESS_TEMP_DIR",
    "Read-only file system": "{place} cannot be written: name another directory with temp_dir in"
    " pyproject.toml or HARNESS_TEMP_DIR",
    "File too large": "the limit of file sizes is too low: ulimit -f unlimited",
    "Too many open files|insufficient file descriptors": "the limit of open files is too low:"
    " ulimit -n 1024",
    "Cannot allocate memory|could not (?:map anonymous|create) shared memory|out of memory": "the"
    " limit of memory is too low: ulimit -v unlimited, or a larger container",
}
"""What the log of a server that did not start says -> what can be done about it."""


@dataclass
class ServerProcess:
    """A server in ``folder``, a directory of its own, gone with us whatever happens to us.

    It may not answer yet: ``wait`` returns when it does.
    """

    folder: Path
    binaries: Binaries
    deadline: float
    """When it must answer, as time.monotonic() counts."""
    supervisor: subprocess.Popen[bytes]
    has_library: bool
    port: int = PORT
    stored: str = ""
    """The database that it has from its start beside the base, if there is one."""
    _exit_code: int = 0
    _log_read: int = 0
    """Bytes of the log that have been searched."""
    _serious: dict[str, None] = field(default_factory=dict)
    """The lines that were found there, in their order."""
    _ready: bool = False
    _over: bool = False
    _kept: bool = False
    _stopped: bool = False

    @property
    def datadir(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "server.log"

    @property
    def running(self) -> bool:
        """Whether the supervisor, and so the server's directory, is still there."""
        return not self._stopped and self.supervisor.poll() is None

    def wait(self) -> None:
        """Return when it takes connections; ServerError with its log's tail where it never will."""
        while not (self._ready or self._says_ready()):
            if self._ended or time.monotonic() > self.deadline:
                raise ServerError(f"the PostgreSQL server did not start:\n{self._reason()}")
            time.sleep(POLL)
        self._ready = True

    def _says_ready(self) -> bool:
        """What pg_ctl waits for, too: the eighth line of its lock file."""
        try:
            lines = (self.datadir / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].startswith("ready")

    @property
    def _ended(self) -> bool:
        """Whether the server is gone, as the supervisor reports it."""
        assert self.supervisor.stdout is not None
        os.set_blocking(self.supervisor.stdout.fileno(), False)
        said = self.supervisor.stdout.read() or self.supervisor.poll() is not None
        if isinstance(said, bytes) and said.strip().isdigit():
            self._exit_code = int(said)
        self._over = self._over or bool(said)  # it says so once
        return self._over

    def trouble(self) -> str:
        """What has befallen a server that was in use, with what can be done about it."""
        if not self._ready:
            return ""
        self._search_log()
        found = list(self._serious)[-3:]
        if not self._is_there():
            found.append(f"the PostgreSQL server in {self.folder} has ended")
        return self._with_remedies("\n".join(found))

    def _search_log(self) -> None:
        """Search what the log has got since the last time: it grows with each refused statement."""
        begin = self._log_read
        try:
            with self.log.open("rb") as file:
                file.seek(begin)
                text = file.read()
        except OSError:
            return
        for suspect in _SUSPECT.finditer(text):
            start = text.rfind(b"\n", 0, suspect.start()) + 1
            end = text.find(b"\n", suspect.end())
            line = text[start : end if end >= 0 else len(text)].decode("utf-8", "replace")
            if _SERIOUS.match(line):
                self._serious[line] = None
        self._log_read = begin + text.rfind(b"\n") + 1  # a line without its end is read again

    def _is_there(self) -> bool:
        try:
            os.kill(int((self.datadir / "postmaster.pid").read_text().split()[0]), 0)
        except PermissionError:
            return True
        except (OSError, ValueError, IndexError):
            return False
        return True

    def _reason(self) -> str:
        """The end of the log, and what can be done about it where that is known."""
        text = self.log_tail()
        if self._exit_code in supervisor.SAID and os.strerror(self._exit_code) not in text:
            text = "\n".join(filter(None, [text, os.strerror(self._exit_code)]))
        return self._with_remedies(text)

    def _with_remedies(self, text: str) -> str:
        remedies = (remedy for cause, remedy in REMEDIES.items() if re.search(cause, text))
        return "\n".join([text, *(one.format(place=self.folder.parent) for one in remedies)])

    def keep(self) -> None:
        """Let the server outlive us, until ``supervisor.MARKER`` in its folder is removed.

        Raises ServerError where it is gone already.
        """
        try:
            # The folder is the server's: a link that it made there must not lead us elsewhere.
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
            os.close(os.open(self.folder / supervisor.MARKER, flags, 0o600))
            _tell(self.supervisor, supervisor.KEEP)
        except OSError as error:
            raise ServerError(f"cannot keep the server: {error.strerror}") from None
        self._kept = True

    def stop(self) -> None:
        """Stop at once and remove everything, unless the server is to be kept."""
        if self._stopped:
            return
        self._stopped, process = True, self.supervisor
        with contextlib.suppress(ValueError):
            _ALL.remove(self)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        _read_to_end(process.stdout.fileno(), STOP_TIMEOUT)
        process.stdout.close()
        if self._kept:  # whoever outlives a child has to wait for it
            threading.Thread(target=process.wait, daemon=True).start()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT)
        if process.returncode:  # somebody has killed it, and the server with it
            scratch.remove(self.folder)

    def log_tail(self, lines: int = 15) -> str:
        """The end of the server's log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:])


def trouble() -> str:
    """What has befallen the servers that are in use; empty where nothing has."""
    return "\n".join(filter(None, (server.trouble() for server in list(_ALL))))


Choose = Callable[[Path, Binaries, Cache], tuple[Path, str]]
"""``choose(base, binaries, cache)``: the data directory to be copied, that of the base or one with
more, and the database that it has then."""


def launch(config: Config, preload: Preload, choose: Choose | None = None) -> ServerProcess:
    """Start an ephemeral server, without waiting for it to answer.

    ``preload`` is what it has from the beginning. Raises ConfigError or ServerError.
    """
    account, cache = server_account(config.server_user), Cache(config.cache_dir)
    found = _binaries(config, account, cache)
    extensions = _extensions(preload, found, cache)
    made = datadir.directory(config.temp_dir, account)
    folder = made.path
    try:
        if not datadir.reachable(cache.root, account):
            extensions = [_copied(place, folder) for place in extensions]
        port, private = _address(config, folder)
    except BaseException as error:
        scratch.remove(folder)
        made.release()
        if isinstance(error, OSError):
            raise ConfigError(f"temp_dir: cannot write to {folder}: {error.strerror}") from None
        raise
    settings = {**_found_there(extensions), **config.settings, **private}
    process = _supervised(made, _command(made, found, account, port, settings))
    deadline = time.monotonic() + START_TIMEOUT
    server = ServerProcess(folder, found, deadline, process, bool(preload.key), port)
    _ALL.append(server)
    try:
        datadir.own(folder, account)
        base = datadir.prepared(folder, found, account, cache, preload)
        data, server.stored = choose(base, found, cache) if choose is not None else (base, "")
        _tell(process, os.fsencode(data) + b"\n")
    except BaseException:
        server.stop()
        raise
    return server


def _binaries(config: Config, account: Account, cache: Cache) -> Binaries:
    """The programs that a configuration asks for. Raises ConfigError, ServerError."""
    found = find(config.bindir, account, cache)
    if config.bindir or not config.versions or found.major == config.versions[0]:
        return found
    from harness.postgres.server import builds  # late: few runs ask for a version

    return find(builds.of_version(config.versions[0], cache), account, cache)


def _address(config: Config, folder: Path) -> tuple[int, dict[str, str]]:
    """The port, and the settings that say who can reach the server."""
    if not config.command_tcp:
        return PORT, PRIVATE
    from harness.postgres.server import address  # late: few schemas need it

    port = address.free_port()
    return port, {**PRIVATE, **address.open_port(folder, port)}


def _extensions(preload: Preload, found: Binaries, cache: Cache) -> list[Path]:
    """Directories in which the server finds extensions: ours, then stand-ins for the others'."""
    if found.major < 18:
        return []
    places = [_kept(cache, "standins", standins.fingerprint(), standins.control_files)]
    if preload.key:
        places.insert(0, _kept(cache, "extension", preload.key, preload.extension))
    return places


def _copied(place: Path, folder: Path) -> Path:
    """A directory of the cache in that of the server, whose account cannot enter the cache."""
    target = folder / place.name
    (target / "extension").mkdir(parents=True)
    for file in (place / "extension").iterdir():
        (target / "extension" / file.name).write_bytes(file.read_bytes())
    return target


def _found_there(extensions: list[Path]) -> dict[str, str]:
    """The setting that names those directories; the server's own extensions outdo stand-ins."""
    if not extensions:
        return {}
    *ours, others = map(str, extensions)
    return {"extension_control_path": ":".join([*ours, "$system", others])}


def _kept(cache: Cache, what: str, which: str, files: Callable[[], Mapping[str, str]]) -> Path:
    """A directory in the cache with the files of extensions."""

    def build(staging: Path) -> None:
        (staging / "extension").mkdir()
        for name, text in files().items():
            (staging / "extension" / name).write_text(text, encoding="utf-8")
        open_to_all(staging)

    return cache.entry(f"{what}-{key(which)}", build)


def _supervised(made: Scratch, command: list[str]) -> subprocess.Popen[bytes]:
    """The supervisor, which waits to be told the data directory, and keeps the lock."""
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
            env=environment(),
            pass_fds=() if made.lock is None else (made.lock,),
        )
    except BaseException:
        scratch.remove(made.path)
        raise
    finally:
        made.release()


def _command(
    made: Scratch, found: Binaries, account: Account, port: int, settings: Mapping[str, str]
) -> list[str]:
    folder, lock = made.path, "" if made.lock is None else str(made.lock)
    ours = {**FAST, **REPEATABLE, **settings, "unix_socket_directories": str(folder)}
    options = [part for name, value in ours.items() for part in ("-c", f"{name}={value}")]
    postgres = [found.program("postgres"), "-D", str(folder / "data"), "-p", str(port)]
    python = [sys.executable, "-I", "-S", supervisor.__file__]
    places = [str(folder), scratch.LOCK, lock]
    return [*python, *places, str(account.uid), str(account.gid), *postgres, *options]


def _tell(process: subprocess.Popen[bytes], message: bytes) -> None:
    """Send the supervisor a message. Raises ServerError where it is gone."""
    assert process.stdin is not None
    try:
        os.write(process.stdin.fileno(), message)  # a buffer would be written again on close
    except BrokenPipeError:
        raise ServerError(
            "the process that starts the PostgreSQL server was ended from outside, perhaps because"
            " memory ran out: run again"
        ) from None


def _read_to_end(descriptor: int, seconds: float) -> None:
    """Wait for the other end of a pipe to close: Popen.wait with a timeout would poll."""
    os.set_blocking(descriptor, False)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            continue
        with contextlib.suppress(BlockingIOError):  # who waits for the server was faster
            if not os.read(descriptor, 4096):
                return
