"""An initialised data directory, from the cache.

``initdb`` takes most of a second, a copy of what it makes a twentieth. The cached
directory also holds the database BASE with the assertion library installed, so that
the library costs a run nothing.

The copy lies in memory where there is enough of it: a clone of a template is some 230 small
files. A file system in memory makes them in a few milliseconds; a disk can take a hundred times
as long while others use it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.core import scratch
from harness.core.errors import ConfigError, ServerError
from harness.core.scratch import Scratch
from harness.postgres.server.binaries import Account, Binaries, environment
from harness.postgres.server.cache import Cache, key

MEMORY = Path("/dev/shm")  # noqa: S108  its permissions are those of /tmp
ENOUGH = 2 << 30
"""Bytes that must be free in memory; containers often have 64 MB."""

LONGEST = 80
"""Bytes of a directory's path, so that a socket in it stays below 103."""


def directory(configured: Path | None, account: Account) -> Scratch:
    """A new directory for a server, private to the account.

    What killed runs have left there is removed. Raises ConfigError where the configured place
    cannot be used.
    """
    parent = configured or _default(account)
    for place in {parent, _temporary() or parent}:
        scratch.sweep(place, {account.uid})
    try:
        made = scratch.make("", parent)
    except OSError as error:
        raise ConfigError(f"temp_dir: cannot write to {parent}: {error.strerror}") from None
    if len(os.fsencode(made.path)) > LONGEST or not reachable(parent, account):
        scratch.remove(made.path)
        made.release()
        raise ConfigError(f"temp_dir: {parent} is too long, or closed to account {account.name!r}")
    return made


def _default(account: Account) -> Path:
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK)
    if usable and shutil.disk_usage(MEMORY).free >= ENOUGH:
        return MEMORY
    disk = scratch.temporary()
    short = len(os.fsencode(disk)) <= LONGEST - len("/harness-xxxxxxxx")
    return disk if short and reachable(disk, account) else Path("/tmp")  # noqa: S108


def _temporary() -> Path | None:
    """Where temporary files are; None where there is no such place, which others need."""
    with suppress(ConfigError):
        return scratch.temporary()
    return None


def reachable(folder: Path, account: Account) -> bool:
    """Whether the account can enter a directory; ours may be closed to all but us."""
    if account.uid == os.geteuid():
        return True
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


@dataclass(frozen=True, slots=True)
class Preload:
    """SQL for the base database, and extensions for CREATE EXTENSION to find (18 and later).

    ``key`` changes whenever they do: they are only asked for where the cache lacks them.
    """

    key: str = ""
    sql: Callable[[], str] = str
    extension: Callable[[], Mapping[str, str]] = dict
    """File name -> content of control files and scripts."""


SUPERUSER = "postgres"
BASE = "harness_base"
"""The database that every template is cloned from: empty but for the assertion library."""

FORMAT = 4
"""Part of the cache key: raise it when this file builds something else than before."""

MAPS = shutil.ignore_patterns("*_fsm", "*_vm")
"""Maps of free space and of what is visible to all: a fourth of the files of a database.

PostgreSQL does without them, and makes them anew for a table that wants one.
"""


def prepared(
    folder: Path, binaries: Binaries, account: Account, cache: Cache, preload: Preload
) -> Path:
    """A data directory to be copied, from the cache.

    On the first use of these binaries and this library it is initialised in ``folder``,
    which the account owns.
    """
    options = _initdb_options(binaries.major)
    name = f"data-{binaries.version}-{key(FORMAT, binaries.bindir, *options, preload.key)}"

    def build(staging: Path) -> None:
        _initialise(staging / "data", folder, binaries, account, preload.sql())

    return cache.entry(name, build) / "data"


def _initdb_options(major: int) -> list[str]:
    options = ["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-sync"]
    options += ["--no-instructions", "--wal-segsize=1"]  # a sixteenth of the log to copy
    if major >= 17:  # the same collation on every platform, without asking the C library
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    elif sys.platform == "darwin":
        options += ["--locale=en_US.UTF-8"]
    else:
        options += ["--locale=C.UTF-8"]
    return [*options, "--no-data-checksums"] if major >= 18 else options


def _initialise(
    target: Path, folder: Path, binaries: Binaries, account: Account, library: str
) -> None:
    """Run initdb as the account in a directory that is its own, then take the result over."""
    _refuse_unnamed(account)
    data = folder / "init"
    command = [binaries.program("initdb"), "-D", str(data), *_initdb_options(binaries.major)]
    _run(command, account, "", "initdb")
    _single_user(data, binaries, account, "postgres", f"CREATE DATABASE {BASE};")
    if library:
        _single_user(data, binaries, account, BASE, library)
    shutil.copytree(data, target, symlinks=True, ignore=MAPS)
    shutil.rmtree(data)


def _refuse_unnamed(account: Account) -> None:
    """ServerError where initdb would refuse to run: it asks for the name of its account."""
    try:
        pwd.getpwuid(account.uid)
    except KeyError:
        raise ServerError(
            f"the user id {account.uid} has no name, and PostgreSQL's initdb needs one: add a line"
            " for it to /etc/passwd, run as another user (docker --user, runAsUser), or name a"
            " running server with --server"
        ) from None


def _single_user(data: Path, binaries: Binaries, account: Account, db: str, script: str) -> None:
    """Run SQL without a server process that could be left behind.

    With -j a statement ends at a semicolon and an empty line, so a script without empty
    lines is one message.
    """
    command = [binaries.program("postgres"), "--single", "-j", "-F", "-D", str(data)]
    command += ["-c", "min_wal_size=2MB", "-c", "max_wal_size=2MB", db]  # no log kept for later use
    one_message = "\n".join(line for line in script.splitlines() if line.strip())
    errors = _run(command, account, one_message + "\n\n", "postgres --single")
    if "ERROR:" in errors or "FATAL:" in errors:
        raise ServerError(f"preparing database {db} failed:\n{errors.strip()}")


def _run(command: list[str], account: Account, stdin: str, what: str) -> str:
    """Run a program as the account; its standard error, or ServerError with it."""
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment(),
        **account.popen,
    )
    if done.returncode != 0:
        raise ServerError(f"{what} failed with exit code {done.returncode}:\n{done.stderr.strip()}")
    return str(done.stderr)


def own(folder: Path, account: Account) -> None:
    """Give a directory of ours, and all in it, to the account."""
    if account.uid == os.geteuid():
        return
    for path, _, names in os.walk(folder):
        for name in (".", *names):
            os.chown(os.path.join(path, name), account.uid, account.gid, follow_symlinks=False)  # noqa: PTH118
